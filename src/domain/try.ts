import { TRY_MS } from "./bounds.ts";
import type { Outcome, Refusal } from "./command.ts";
import { apply, forget, type Ledger, skuOf } from "./ledger.ts";
import type { Attempt, Reservation } from "./model.ts";
import { endRescue } from "./rescue.ts";
import { dropLimit, isDead, stockLevel } from "./stock.ts";

/** The yes came too late: the try is over, and nothing has happened. */
export const LAPSED: Refusal = { code: "hold-expired", refundRequired: false };

/** A hold as a try: it lives for TRY_MS at most, and never past its own end. */
export function asTry(ledger: Ledger, hold: Reservation, attempt: Attempt): Reservation {
  return { ...hold, status: "held", attempt, expiresAt: Math.min(ledger.now + TRY_MS, hold.extendableUntil) };
}

/** The answer to whoever asked for a try. */
export function tryOutcome(ledger: Ledger, reservation: Reservation): Outcome {
  const stock = stockLevel(skuOf(ledger), ledger.now, ledger.overdueUnits);
  const limit = reservation.countedBy === null ? null : dropLimit(skuOf(ledger));
  const { holdTtlSeconds, maxHoldSeconds } = skuOf(ledger).policy;
  const extendableMs = reservation.extendableUntil - ledger.now;
  return { ok: true, type: "try", reservation, stock, limit, ttl: { holdTtlSeconds, maxHoldSeconds, extendableMs } };
}

/** The answer that tells of a reservation and the stock around it. */
export function reservationOutcome(ledger: Ledger, reservation: Reservation): Outcome {
  const stock = stockLevel(skuOf(ledger), ledger.now, ledger.overdueUnits);
  return { ok: true, type: "reservation", reservation, stock };
}

/**
 * What a call that was answered with a try is told again: the try while it waits, and the claim that it has become. Of
 * one that came to nothing there is no answer, and a late payment is confirmed like any other.
 */
export function answerAgain(ledger: Ledger, tried: Extract<Outcome, { type: "try" }>): Outcome | undefined {
  const { id, version, attempt } = tried.reservation;
  const reservation = ledger.reservations.get(id);
  if (reservation === undefined) return undefined;
  if (reservation.version === version) return isDead(reservation, ledger.now) ? undefined : tried;
  return attempt?.purpose === "hold" ? reservationOutcome(ledger, reservation) : undefined;
}

/** Ends a try that was not granted, or not in time. Of a new claim nothing remains; a late payment is late again. */
export function cancelTry(ledger: Ledger, reservation: Reservation): void {
  const { attempt, quantity } = reservation;
  if (attempt?.purpose === "rescue") {
    apply(ledger, endRescue(ledger, reservation, "reservation.cancelled"));
    return;
  }
  const entry = reservation.entry === null ? undefined : ledger.waitlist.entries.get(reservation.entry);
  apply(ledger, {
    type: "reservation.cancelled",
    dHeld: -quantity,
    reservation: { ...reservation, status: "released", attempt: null },
    ...(entry ? { entry: { ...entry, reservation: null } } : {}),
  });
  forget(ledger, reservation.id);
}

/** Ids of the tries that an answer waits for, its own or those of its parts. */
export function triesIn(outcome: Outcome): string[] {
  if (!outcome.ok) return [];
  if (outcome.type === "batch") return outcome.outcomes.flatMap(triesIn);
  return outcome.type === "try" ? [outcome.reservation.id] : [];
}
