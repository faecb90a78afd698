import type { ConfirmCommand, Refusal } from "./command.ts";
import { type Ledger, type Ruling, skuOf, unclaimedUnits, unitsOf } from "./ledger.ts";
import type { Reservation } from "./model.ts";
import { type RefusedOrder, refundDue, refusedBefore } from "./refund.ts";
import { availableUnits } from "./stock.ts";
import { asRescue, beforeRescue, dropLimit, REFUND } from "./try.ts";

/**
 * Turns a hold into a sale, whole or in part; a payment that lands after expiry is rescued where units and limits allow. An
 * order that was refused for good is told the same again, before anything else is looked at.
 */
export function confirm(ledger: Ledger, command: ConfirmCommand, reservation: Reservation): Ruling {
  const quantity = command.quantity ?? reservation.quantity;
  const order: RefusedOrder = { orderId: command.orderId ?? null, quantity };
  const refusal = refusedBefore(reservation, order.orderId);
  if (refusal) return refuse(refusal);
  switch (reservation.status) {
    case "held":
    case "expired": {
      if (reservation.attempt !== null) return confirmTry(command, reservation);
      if (quantity > reservation.quantity) return refuse(tooMany(reservation));
      return reservation.status === "held"
        ? sell(command, reservation, quantity, -reservation.quantity)
        : rescue(ledger, command, reservation, order);
    }
    case "confirmed":
    case "returned":
      return confirmAgain(ledger, reservation, order);
    case "released":
      return refundDue(ledger.now, reservation, order, "already-released");
  }
}

/** A late payment that is being looked at: its cart sells it, and the same call again waits for the same decision. */
function confirmTry(command: ConfirmCommand, reservation: Reservation): Ruling {
  const { attempt, quantity, lockedUntil } = reservation;
  if (attempt?.purpose !== "rescue") return refuse({ code: "not-found" });
  if (lockedUntil !== null) return sell(command, beforeRescue(reservation), quantity, -quantity);
  const isSame = (command.quantity ?? attempt.quantity) === quantity && (command.orderId ?? null) === attempt.orderId;
  return isSame ? { kind: "unchanged" } : refuse({ code: "overloaded" });
}

function refuse(refusal: Refusal): Ruling {
  return { kind: "refused", refusal };
}

function tooMany(reservation: Reservation): Refusal {
  return { code: "invalid-request", detail: `quantity: at most the ${reservation.quantity} reserved` };
}

function sell(command: ConfirmCommand, reservation: Reservation, quantity: number, dHeld: number): Ruling {
  const confirmed: Reservation = {
    ...reservation,
    status: "confirmed",
    confirmedQuantity: quantity,
    orderId: command.orderId ?? null,
    rescued: reservation.status === "expired",
    lockedUntil: null,
  };
  return {
    kind: "changed",
    change: { type: "reservation.confirmed", dHeld, dSold: quantity, reservation: confirmed },
  };
}

/** The same confirmation again is the same answer; another one is refused, and another order's payment goes back. */
function confirmAgain({ now }: Ledger, reservation: Reservation, order: RefusedOrder): Ruling {
  const { orderId, quantity } = order;
  if (orderId === reservation.orderId && quantity === reservation.confirmedQuantity) return { kind: "unchanged" };
  const isPaidTwice = orderId !== null && orderId !== reservation.orderId;
  if (isPaidTwice) return refundDue(now, reservation, order, "already-confirmed");
  return refuse({ code: "already-confirmed", orderId: reservation.orderId, refundRequired: false });
}

function rescue(ledger: Ledger, command: ConfirmCommand, reservation: Reservation, order: RefusedOrder): Ruling {
  const { quantity, orderId } = order;
  const refusal = refusedRescue(ledger, reservation, quantity);
  if (refusal === null) {
    if (dropLimit(skuOf(ledger)) === null) return sell(command, reservation, quantity, 0);
    const rescue = asRescue(ledger, reservation, quantity, orderId);
    return { kind: "changed", change: { type: "reservation.tried", dHeld: quantity, reservation: rescue } };
  }
  return refusal === REFUND ? refundDue(ledger.now, reservation, order, "hold-expired") : refuse(refusal);
}

/**
 * Why a late payment may not take its units any more, or null: it has to be in time, with units left after the waitlist,
 * and within the SKU's limit. What the waitlist has not decided yet is no reason to refund for good.
 */
export function refusedRescue(ledger: Ledger, reservation: Reservation, quantity: number): Refusal | null {
  const sku = skuOf(ledger);
  const { lateConfirmSeconds, perCustomerLimit } = sku.policy;
  if (ledger.now >= reservation.expiresAt + lateConfirmSeconds * 1000) return REFUND;
  if (quantity > availableUnits(sku, ledger.overdueUnits)) return REFUND;
  if (perCustomerLimit !== null && unitsOf(ledger, reservation.customer) + quantity > perCustomerLimit) return REFUND;
  return quantity > unclaimedUnits(ledger) ? { code: "overloaded" } : null;
}
