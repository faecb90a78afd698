import { allowanceName, claimOf, type Grant, verdictOf } from "../domain/allowance.ts";
import { lastOutcome, type Outcome, type Request, refused } from "../domain/command.ts";
import type { Executed } from "../objects/sku-object.ts";

/** A try among the outcomes of a request: the request itself, or a part of its batch. */
interface Pending {
  part: number | null;
  outcome: Extract<Outcome, { type: "try" }>;
  of: "reserve" | "confirm";
}

/**
 * Has a SKU object execute a request, whole: what it answers with a try waits for the drop's limit, is asked for at the
 * customer's Shopper object and settled before anybody is told. Cut off in between, the try lapses by itself.
 */
export async function executeWhole(env: Env, sku: string, request: Request, waitMs: number): Promise<Executed> {
  const executed = (await env.SKU.getByName(sku).execute([request], waitMs)) as Executed;
  const outcome = lastOutcome(executed.outcomes);
  const pending = pendingIn(request, outcome);
  if (pending.length === 0) return executed;
  const settling = await Promise.all(pending.map((one) => settlementOf(env, request, one)));
  const settled = (await env.SKU.getByName(sku).execute(settling, waitMs)) as Executed;
  const outcomes = settled.outcomes.map(presentable);
  if (!(outcome.ok && outcome.type === "batch")) return { ...settled, outcomes };
  const parts = outcome.outcomes.slice();
  for (const [index, { part }] of pending.entries()) {
    const answer = outcomes[index];
    if (part !== null && answer !== undefined) parts[part] = answer;
  }
  return { ...settled, outcomes: [{ ...outcome, outcomes: parts }] };
}

function pendingIn({ command }: Request, outcome: Outcome): Pending[] {
  if (!outcome.ok) return [];
  if (outcome.type === "try") return [{ part: null, outcome, of: command.type === "confirm" ? "confirm" : "reserve" }];
  if (outcome.type !== "batch") return [];
  return outcome.outcomes.flatMap((one, part): Pending[] => {
    if (!one.ok || one.type !== "try") return [];
    return [{ part, outcome: one, of: outcome.commands[part] === "confirm" ? "confirm" : "reserve" }];
  });
}

async function settlementOf(env: Env, request: Request, { part, outcome, of }: Pending): Promise<Request> {
  const { reservation, limit } = outcome;
  const grant: Grant =
    limit === null
      ? { granted: true }
      : await env.SHOPPER.getByName(allowanceName(limit.drop, reservation.customer)).claim(
          claimOf(reservation, limit.limit),
        );
  const command = {
    type: "settle" as const,
    id: reservation.id,
    version: reservation.version,
    ...verdictOf(grant),
    of,
    answer: request.key === null ? undefined : { key: request.key, part },
  };
  return { actor: { role: "service" }, key: null, content: "", command };
}

/** A try that lapsed before it was settled has had no effect: its caller is asked to come again. */
function presentable(outcome: Outcome): Outcome {
  const hasLapsed = !outcome.ok && outcome.refusal.code === "hold-expired" && !outcome.refusal.refundRequired;
  return hasLapsed ? refused({ code: "overloaded" }) : outcome;
}
