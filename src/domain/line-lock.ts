import { LOCK_MS } from "./bounds.ts";
import type { RefundCommand } from "./line-command.ts";
import type { Reservation } from "./model.ts";
import { refundChange, refundRefusal, refusedBefore } from "./refund.ts";
import { endRescue, isLate, judgeRescue, promise, tryRescue } from "./rescue.ts";
import { dropLimit } from "./stock.ts";
import { type Ruling, skuOf, type UnitOfWork } from "./unit-of-work.ts";

/**
 * Locks a cart's line for the joint confirmation. A live line stays as it is but cannot expire. An expired line takes its units
 * again if the rules of rescue allow. Repeated it changes nothing.
 */
export function lock(work: UnitOfWork, reservation: Reservation): Ruling {
  const { status, lockedUntil, lentTo, attempt } = reservation;
  if (isLate(reservation)) return lockLate(work, reservation);
  if (status === "confirmed" || status === "returned") return { kind: "unchanged" };
  if (status !== "held") {
    return { kind: "refused", refusal: { code: "already-released", refundRequired: false } };
  }
  if (lentTo !== null || (attempt !== null && lockedUntil === null)) {
    return { kind: "refused", refusal: { code: "overloaded" } };
  }
  if (lockedUntil !== null) return { kind: "unchanged" };
  const locked = { ...reservation, lockedUntil: work.now + LOCK_MS };
  return { kind: "changed", change: { type: "reservation.locked", reservation: locked } };
}

/** Locks a line that is paid late: at once if its SKU can decide alone, otherwise as a try until other objects have answered. */
function lockLate(work: UnitOfWork, late: Reservation): Ruling {
  const { quantity: paid } = late;
  const verdict = judgeRescue(work, late, paid);
  if (verdict.kind === "refund") return { kind: "refused", refusal: refundRefusal(late, "hold-expired") };
  if (verdict.kind === "waits") {
    promise(work, late, paid);
    return { kind: "refused", refusal: { code: "overloaded" } };
  }
  const tried = tryRescue(work, late, { paid, orderId: null, locks: true }, verdict);
  if (verdict.kind === "borrows" || dropLimit(skuOf(work)) !== null) return { kind: "changed", change: tried };
  const reservation = { ...tried.reservation, lockedUntil: work.now + LOCK_MS };
  return { kind: "changed", change: { ...tried, type: "reservation.locked", reservation } };
}

/** Expires a line that would outlive its cart, so that a late payment can still rescue it. */
export function lapse(work: UnitOfWork, reservation: Reservation): Ruling {
  const { status, attempt, lockedUntil, quantity, expiresAt } = reservation;
  if (status !== "held") return { kind: "unchanged" };
  if (attempt !== null || lockedUntil !== null) return { kind: "refused", refusal: { code: "overloaded" } };
  const expired: Reservation = { ...reservation, status: "expired", expiresAt: Math.min(expiresAt, work.now) };
  return { kind: "changed", change: { type: "reservation.expired", dHeld: -quantity, reservation: expired } };
}

/** Returns a line to its state before its cart's confirmation began. */
export function unlock(work: UnitOfWork, reservation: Reservation): Ruling {
  const { attempt, lockedUntil, lentTo } = reservation;
  if (lockedUntil === null || lentTo !== null) return { kind: "unchanged" };
  if (attempt?.purpose === "rescue") {
    return { kind: "changed", change: endRescue(work, reservation, "reservation.unlocked") };
  }
  return {
    kind: "changed",
    change: { type: "reservation.unlocked", reservation: { ...reservation, lockedUntil: null } },
  };
}

/** Records the line's part of a refund for its cart on the line's own stream, once per order. */
export function refundLine({ now }: UnitOfWork, { orderId, code }: RefundCommand, reservation: Reservation): Ruling {
  if (refusedBefore(reservation, orderId) !== null) return { kind: "unchanged" };
  const change = refundChange(now, reservation, { orderId, quantity: reservation.quantity }, code);
  // Its cart has the same bound and refuses no more orders than that.
  return change === null ? { kind: "unchanged" } : { kind: "changed", change };
}
