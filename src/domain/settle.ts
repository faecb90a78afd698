import { type Outcome, refused, type SettleCommand } from "./command.ts";
import { type Answer, apply, type Ledger } from "./ledger.ts";
import type { Attempt, Reservation } from "./model.ts";
import { type RefusedOrder, refundDue, refundRefusal } from "./refund.ts";
import { beforeRescue, endRescue, judgeRescue, lockRescue, promise, sellRescue } from "./rescue.ts";
import { cancelTry, LAPSED, reservationOutcome } from "./try.ts";
import { offered, overDropLimit } from "./waitlist.ts";

/** Commits a try or cancels it, once; settled again it answers as it stands. What lapsed meanwhile is LAPSED: nothing happened. */
export function settle(ledger: Ledger, command: SettleCommand): Outcome {
  const kept = command.answer === undefined ? undefined : ledger.answers.get(command.answer.key);
  const told = kept === undefined ? undefined : partOf(kept, command.answer?.part ?? null);
  if (told !== undefined && !(told.ok && told.type === "try")) return told.ok ? { ...told, replayed: true } : told;
  const outcome = settleTry(ledger, command);
  if (command.answer !== undefined && kept !== undefined) keepAnswer(ledger, command.answer, kept, outcome);
  return outcome;
}

function settleTry(ledger: Ledger, command: SettleCommand): Outcome {
  const reservation = ledger.reservations.get(command.id);
  const attempt = reservation?.status === "held" && reservation.lockedUntil === null ? reservation.attempt : null;
  if (!reservation || attempt === null || !isMeant(command, reservation, attempt)) {
    return settledBefore(ledger, command, reservation);
  }
  if (attempt.purpose === "rescue") return settleRescue(ledger, command, reservation, attempt);
  if (!command.granted) {
    cancelTry(ledger, reservation);
    if (attempt.purpose === "offer") overDropLimit(ledger, reservation);
    return notGranted(command);
  }
  if (command.lastsMs !== undefined && command.lastsMs <= 0) {
    // It would be dead on arrival.
    cancelTry(ledger, reservation);
    return refused(LAPSED);
  }
  grant(ledger, command, reservation, attempt);
  return reservationOutcome(ledger, settledOne(ledger, command.id));
}

/** Whether this try was asked about. A yes to the reserve that comes once more is none to the late payment for the same units. */
function isMeant({ of, version }: SettleCommand, reservation: Reservation, { purpose }: Attempt): boolean {
  return (of === "confirm") === (purpose === "rescue") && (version === undefined || version === reservation.version);
}

function settledBefore(ledger: Ledger, command: SettleCommand, reservation: Reservation | undefined): Outcome {
  if (!command.granted && command.of === "reserve") return notGranted(command);
  const isThere =
    reservation?.status === "confirmed" || (reservation?.status === "held" && reservation.attempt === null);
  return isThere ? reservationOutcome(ledger, reservation) : refused(LAPSED);
}

/** The answer to a claim that came to nothing: why not, if anybody is to be told. */
function notGranted({ refusal }: SettleCommand): Outcome {
  return refusal === undefined ? { ok: true, type: "done" } : refused(refusal);
}

type Rescue = Extract<Attempt, { purpose: "rescue" }>;

/**
 * A late payment after everybody was asked: it is judged once more, for what was to be lent may have been sold meanwhile.
 * Where its cart decides, a yes locks it.
 */
function settleRescue(ledger: Ledger, command: SettleCommand, tried: Reservation, attempt: Rescue): Outcome {
  const { paid, orderId, locks } = attempt;
  const lenders = command.lenders ?? tried.lenders;
  const reservation = { ...tried, lenders };
  const verdict = command.granted ? judgeRescue(ledger, tried, paid) : notGrantedRescue(command);
  if (verdict.kind === "fits") {
    const { claims } = verdict;
    if (locks) apply(ledger, lockRescue(ledger, reservation, paid, claims));
    else
      apply(
        ledger,
        sellRescue(ledger, beforeRescue(tried), {
          paid,
          orderId,
          claims,
          lenders,
          held: tried.quantity,
          serial: attempt.serial,
        }),
      );
    return reservationOutcome(ledger, settledOne(ledger, command.id));
  }
  apply(ledger, endRescue(ledger, reservation, "reservation.cancelled"));
  const late = settledOne(ledger, command.id);
  // Of a line the refund is its cart's.
  if (verdict.kind === "refund" && locks) return refused(refundRefusal(late, "hold-expired"));
  if (verdict.kind === "refund") return refund(ledger, late, { orderId, quantity: paid });
  promise(ledger, late, paid);
  return refused({ code: "overloaded" });
}

/** A limit that is full for good is a refund; one of which a part is being decided is not. */
function notGrantedRescue({ refusal }: SettleCommand): { kind: "waits" | "refund" } {
  return { kind: refusal?.code === "overloaded" ? "waits" : "refund" };
}

function grant(
  ledger: Ledger,
  command: SettleCommand,
  reservation: Reservation,
  attempt: Exclude<Attempt, Rescue>,
): void {
  switch (attempt.purpose) {
    case "hold": {
      const expiresAt = ledger.now + (command.lastsMs ?? attempt.ttlSeconds * 1000);
      const hold = { ...reservation, attempt: null, expiresAt: Math.min(expiresAt, reservation.extendableUntil) };
      apply(ledger, { type: "reservation.held", reservation: hold });
      return;
    }
    case "offer":
      offered(ledger, reservation);
  }
}

/** The late payment that was tried goes back, for good. */
function refund(ledger: Ledger, late: Reservation, order: RefusedOrder): Outcome {
  const ruling = refundDue(ledger.now, late, order, "hold-expired");
  if (ruling.kind !== "refused") throw new Error("a refund was not refused");
  if (ruling.change) apply(ledger, ruling.change);
  return refused(ruling.refusal);
}

function settledOne(ledger: Ledger, id: string): Reservation {
  const reservation = ledger.reservations.get(id);
  if (!reservation) throw new Error("what was settled is gone");
  return reservation;
}

function partOf({ outcome }: Answer, part: number | null): Outcome | undefined {
  if (part === null) return outcome;
  return outcome.ok && outcome.type === "batch" ? outcome.outcomes[part] : undefined;
}

/** The answer to a key is that of the settled try: of a single refusal none, of a part of a batch whatever it was. */
function keepAnswer(
  ledger: Ledger,
  { key, part }: { key: string; part: number | null },
  kept: Answer,
  outcome: Outcome,
): void {
  if (part === null && !outcome.ok) {
    ledger.answers.delete(key);
    ledger.removedKeys.add(key);
    return;
  }
  const whole = kept.outcome;
  const settled =
    part !== null && whole.ok && whole.type === "batch"
      ? { ...whole, outcomes: whole.outcomes.map((one, index) => (index === part ? outcome : one)) }
      : outcome;
  ledger.answers.set(key, { content: kept.content, outcome: settled });
  ledger.newKeys.add(key);
}
