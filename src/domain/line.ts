import { LOCK_MS } from "./bounds.ts";
import type { RefundCommand } from "./command.ts";
import { refusedRescue } from "./confirm.ts";
import type { Ledger, Ruling } from "./ledger.ts";
import type { Reservation } from "./model.ts";
import { refundChange, refusedBefore } from "./refund.ts";
import { asRescue, beforeRescue } from "./try.ts";

/**
 * Readies a cart's line for the joint confirmation. A live one stays as it is but cannot expire; an expired one takes its
 * units again where the rules of rescue allow. Sent again it changes nothing.
 */
export function lock(ledger: Ledger, reservation: Reservation): Ruling {
  const lockedUntil = ledger.now + LOCK_MS;
  switch (reservation.status) {
    case "held":
      if (reservation.lockedUntil !== null) return { kind: "unchanged" };
      if (reservation.attempt !== null) return { kind: "refused", refusal: { code: "overloaded" } };
      return {
        kind: "changed",
        change: { type: "reservation.locked", reservation: { ...reservation, lockedUntil } },
      };
    case "expired": {
      const { quantity } = reservation;
      const refusal = refusedRescue(ledger, reservation, quantity);
      if (refusal) return { kind: "refused", refusal };
      const rescue = { ...asRescue(ledger, reservation, quantity, null), lockedUntil };
      return { kind: "changed", change: { type: "reservation.locked", dHeld: quantity, reservation: rescue } };
    }
    case "confirmed":
    case "returned":
      return { kind: "unchanged" };
    case "released":
      return { kind: "refused", refusal: { code: "already-released", refundRequired: false } };
  }
}

/** Lets a line go on as it was before its cart was about to be confirmed. */
export function unlock(reservation: Reservation): Ruling {
  if (reservation.lockedUntil === null) return { kind: "unchanged" };
  if (reservation.attempt?.purpose === "rescue") {
    const { quantity } = reservation;
    return {
      kind: "changed",
      change: { type: "reservation.unlocked", dHeld: -quantity, reservation: beforeRescue(reservation) },
    };
  }
  return {
    kind: "changed",
    change: { type: "reservation.unlocked", reservation: { ...reservation, lockedUntil: null } },
  };
}

/** The line's part of a payment for its cart goes back: said on the line's own stream as well, once per order. */
export function refundLine({ now }: Ledger, { orderId, code }: RefundCommand, reservation: Reservation): Ruling {
  if (refusedBefore(reservation, orderId) !== null) return { kind: "unchanged" };
  const change = refundChange(now, reservation, { orderId, quantity: reservation.quantity }, code);
  // Its cart has the same bound, and refuses no more orders than that.
  return change === null ? { kind: "unchanged" } : { kind: "changed", change };
}
