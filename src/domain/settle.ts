import { type Outcome, refused, type SettleCommand } from "./command.ts";
import type { Reservation, TryPurpose } from "./model.ts";
import { type RefusedOrder, refundDue, refundRefusal } from "./refund.ts";
import { beforeRescue, endRescue, judgeRescue, lockRescue, promise, sellRescue } from "./rescue.ts";
import { cancelTry, LAPSED, reservationOutcome } from "./try.ts";
import { apply, type StoredAnswer, type UnitOfWork } from "./unit-of-work.ts";
import { offered, overDropLimit } from "./waitlist.ts";

/** Commits or cancels a try, once; settled again it answers with the current state. A try that lapsed is LAPSED: nothing happened. */
export function settle(work: UnitOfWork, command: SettleCommand): Outcome {
  const kept = command.answer === undefined ? undefined : work.answers.get(command.answer.key);
  const told = kept === undefined ? undefined : partOf(kept, command.answer?.part ?? null);
  if (told !== undefined && !(told.ok && told.type === "try")) return told.ok ? { ...told, replayed: true } : told;
  const outcome = settleTry(work, command);
  if (command.answer !== undefined && kept !== undefined) keepAnswer(work, command.answer, kept, outcome);
  return outcome;
}

function settleTry(work: UnitOfWork, command: SettleCommand): Outcome {
  const reservation = work.reservations.get(command.id);
  const attempt = reservation?.status === "held" && reservation.lockedUntil === null ? reservation.attempt : null;
  if (!reservation || attempt === null || !isMeant(command, reservation, attempt)) {
    return settledBefore(work, command, reservation);
  }
  if (attempt.purpose === "rescue") return settleRescue(work, command, reservation, attempt);
  if (!command.granted) {
    cancelTry(work, reservation);
    if (attempt.purpose === "offer") overDropLimit(work, reservation);
    return notGranted(command);
  }
  if (command.lastsMs !== undefined && command.lastsMs <= 0) {
    // The commit would be dead on arrival.
    cancelTry(work, reservation);
    return refused(LAPSED);
  }
  grant(work, command, reservation, attempt);
  return reservationOutcome(work, settledOne(work, command.id));
}

/** Whether this try was the one asked about. A grant for a repeated reserve does not apply to a late payment for the same units. */
function isMeant({ of, version }: SettleCommand, reservation: Reservation, { purpose }: TryPurpose): boolean {
  return (of === "confirm") === (purpose === "rescue") && (version === undefined || version === reservation.version);
}

function settledBefore(work: UnitOfWork, command: SettleCommand, reservation: Reservation | undefined): Outcome {
  if (!command.granted && command.of === "reserve") return notGranted(command);
  const isThere =
    reservation?.status === "confirmed" || (reservation?.status === "held" && reservation.attempt === null);
  return isThere ? reservationOutcome(work, reservation) : refused(LAPSED);
}

/** The answer to a cancelled claim: the reason, if the caller is to be told. */
function notGranted({ refusal }: SettleCommand): Outcome {
  return refusal === undefined ? { ok: true, type: "done" } : refused(refusal);
}

type Rescue = Extract<TryPurpose, { purpose: "rescue" }>;

/**
 * Settles a late payment after all lenders were asked. It is judged again, because what was to be lent may have been sold
 * meanwhile. If its cart decides, a grant locks it.
 */
function settleRescue(work: UnitOfWork, command: SettleCommand, tried: Reservation, attempt: Rescue): Outcome {
  const { paid, orderId, locks } = attempt;
  const lenders = command.lenders ?? tried.lenders;
  const reservation = { ...tried, lenders };
  const verdict = command.granted ? judgeRescue(work, tried, paid) : notGrantedRescue(command);
  if (verdict.kind === "fits") {
    const { claims } = verdict;
    if (locks) apply(work, lockRescue(work, reservation, paid, claims));
    else
      apply(
        work,
        sellRescue(work, beforeRescue(tried), {
          paid,
          orderId,
          claims,
          lenders,
          held: tried.quantity,
          serial: attempt.serial,
        }),
      );
    return reservationOutcome(work, settledOne(work, command.id));
  }
  apply(work, endRescue(work, reservation, "reservation.cancelled"));
  const late = settledOne(work, command.id);
  // The refund of a line is its cart's.
  if (verdict.kind === "refund" && locks) return refused(refundRefusal(late, "hold-expired"));
  if (verdict.kind === "refund") return refund(work, late, { orderId, quantity: paid });
  promise(work, late, paid);
  return refused({ code: "overloaded" });
}

/** A limit that is full for good means a refund; one with claims that are being decided does not. */
function notGrantedRescue({ refusal }: SettleCommand): { kind: "waits" | "refund" } {
  return { kind: refusal?.code === "overloaded" ? "waits" : "refund" };
}

function grant(
  work: UnitOfWork,
  command: SettleCommand,
  reservation: Reservation,
  attempt: Exclude<TryPurpose, Rescue>,
): void {
  switch (attempt.purpose) {
    case "hold": {
      const expiresAt = work.now + (command.lastsMs ?? attempt.ttlSeconds * 1000);
      const hold = { ...reservation, attempt: null, expiresAt: Math.min(expiresAt, reservation.extendableUntil) };
      apply(work, { type: "reservation.held", reservation: hold });
      return;
    }
    case "offer":
      offered(work, reservation);
  }
}

/** Ends a tried late payment with a final refund. */
function refund(work: UnitOfWork, late: Reservation, order: RefusedOrder): Outcome {
  const ruling = refundDue(work.now, late, order, "hold-expired");
  if (ruling.kind !== "refused") throw new Error("a refund was not refused");
  if (ruling.change) apply(work, ruling.change);
  return refused(ruling.refusal);
}

function settledOne(work: UnitOfWork, id: string): Reservation {
  const reservation = work.reservations.get(id);
  if (!reservation) throw new Error("the settled reservation is missing");
  return reservation;
}

function partOf({ outcome }: StoredAnswer, part: number | null): Outcome | undefined {
  if (part === null) return outcome;
  return outcome.ok && outcome.type === "batch" ? outcome.outcomes[part] : undefined;
}

/** Stores the settled outcome under the key. A refused single call frees its key; in a batch the refusal is stored. */
function keepAnswer(
  work: UnitOfWork,
  { key, part }: { key: string; part: number | null },
  kept: StoredAnswer,
  outcome: Outcome,
): void {
  if (part === null && !outcome.ok) {
    work.answers.delete(key);
    work.removedKeys.add(key);
    return;
  }
  const whole = kept.outcome;
  const settled =
    part !== null && whole.ok && whole.type === "batch"
      ? { ...whole, outcomes: whole.outcomes.map((one, index) => (index === part ? outcome : one)) }
      : outcome;
  work.answers.set(key, { content: kept.content, outcome: settled });
  work.newKeys.add(key);
}
