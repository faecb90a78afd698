import { allowanceName } from "./allowance.ts";
import { ALLOWANCE_OBJECTS, TRY_MS } from "./bounds.ts";
import type { DropLimit, Outcome, Refusal } from "./command.ts";
import { apply, forget, type Ledger, skuOf } from "./ledger.ts";
import type { Attempt, Reservation, Sku } from "./model.ts";
import { isDead, stockLevel } from "./stock.ts";

/** The payment came too late and for good. */
export const REFUND: Refusal = { code: "hold-expired", refundRequired: true };

/** The yes came too late: the try is over, and nothing has happened. */
export const LAPSED: Refusal = { code: "hold-expired", refundRequired: false };

/** The limit over the SKUs of a drop that a claim on this SKU has to ask about, or null. */
export function dropLimit({ drop, membership }: Sku): DropLimit | null {
  if (drop === null || membership === null || membership.limit === null) return null;
  return { drop, limit: membership.limit, allowances: membership.allowances ?? ALLOWANCE_OBJECTS };
}

/** The Allowance object that counts what a customer claims of this SKU, or null. */
export function countedBy(sku: Sku, customer: string): string | null {
  const limit = dropLimit(sku);
  return limit === null ? null : allowanceName(limit, customer);
}

/** A hold as a try: it lives for TRY_MS at most, and never past its own end. */
export function asTry(ledger: Ledger, hold: Reservation, attempt: Attempt): Reservation {
  return { ...hold, status: "held", attempt, expiresAt: Math.min(ledger.now + TRY_MS, hold.extendableUntil) };
}

/** A late payment as a try: its reservation takes units again, as many as are paid, and knows what it was before. */
export function asRescue(ledger: Ledger, late: Reservation, quantity: number, orderId: string | null): Reservation {
  return {
    ...late,
    status: "held",
    quantity,
    expiresAt: ledger.now + TRY_MS,
    attempt: { purpose: "rescue", lapsedAt: late.expiresAt, quantity: late.quantity, orderId },
    countedBy: countedBy(skuOf(ledger), late.customer),
  };
}

/** What a reservation was before its late payment was tried. */
export function beforeRescue(reservation: Reservation): Reservation {
  const { attempt } = reservation;
  if (attempt?.purpose !== "rescue") throw new Error("this is no late payment");
  const { lapsedAt, quantity } = attempt;
  return { ...reservation, status: "expired", expiresAt: lapsedAt, quantity, attempt: null, lockedUntil: null };
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
    const late = beforeRescue(reservation);
    apply(ledger, { type: "reservation.cancelled", dHeld: -quantity, reservation: late });
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
