import type { ConfirmCommand, Refusal } from "./command.ts";
import type { Reservation } from "./model.ts";
import { type RefusedOrder, refundDue, refusedBefore } from "./refund.ts";
import { beforeRescue, isLate, judgeRescue, lentClaims, promise, sellRescue, tryRescue } from "./rescue.ts";
import { dropLimit } from "./stock.ts";
import { type Ruling, skuOf, type UnitOfWork } from "./unit-of-work.ts";

/**
 * Sells a hold, in whole or in part. A payment that arrives after expiry is rescued if units and limits allow. An order that
 * was refused for good gets the same answer again, before any other check.
 */
export function confirm(work: UnitOfWork, command: ConfirmCommand, reservation: Reservation): Ruling {
  const quantity = command.quantity ?? reservation.quantity;
  const order: RefusedOrder = { orderId: command.orderId ?? null, quantity };
  const refusal = refusedBefore(reservation, order.orderId);
  if (refusal) return refuse(refusal);
  if (reservation.attempt !== null) return confirmTry(work, command, reservation);
  if (reservation.status === "confirmed" || reservation.status === "returned") {
    return confirmAgain(work, reservation, order);
  }
  if (reservation.status === "released" && !reservation.superseded) {
    return refundDue(work.now, reservation, order, "already-released");
  }
  if (quantity > reservation.quantity) return refuse(tooMany(reservation));
  return isLate(reservation) ? rescue(work, reservation, order) : sell(command, reservation, quantity);
}

/** A late payment that is being decided: its cart sells it, and a repeated call waits for the same decision. */
function confirmTry(work: UnitOfWork, command: ConfirmCommand, reservation: Reservation): Ruling {
  const { attempt, lockedUntil, lenders, quantity: held } = reservation;
  if (attempt?.purpose !== "rescue") return refuse({ code: "not-found" });
  const { paid } = attempt;
  const orderId = command.orderId ?? null;
  if (lockedUntil !== null) {
    const claims = lentClaims(work, reservation);
    const change = sellRescue(work, beforeRescue(reservation), {
      ...{ paid, orderId, claims, lenders, held },
      serial: attempt.serial,
    });
    return { kind: "changed", change };
  }
  const isSame = (command.quantity ?? attempt.quantity) === paid && orderId === attempt.orderId;
  return isSame ? { kind: "unchanged" } : refuse({ code: "overloaded" });
}

function refuse(refusal: Refusal): Ruling {
  return { kind: "refused", refusal };
}

function tooMany(reservation: Reservation): Refusal {
  return { code: "invalid-request", detail: `quantity: at most ${reservation.quantity}, the reserved quantity` };
}

function sell(command: ConfirmCommand, reservation: Reservation, quantity: number): Ruling {
  const confirmed: Reservation = {
    ...reservation,
    status: "confirmed",
    confirmedQuantity: quantity,
    orderId: command.orderId ?? null,
    lockedUntil: null,
  };
  return {
    kind: "changed",
    change: { type: "reservation.confirmed", dHeld: -reservation.quantity, dSold: quantity, reservation: confirmed },
  };
}

/** The same confirmation gets the same answer; a different one is refused, and another order's payment has to be refunded. */
function confirmAgain({ now }: UnitOfWork, reservation: Reservation, order: RefusedOrder): Ruling {
  const { orderId, quantity } = order;
  if (orderId === reservation.orderId && quantity === reservation.confirmedQuantity) return { kind: "unchanged" };
  const isPaidTwice = orderId !== null && orderId !== reservation.orderId;
  if (isPaidTwice) return refundDue(now, reservation, order, "already-confirmed");
  return refuse({ code: "already-confirmed", orderId: reservation.orderId, refundRequired: false });
}

/** A payment after the end: sold at once if this SKU can decide alone, otherwise tried until other objects have answered. */
function rescue(work: UnitOfWork, late: Reservation, order: RefusedOrder): Ruling {
  const { quantity: paid, orderId } = order;
  const verdict = judgeRescue(work, late, paid);
  switch (verdict.kind) {
    case "refund":
      return refundDue(work.now, late, order, "hold-expired");
    case "waits":
      promise(work, late, paid);
      return refuse({ code: "overloaded" });
    case "fits":
      if (dropLimit(skuOf(work)) === null) {
        const { claims } = verdict;
        return { kind: "changed", change: sellRescue(work, late, { paid, orderId, claims, lenders: [], held: 0 }) };
      }
      break;
    case "borrows":
  }
  return { kind: "changed", change: tryRescue(work, late, { paid, orderId, locks: false }, verdict) };
}
