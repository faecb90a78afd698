import { TRY_MS } from "./bounds.ts";
import type { Outcome, Refusal } from "./command.ts";
import type { Reservation, TryPurpose } from "./model.ts";
import { endRescue } from "./rescue.ts";
import { dropLimit, isDead, stockLevel } from "./stock.ts";
import { apply, forget, skuOf, type UnitOfWork } from "./unit-of-work.ts";

/** The grant came too late: the try has ended, and nothing has happened. */
export const LAPSED: Refusal = { code: "hold-expired", refundRequired: false };

/** Makes a hold a try: it lives for at most TRY_MS, and never past its own end. */
export function asTry(work: UnitOfWork, hold: Reservation, attempt: TryPurpose): Reservation {
  return { ...hold, status: "held", attempt, expiresAt: Math.min(work.now + TRY_MS, hold.extendableUntil) };
}

/** The answer to the command that made a try. */
export function tryOutcome(work: UnitOfWork, reservation: Reservation): Outcome {
  const stock = stockLevel(skuOf(work), work.now, work.overdueUnits);
  const limit = reservation.countedBy === null ? null : dropLimit(skuOf(work));
  const { holdTtlSeconds, maxHoldSeconds } = skuOf(work).policy;
  const extendableMs = reservation.extendableUntil - work.now;
  return { ok: true, type: "try", reservation, stock, limit, ttl: { holdTtlSeconds, maxHoldSeconds, extendableMs } };
}

/** The answer with a reservation and the stock around it. */
export function reservationOutcome(work: UnitOfWork, reservation: Reservation): Outcome {
  const stock = stockLevel(skuOf(work), work.now, work.overdueUnits);
  return { ok: true, type: "reservation", reservation, stock };
}

/**
 * The answer to a repeated call that was answered with a try: the try while it waits, or the claim that it has become. None for
 * a cancelled try; a late payment is answered like any confirmation.
 */
export function answerAgain(work: UnitOfWork, tried: Extract<Outcome, { type: "try" }>): Outcome | undefined {
  const { id, version, attempt } = tried.reservation;
  const reservation = work.reservations.get(id);
  if (reservation === undefined) return undefined;
  if (reservation.version === version) return isDead(reservation, work.now) ? undefined : tried;
  return attempt?.purpose === "hold" ? reservationOutcome(work, reservation) : undefined;
}

/** Ends a try that was refused or came too late. A new claim is removed; a late payment becomes late again. */
export function cancelTry(work: UnitOfWork, reservation: Reservation): void {
  const { attempt, quantity } = reservation;
  if (attempt?.purpose === "rescue") {
    apply(work, endRescue(work, reservation, "reservation.cancelled"));
    return;
  }
  const entry = reservation.entry === null ? undefined : work.waitlist.entries.get(reservation.entry);
  apply(work, {
    type: "reservation.cancelled",
    dHeld: -quantity,
    reservation: { ...reservation, status: "released", attempt: null },
    ...(entry ? { entry: { ...entry, reservation: null } } : {}),
  });
  forget(work, reservation.id);
}

/** Ids of the tries that an answer waits for, its own or those of its parts. */
export function triesIn(outcome: Outcome): string[] {
  if (!outcome.ok) return [];
  if (outcome.type === "batch") return outcome.outcomes.flatMap(triesIn);
  return outcome.type === "try" ? [outcome.reservation.id] : [];
}
