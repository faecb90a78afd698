import { randomUUID } from "node:crypto";
import { cartView } from "../../../src/contracts/cart.ts";
import type { ApiResult } from "./api.ts";
import type { CartView } from "./books.ts";
import { changeCartFault, confirmCartFault, openCartFault } from "./cart-verdicts.ts";
import { notePayment, orGivenUp } from "./reservation-calls.ts";
import type { Action, Shopper } from "./shopper.ts";

// Calls about carts. Each notes in the books what it was told, and judges the answer.

export async function openCart(
  shopper: Shopper,
  skus: string[],
  mode: CartView["mode"] = "all_or_nothing",
  key: string = randomUUID(),
  once = false,
): Promise<ApiResult<CartView>> {
  const { name: customer, world } = shopper;
  const { books, sale } = world;
  const body = { mode, lines: skus.map((sku) => ({ sku, quantity: 1 })) };
  const post = () => shopper.post("cart", "/v1/carts", body, cartView, { key, once, ended: () => "held" });
  const [answer, units] = await shopper.claiming(skus, 1, post);
  const fault = openCartFault(answer, { sale, customer, skus, mode, units });
  shopper.judge(`a cart of ${skus.join(", ")}`, answer, fault);
  const span = sale.clock.span(answer);
  if (answer.ok) {
    shopper.claims.cart(books.tellCart(answer.body, span.to));
    books.cartsByKey.set(key, (books.cartsByKey.get(key) ?? new Set()).add(answer.body.id));
  }
  const lines = answer.ok ? answer.body.lines : ((answer.problem.lines ?? []) as CartView["lines"]);
  const isFirst = !(answer.ok && answer.replayed) && !books.refusedCartKeys.has(key);
  for (const { sku, quantity, problem } of lines) {
    // Where only other tries stood in the way, a line's last try is no refusal of the SKU's.
    if (problem !== null) books.of(sku).refuse(problem, isFirst && problem.state !== "held_elsewhere");
    if (problem?.code === "insufficient-stock") books.of(sku).stockRefusals.push({ customer, quantity, ...span });
  }
  if (lines.some(({ problem }) => problem !== null)) books.refusedCartKeys.add(key);
  return answer;
}

/** The key of an opening with other content: never accepted. */
export async function misuseCartKey(shopper: Shopper, skus: string[], key: string): Promise<void> {
  const body = { lines: skus.map((sku) => ({ sku, quantity: 2 })) };
  const answer = await shopper.post("cart", "/v1/carts", body, cartView, { key });
  shopper.expectRefusal("a used key", answer, "idempotency-key-reused");
}

export async function onCart(
  shopper: Shopper,
  { id, lines }: CartView,
  action: Action,
  orderId = `order-${id}`,
  once = false,
): Promise<ApiResult<CartView>> {
  const { books, sale } = shopper.world;
  const before = books.carts.get(id);
  const ended = ({ rescued }: CartView) => (action !== "confirm" ? "ok" : rescued ? "rescued" : "sold");
  const post = () =>
    shopper.act(`${action} cart`, `/v1/carts/${id}/${action}`, action, { orderId }, cartView, { ended, once });
  const skus = lines.map(({ sku }) => sku);
  const lost = lines.map(({ sku, reservation, quantity }) => ({ sku, id: reservation, quantity }));
  const answer = await orGivenUp(shopper, action, lost, () =>
    action === "confirm" ? shopper.claiming(skus, 1, post).then(([told]) => told) : post(),
  );
  const span = sale.clock.span(answer);
  if (action === "confirm" && before !== undefined) {
    const expiresAt = before.expiresAt ?? "";
    for (const { sku, quantity } of lines) {
      notePayment(books.of(sku), { quantity, expiresAt }, before.status === "released", span);
    }
  }
  // A call beside this one may have been told more meanwhile.
  const latest = books.carts.get(id);
  const refunded = books.cartRefunds.told(id, orderId);
  if (before !== undefined && latest !== undefined) {
    const fault =
      action === "confirm"
        ? confirmCartFault(answer, {
            before: latest,
            isSuperseded: books.supersededCarts.has(id),
            refunded,
            orderId,
            span,
          })
        : changeCartFault(answer, action, before, span);
    shopper.judge(`${action} cart ${id}`, answer, fault);
  }
  if (answer.ok) books.tellCart(answer.body, span.to);
  else if (action === "confirm") books.cartRefunds.add(id, orderId, answer.problem);
  return answer;
}

/** Reads a cart that may have given way to a late payment, or have the time again that it had left. */
export async function rereadCart(shopper: Shopper, id: string): Promise<CartView | null> {
  const { books, sale } = shopper.world;
  const answer = await shopper.fetch("read own", "GET", `/v1/carts/${id}`, cartView);
  if (!answer.ok) return null;
  if (answer.body.status === "released") books.supersededCarts.add(id);
  return books.tellCart(answer.body, sale.clock.span(answer).to);
}
