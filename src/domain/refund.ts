import { REFUSED_ORDERS_MAX } from "./bounds.ts";
import type { Refusal } from "./command.ts";
import type { Refund, RefundCode, Reservation } from "./model.ts";
import type { Change, Ruling } from "./unit-of-work.ts";

/** A reservation or cart that can be paid, with the orders that it refused and the order that it was sold to. */
interface Payable {
  refunds: readonly Refund[];
  orderId: string | null;
}

/** The order and answer of a payment that cannot be honored. */
export type RefusedOrder = Omit<Refund, "at" | "code">;

/** The answer to an order that has to be refunded. */
export function refundRefusal({ orderId }: Pick<Payable, "orderId">, code: RefundCode): Refusal {
  return code === "already-confirmed" ? { code, orderId, refundRequired: true } : { code, refundRequired: true };
}

/** The answer that an order got when it was refused for good, to be repeated whatever has happened since; null: it was not refused. */
export function refusedBefore(of: Payable, orderId: string | null): Refusal | null {
  const refund = of.refunds.find((one) => one.orderId === orderId);
  return refund === undefined ? null : refundRefusal(of, refund.code);
}

/** Whether a refusal is final: the order has to be refunded. */
export function isFinal(refusal: Refusal): boolean {
  return "refundRequired" in refusal && refusal.refundRequired;
}

/** The refunds with a new one in front; null if the bound is reached. */
export function withRefund<One extends Refund>(refunds: readonly One[], refund: One): One[] | null {
  return refunds.length < REFUSED_ORDERS_MAX ? [refund, ...refunds] : null;
}

/** Why no further order can be refused for good. */
export const TOO_MANY_REFUNDS: Refusal = {
  code: "invalid-request",
  detail: `orderId: at most ${REFUSED_ORDERS_MAX} orders are refused`,
};

/**
 * A refund is due for this order: the refusal, and the one event that makes it final. The caller has checked that the order was
 * not refused before.
 */
export function refundDue(now: number, reservation: Reservation, order: RefusedOrder, code: RefundCode): Ruling {
  const change = refundChange(now, reservation, order, code);
  return change === null
    ? { kind: "refused", refusal: TOO_MANY_REFUNDS }
    : { kind: "refused", refusal: refundRefusal(reservation, code), change };
}

/** The change that records a refund; null past the bound of what a reservation remembers. */
export function refundChange(
  now: number,
  reservation: Reservation,
  order: RefusedOrder,
  code: RefundCode,
): Change | null {
  const { orderId, quantity } = order;
  const refunds = withRefund(reservation.refunds, { orderId, quantity, at: now, code });
  if (refunds === null) return null;
  const detail = { refund: { orderId, quantity, cart: reservation.cart }, code };
  return { type: "reservation.refund_required", reservation: { ...reservation, refunds }, detail };
}
