import type { Actor, ExtendCommand, Refusal, ReleaseCommand, ReturnCommand } from "./command.ts";
import type { Reservation } from "./model.ts";
import { allowedTtlSeconds } from "./reserve.ts";
import { type Ruling, skuOf, type UnitOfWork } from "./unit-of-work.ts";

/** More time for a hold: never less than it had, never past `extendableUntil`. */
export function extend(work: UnitOfWork, command: ExtendCommand, reservation: Reservation, actor: Actor): Ruling {
  if (reservation.attempt !== null)
    return { kind: "refused", refusal: { code: "hold-expired", refundRequired: false } };
  if (reservation.status !== "held") return { kind: "refused", refusal: notHeld(reservation) };
  const ttlSeconds = allowedTtlSeconds(skuOf(work).policy, command.ttlSeconds, actor);
  const expiresAt = Math.min(work.now + (command.lastsMs ?? ttlSeconds * 1000), reservation.extendableUntil);
  if (command.lastsMs !== undefined && expiresAt <= reservation.expiresAt) return { kind: "unchanged" };
  if (expiresAt <= reservation.expiresAt) {
    const refusal: Refusal = { code: "extension-limit", extendableUntil: reservation.extendableUntil };
    return { kind: "refused", refusal };
  }
  return { kind: "changed", change: { type: "reservation.extended", reservation: { ...reservation, expiresAt } } };
}

/**
 * Gives held units back. What has ended already without a sale is answered as it is. A line of a cart that its customer
 * gives back by itself is `takenOut`, and the cart has to be told.
 */
export function release(command: ReleaseCommand, reservation: Reservation, actor: Actor, takenOut: boolean): Ruling {
  switch (reservation.status) {
    case "held":
      // A late payment that is being looked at is no hold: there is nothing to give back.
      if (reservation.attempt !== null) return { kind: "unchanged" };
      return {
        kind: "changed",
        change: {
          type: "reservation.released",
          dHeld: -reservation.quantity,
          reservation: { ...reservation, status: "released", lockedUntil: null },
          ...(takenOut ? { detail: { takenOut } } : {}),
          isAbandoned: isLetGo(actor, command.reason),
        },
      };
    case "released":
    case "expired":
      return { kind: "unchanged" };
    case "confirmed":
    case "returned":
      return { kind: "refused", refusal: notHeld(reservation) };
  }
}

/** Whether giving back is the customer's doing. What an admin does is not, nor what a cart or a storefront has a reason for. */
export function isLetGo({ role }: Actor, reason?: ReleaseCommand["reason"]): boolean {
  return role === "shopper" || ((role === "storefront" || role === "cart") && reason === undefined);
}

/** Takes confirmed units back, to sale or out of stock. Without a quantity: all that can still be returned. */
export function returnUnits(command: ReturnCommand, reservation: Reservation): Ruling {
  if (reservation.status !== "confirmed" && reservation.status !== "returned") {
    return { kind: "refused", refusal: { code: "not-confirmed" } };
  }
  const returnable = reservation.confirmedQuantity - reservation.returnedQuantity;
  const quantity = command.quantity ?? returnable;
  if (quantity > returnable || returnable === 0) {
    return { kind: "refused", refusal: { code: "nothing-to-return", returnable } };
  }
  const returned: Reservation = {
    ...reservation,
    status: quantity === returnable ? "returned" : "confirmed",
    returnedQuantity: reservation.returnedQuantity + quantity,
  };
  return {
    kind: "changed",
    change: {
      type: "reservation.returned",
      dSold: -quantity,
      dStock: command.restock ? 0 : -quantity,
      reservation: returned,
      detail: { quantity, restock: command.restock },
    },
  };
}

function notHeld(reservation: Reservation): Refusal {
  switch (reservation.status) {
    case "released":
      return { code: "already-released", refundRequired: false };
    case "expired":
      return { code: "hold-expired", refundRequired: reservation.refunds.length > 0 };
    default:
      return { code: "already-confirmed", orderId: reservation.orderId, refundRequired: false };
  }
}
