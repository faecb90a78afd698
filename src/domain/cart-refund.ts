import type { Asked, Cart, Line } from "./cart.ts";
import type { CartAnswer, CartMessage } from "./cart-messages.ts";
import type { Refund } from "./model.ts";
import { refundRefusal, TOO_MANY_REFUNDS, withRefund } from "./refund.ts";

/**
 * Adds a refused order to the cart, with the paid lines that have to be told. Unchanged if the cart remembers no more orders.
 * The caller has checked that the order was not refused before.
 */
export function refundCart(cart: Cart, order: Pick<Refund, "orderId" | "code">, now: number): Cart {
  const lines = paidLines(cart);
  const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
  const untold = lines.map(({ reservation }) => reservation);
  const refunds = withRefund(cart.refunds, { ...order, quantity, at: now, untold });
  return refunds === null ? cart : { ...cart, refunds, updatedAt: now };
}

/** The refusal that says a refund is due for an order of this cart, and the cart that remembers it. */
export function cartRefundDue(cart: Cart, order: Pick<Refund, "orderId" | "code">, now: number): Asked {
  const refunded = refundCart(cart, order, now);
  if (refunded === cart) return { kind: "refused", refusal: TOO_MANY_REFUNDS };
  return { kind: "refused", refusal: refundRefusal(cart, order.code), cart: refunded };
}

/** Lines that a payment for the cart covers: all it had, without those that its customer took out while it was held. */
function paidLines({ lines }: Cart): Line[] {
  const had = lines.filter(({ state }) => WAS_HELD.has(state));
  const left = had.filter(({ takenOut }) => !takenOut);
  return left.length > 0 ? left : had;
}

const WAS_HELD: ReadonlySet<Line["state"]> = new Set(["held", "locked", "confirmed", "gone"] as const);

/** Messages to lines of a cart at rest about refused orders: one per line, oldest order first. */
export function tellingsOf(cart: Cart): CartMessage[] {
  if (cart.phase !== "ended") return [];
  return cart.lines.flatMap(({ reservation }, line): CartMessage[] => {
    const refund = cart.refunds.findLast(({ untold }) => untold.includes(reservation));
    return refund === undefined ? [] : [{ type: "refund", line, orderId: refund.orderId }];
  });
}

/** The cart after a SKU has heard of a refund. A SKU that did not answer is told again. */
export function heard(cart: Cart, { line, orderId }: CartMessage, answer: CartAnswer): Cart {
  const reservation = cart.lines[line]?.reservation;
  if (answer.kind === "lost") return cart;
  const refunds = cart.refunds.map((refund) =>
    refund.orderId === orderId && refund.untold.some((id) => id === reservation)
      ? { ...refund, untold: refund.untold.filter((id) => id !== reservation) }
      : refund,
  );
  return refunds.some((refund, index) => refund !== cart.refunds[index]) ? { ...cart, refunds } : cart;
}

/** Number of refunds of which some line has not been told. */
export function untoldRefunds({ refunds }: Cart): number {
  return refunds.filter(({ untold }) => untold.length > 0).length;
}
