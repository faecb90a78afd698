import { randomUUID } from "node:crypto";
import { reservationAnswer, reservationView } from "../../../src/contracts/reservation.ts";
import { CALL_PATIENCE_MS, PROMISE_MS } from "../../../src/domain/bounds.ts";
import type { ApiResult } from "./api.ts";
import { confirmFault, extendFault, releaseFault, returnFault, withoutStock } from "./reservation-verdicts.ts";
import { reserveFault } from "./reserve-verdicts.ts";
import type { Action, Shopper } from "./shopper.ts";
import type { Reservation, ReservationAnswer, SkuBooks } from "./sku-books.ts";

// Calls about single reservations. Each notes in the books what it was told, and judges the answer.

type Named = Pick<Reservation, "id" | "sku">;

/** A reserve; with a key that was used before, the same one again. */
export async function reserve(
  shopper: Shopper,
  sku: string,
  quantity = 1,
  key: string = randomUUID(),
): Promise<ApiResult<ReservationAnswer>> {
  const { name: customer, world } = shopper;
  const { sale } = world;
  const books = world.books.of(sku);
  books.useKey(key);
  const body = { quantity, metadata: { key } };
  const path = `/v1/skus/${sku}/reservations`;
  const post = () => shopper.post("reserve", path, body, reservationAnswer, { key, ended: () => "held" });
  const [answer, units] = await shopper.claiming([sku], quantity, post);
  const fault = reserveFault(answer, { sale, sku, customer, quantity, units });
  shopper.judge(`reserve ${quantity} in ${sku}`, answer, fault);
  const span = sale.clock.span(answer);
  if (answer.ok) {
    books.keyAccepted(key, answer);
    world.books.isSureFrom(answer.body.id, span.to);
    tell(shopper, answer.body);
  } else {
    books.refuse(answer.problem);
    if (answer.problem.code === "insufficient-stock") books.stockRefusals.push({ customer, quantity, ...span });
  }
  return answer;
}

/** The key of an accepted reserve with another quantity: never accepted. */
export async function misuseKey(shopper: Shopper, sku: string, quantity: number, key: string): Promise<void> {
  const path = `/v1/skus/${sku}/reservations`;
  const answer = await shopper.post("reserve", path, { quantity }, reservationAnswer, { key });
  if (!answer.ok) shopper.world.books.of(sku).refuse(answer.problem);
  shopper.expectRefusal("a used key", answer, "idempotency-key-reused");
}

/** Pays for a hold, all of it by its first order unless something else is said; extends or releases it. */
export async function onReservation(
  shopper: Shopper,
  { id, sku }: Named,
  action: Action,
  more: { key?: string; orderId?: string; quantity?: number } = {},
): Promise<ApiResult<ReservationAnswer>> {
  const { world } = shopper;
  const books = world.books.of(sku);
  const before = books.reservations.get(id);
  const { key = randomUUID(), orderId = `order-${id}`, quantity = before?.quantity ?? 1 } = more;
  const isSuperseded = books.superseded.has(id);
  const refunded = books.refunds.told(id, orderId);
  const ended = ({ rescued }: ReservationAnswer) => (action !== "confirm" ? "ok" : rescued ? "rescued" : "sold");
  books.useKey(key);
  const path = `/v1/skus/${sku}/reservations/${id}/${action}`;
  const isPart = more.quantity !== undefined && more.quantity !== before?.quantity;
  const payment = { orderId, ...(isPart ? { quantity } : {}) };
  const post = () => shopper.act(action, path, action, payment, reservationAnswer, { key, ended });
  const answer = await orGivenUp(shopper, action, [{ sku, id, quantity }], () =>
    action === "confirm" ? shopper.claiming([sku], quantity, post).then(([told]) => told) : post(),
  );
  const span = world.sale.clock.span(answer);
  if (action === "confirm" && before !== undefined) notePayment(books, before, isSuperseded, span);
  if (before !== undefined) {
    const faults = {
      confirm: () => confirmFault(answer, { before, isSuperseded, refunded, quantity, orderId, span }),
      extend: () => extendFault(answer, before, span),
      release: () => releaseFault(answer, before, span),
    };
    shopper.judge(`${action} ${id}`, answer, faults[action]());
  }
  if (answer.ok) {
    books.keyAccepted(key, answer);
    const end = answer.body.cart === null ? 0 : (world.books.cartEnds.get(answer.body.cart) ?? 0);
    if (answer.body.status === "expired" && span.to < end)
      shopper.surprise("a line is held until its cart ends", answer);
    tell(shopper, answer.body);
  } else if (action === "confirm") {
    books.refunds.add(id, orderId, answer.problem);
  }
  return answer;
}

