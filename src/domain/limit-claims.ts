import type { Command, DropLimit, Outcome, Refusal, Request, SettleCommand } from "./command.ts";
import { refused } from "./command.ts";
import type { Lender, Reservation } from "./model.ts";

/** A try that waits for the limit of its drop, and what it came from: that decides how it is closed. */
export interface Tried {
  reservation: Reservation;
  /** Null: the limit was taken back meanwhile, and nobody has to be asked. */
  limit: DropLimit | null;
  /** `line` and `lock` are a cart's: what is granted stays a try, which the cart commits or sells. */
  by: "reserve" | "confirm" | "line" | "lock" | "offer";
  /** Where the settled answer is kept: under a key, perhaps as part of a batch. */
  answer?: SettleCommand["answer"];
}

/** A try among the outcomes of some requests: that of a request itself, or of a part of its batch. */
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
  // A late line that its SKU could lock by itself.
  if (reservation.lockedUntil !== null) return [];
  const answer = key === null ? undefined : { key, part };
  return [{ index, part, outcome, reservation, limit, by: origin(command), answer }];
}

function origin(command: Command): Tried["by"] {
  if (command.type === "lock" || command.type === "confirm") return command.type;
  return command.type === "reserve" && command.cart !== undefined ? "line" : "reserve";
}

/** How a try is closed: what the limit said, and for a late payment who lent to it. */
export interface Verdict {
  granted: boolean;
  refusal?: Refusal | undefined;
  lenders?: readonly Lender[] | undefined;
}

/** What closes a try once its verdict is there; null: nothing, it is its cart's now. */
export function closingOf({ reservation, by, answer }: Tried, verdict: Verdict): Request | null {
  const { id, version } = reservation;
  if (by === "line" && verdict.granted) return null;
  const of = by === "confirm" || by === "lock" ? ("confirm" as const) : ("reserve" as const);
  return requestOf({ type: "settle", id, version, ...verdict, of, answer }, { role: "service" });
}

function requestOf(command: Command, actor: Request["actor"]): Request {
  return { actor, key: null, content: "", command };
}

/** What whoever asked for a try is told, once it was closed. One that had lapsed has had no effect: its caller comes again. */
export function answerTo(closed: Outcome): Outcome {
  const hasLapsed = !closed.ok && closed.refusal.code === "hold-expired" && !closed.refusal.refundRequired;
  return hasLapsed ? refused({ code: "overloaded" }) : closed;
}

/** These outcomes with each try's answer in its place. */
export function withAnswers(
  outcomes: readonly Outcome[],
  pending: readonly Pending[],
  answers: readonly Outcome[],
): Outcome[] {
  const answered = outcomes.slice();
  for (const [place, { index, part }] of pending.entries()) {
    const [answer, whole] = [answers[place], answered[index]];
    if (answer === undefined || whole === undefined) throw new Error("a try was left without an answer");
    const isPart = part !== null && whole.ok && whole.type === "batch";
    answered[index] = isPart ? { ...whole, outcomes: whole.outcomes.with(part, answer) } : answer;
  }
  return answered;
}
