import { WARM_UP_MS } from "./bounds.ts";
import type { Reservation, Sku } from "./model.ts";
import { isDead, type Opening, phaseAt, saleState, saleTerms, waitlistEndsAt } from "./stock.ts";
import { cancelTry } from "./try.ts";
import { apply, skuOf, type UnitOfWork } from "./unit-of-work.ts";

/**
 * Expires dead holds in the given order, which has to be that of `expiresAt`. Gathered units of customers do not include them,
 * so those stay unchanged.
 */
export function expireHolds(work: UnitOfWork, due: readonly Reservation[]): void {
  for (const reservation of due) {
    if (!isDead(reservation, work.now)) throw new Error("a live hold cannot expire");
    work.reservations.set(reservation.id, reservation);
    if (reservation.attempt !== null) {
      cancelTry(work, reservation);
      continue;
    }
    apply(work, {
      type: "reservation.expired",
      dHeld: -reservation.quantity,
      reservation: { ...reservation, status: "expired" },
      isAbandoned: true,
    });
  }
}

/**
 * Commits what the clock has changed since the last transaction: the sale opens or closes. A sale that a wrong clock opened
 * goes back to scheduled, by an event that changes nothing but the phase, and opens again on time.
 */
export function advancePhase(work: UnitOfWork): void {
  const sku = skuOf(work);
  const phase = phaseAt(saleTerms(sku), work.now);
  if (phase === sku.phase) return;
  if (phase === "scheduled") {
    const { name, policy, revision } = sku;
    apply(work, { type: "sku.updated", sku: { phase }, detail: { name, policy, revision } });
  } else apply(work, { type: phase === "open" ? "sale.opened" : "sale.closed", sku: { phase } });
}

/**
 * When the object has to be awake for the clock's next change: a moment before an opening or closing and then at it, and when
 * the waitlist of a closed sale ends.
 */
export function nextWakeAt(sku: Sku, now: number): number | null {
  const at = nextPhaseAt(saleTerms(sku), now);
  const wakeAt = at !== null && at - WARM_UP_MS > now ? at - WARM_UP_MS : at;
  const endsAt = sku.waiting > 0 && saleState(sku, now, 0) === "closed" ? waitlistEndsAt(sku) : null;
  return wakeAt === null || endsAt === null ? (wakeAt ?? endsAt) : Math.min(wakeAt, endsAt);
}

/** When the clock alone next opens or closes the sale, or null. */
export function nextPhaseAt({ opensAt, closesAt }: Opening, now: number): number | null {
  const ahead = [opensAt, closesAt].filter((at): at is number => at !== null && at > now);
  return ahead.length > 0 ? Math.min(...ahead) : null;
}