/** A call whose answer never comes may have had its effect. */
export async function orGivenUp<Answer>(
  { world }: Shopper,
  action: Action,
  about: readonly { sku: string; id?: string | null; quantity: number }[],
  call: () => Promise<Answer>,
): Promise<Answer> {
  const { clock } = world.sale;
  const from = clock.now();
  try {
    return await call();
  } catch (error) {
    for (const { sku, id, quantity: units } of about) {
      const books = world.books.of(sku);
      if (id) books.uncertain.add(id);
      if (action !== "confirm") continue;
      books.latePayments.push({ units, from, to: clock.now() + CALL_PATIENCE_MS + PROMISE_MS });
    }
    throw error;
  }
}

/** A payment that came too late, or may have: the next units that come back are kept for it. */
export function notePayment(
  books: SkuBooks,
  { quantity: units, expiresAt }: Pick<Reservation, "quantity" | "expiresAt">,
  isSuperseded: boolean,
  { from, to }: { from: number; to: number },
): void {
  if (isSuperseded || to >= Date.parse(expiresAt)) books.latePayments.push({ units, from, to: to + PROMISE_MS });
}

/** Reads a hold that may have given way to a late payment, or have the time again that it had left. */
export async function reread(shopper: Shopper, { id, sku }: Named): Promise<Reservation | null> {
  const path = `/v1/skus/${sku}/reservations/${id}`;
  const answer = await shopper.fetch("read own", "GET", path, reservationView);
  if (!answer.ok) return null;
  const books = shopper.world.books.of(sku);
  const { status, version } = answer.body;
  if (status === "released") books.superseded.add(id);
  if (version > (books.reservations.get(id)?.version ?? 0)) books.tell(answer.body);
  return answer.body;
}

/** The shop takes back units that were bought, all of them unless something else is said, to sale or out of stock. */
export async function giveBack(
  shopper: Shopper,
  { id, sku }: Named,
  { quantity, restock = true }: { quantity?: number; restock?: boolean } = {},
): Promise<void> {
  const { storefrontToken: token, books: all } = shopper.world;
  const books = all.of(sku);
  const before = books.reservations.get(id);
  if (before === undefined) return;
  const units = quantity ?? before.quantity;
  const key = randomUUID();
  books.useKey(key);
  const path = `/v1/skus/${sku}/reservations/${id}/return`;
  const more = { token, urgent: true, key };
  const body = { restock, ...(quantity === undefined ? {} : { quantity }) };
  const answer = await shopper.post("return", path, body, reservationAnswer, more);
  shopper.judge(`return ${units} of ${id}`, answer, returnFault(answer, before, units));
  if (!answer.ok) return;
  books.keyAccepted(key, answer);
  if (!restock) books.unitsTakenOut += units;
  tell(shopper, answer.body);
}

function tell({ world, claims }: Shopper, answer: ReservationAnswer): void {
  // A line that had lapsed when it was to be given back may still be sold with its cart.
  if (answer.cart !== null && answer.status === "expired") return;
  const books = world.books.of(answer.sku);
  const told = books.tell(withoutStock(answer));
  claims.single(told);
  if (told.status === "released" && !books.superseded.has(told.id)) world.books.givenBack.add(told.id);
}
