import { type Grant, verdictOf } from "./allowance.ts";
import type { Command, DropLimit, Outcome, Request, SettleCommand } from "./command.ts";
import { refused } from "./command.ts";
import type { Reservation } from "./model.ts";

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
  const answer = key === null ? undefined : { key, part };
  return [{ index, part, outcome, reservation, limit, by: origin(command), answer }];
}

function origin(command: Command): Tried["by"] {
  if (command.type === "lock" || command.type === "confirm") return command.type;
  return command.type === "reserve" && command.cart !== undefined ? "line" : "reserve";
}

/** What closes a try once the limit has answered; null: nothing, it is its cart's now or has ended already. */
export function closingOf({ reservation, by, answer }: Tried, grant: Grant): Request | null {
  const { id, version, cart } = reservation;
  const isLine = by === "line" || by === "lock";
  const verdict = verdictOf(grant);
  if (isLine && verdict.granted) return null;
  if (by === "lock" && cart !== null) return requestOf({ type: "unlock", id }, { role: "cart", cart });
  const of = by === "confirm" ? ("confirm" as const) : ("reserve" as const);
  return requestOf({ type: "settle", id, version, ...verdict, of, answer }, { role: "service" });
}

function requestOf(command: Command, actor: Request["actor"]): Request {
  return { actor, key: null, content: "", command };
}

/** What whoever asked for a try is told, once it is `closed` as `closingOf` says. */
export function answerTo(
  { by, outcome }: Pick<Pending, "by" | "outcome">,
  grant: Grant,
  closed: Outcome | null,
): Outcome {
  if (closed === null) return grant.granted ? outcome : refused({ code: "overloaded" });
  if (by === "lock" && !grant.granted && grant.refusal !== null) return refused(grant.refusal);
  // A try that lapsed before it was settled has had no effect: its caller is asked to come again.
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
