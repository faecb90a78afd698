import type { Actor, ExtendCommand, Refusal, ReleaseCommand, ReturnCommand } from "./command.ts";
import type { Reservation } from "./model.ts";
import { allowedTtlSeconds } from "./reserve.ts";
import { type Ruling, skuOf, type UnitOfWork } from "./unit-of-work.ts";

/** Extends a hold: never to less time than it had, never past `extendableUntil`. */
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
 * Releases held units. A reservation that already ended without a sale is answered as it is. A cart's line that its customer
 * releases alone is `takenOut`, and the cart has to be told.
 */
export function release(command: ReleaseCommand, reservation: Reservation, actor: Actor, takenOut: boolean): Ruling {
  switch (reservation.status) {
    case "held":
      // A late payment that is being decided holds nothing that could be released.
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

/** Whether a release counts as the customer's own. An admin's does not, nor one with a reason given by a cart or storefront. */
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
    case "confirmed":
    case "returned":
      return { code: "already-confirmed", orderId: reservation.orderId, refundRequired: false };
    case "held":
      throw new Error("this hold has not ended");
  }
}
