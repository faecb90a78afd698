import type { Command, DropLimit, Outcome, Refusal, Request, SettleCommand } from "./command.ts";
import { internalRequest, refused } from "./command.ts";
import type { Lender, Reservation } from "./model.ts";

/** A try that waits for the limit of its drop, and the command that made it, which decides how it is settled. */
export interface Tried {
  reservation: Reservation;
  /** Null: the limit was removed meanwhile, and nobody has to be asked. */
  limit: DropLimit | null;
  /** `line` and `lock` are a cart's: a granted try stays one, and the cart commits or sells it. */
  by: "reserve" | "confirm" | "line" | "lock" | "offer";
  /** Where the settled answer is stored: under a key, possibly as part of a batch. */
  answer?: SettleCommand["answer"];
}

/** A try among the outcomes of some requests: of a request itself, or of a part of its batch. */
export interface Pending extends Tried {
  index: number;
  part: number | null;
  outcome: Outcome;
}

/** The tries among these outcomes. */
export function pendingIn(requests: readonly Request[], outcomes: readonly Outcome[]): Pending[] {
  return outcomes.flatMap((outcome, index): Pending[] => {
    const request = requests[index];
    if (request === undefined || !outcome.ok) return [];
    const { key, command } = request;
    if (outcome.type === "try") return pendingOf(command, outcome, index, null, key);
    if (outcome.type !== "batch" || command.type !== "batch") return [];
    return outcome.outcomes.flatMap((one, part) => pendingOf(command.requests[part]?.command, one, index, part, key));
  });
}

function pendingOf(
  command: Command | undefined,
  outcome: Outcome,
  index: number,
  part: number | null,
  key: string | null,
): Pending[] {
  if (command === undefined || !outcome.ok || outcome.type !== "try") return [];
  const { reservation, limit } = outcome;
  // A late line that its SKU could lock without asking.
  if (reservation.lockedUntil !== null) return [];
  const answer = key === null ? undefined : { key, part };
  return [{ index, part, outcome, reservation, limit, by: origin(command), answer }];
}

function origin(command: Command): Tried["by"] {
  if (command.type === "lock" || command.type === "confirm") return command.type;
  return command.type === "reserve" && command.cart !== undefined ? "line" : "reserve";
}

/** How to settle a try: the limit's answer, and the lenders of a late payment. */
export interface Verdict {
  granted: boolean;
  refusal?: Refusal | undefined;
  lenders?: readonly Lender[] | undefined;
}

/** The request that settles a try with this verdict; null: its cart settles it. */
export function closingOf({ reservation, by, answer }: Tried, verdict: Verdict): Request | null {
  const { id, version } = reservation;
  if (by === "line" && verdict.granted) return null;
  const of = by === "confirm" || by === "lock" ? ("confirm" as const) : ("reserve" as const);
  return internalRequest({ type: "settle", id, version, ...verdict, of, answer });
}

/** The answer to the caller whose try was settled. A lapsed try had no effect: the caller retries. */
export function answerTo(closed: Outcome): Outcome {
  const hasLapsed = !closed.ok && closed.refusal.code === "hold-expired" && !closed.refusal.refundRequired;
  return hasLapsed ? refused({ code: "overloaded" }) : closed;
}

/** These outcomes, with the tries replaced by their answers. */
export function withAnswers(
  outcomes: readonly Outcome[],
  pending: readonly Pending[],
  answers: readonly Outcome[],
): Outcome[] {
  const answered = outcomes.slice();
  for (const [place, { index, part }] of pending.entries()) {
    const [answer, whole] = [answers[place], answered[index]];
    if (answer === undefined || whole === undefined) throw new Error("a try has no answer");
    const isPart = part !== null && whole.ok && whole.type === "batch";
    answered[index] = isPart ? { ...whole, outcomes: whole.outcomes.with(part, answer) } : answer;
  }
  return answered;
}
