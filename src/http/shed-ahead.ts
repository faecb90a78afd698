import type { Outcome } from "../domain/command.ts";
import { hasPassed } from "../domain/elapsed.ts";
import { SHED_AHEAD_MS, SHED_SKUS_MAX, spreadRetrySeconds } from "../domain/load.ts";
import { remember } from "./remember.ts";
import { fail } from "./responses.ts";

/** A SKU that shed load, as this isolate was told. */
interface Shedding {
  since: number;
  retryAfterSeconds: number;
  /** Reserves that were refused here since the last call to the SKU. */
  refused: number;
}

const sheddings = new Map<string, Shedding>();

/**
 * Answers reserves of a SKU that shed load a moment ago, before anything else is done for them: refusing has to cost less than
 * what it saves. Nothing happened, so that the same key may be sent again.
 */
export function shedAhead(sku: string): Response | null {
  const known = sheddings.size === 0 ? undefined : sheddings.get(sku);
  if (known === undefined || hasPassed(known.since, SHED_AHEAD_MS, Date.now())) return null;
  known.refused += 1;
  const seconds = spreadRetrySeconds(known.retryAfterSeconds, Math.random());
  return fail("overloaded", undefined, { "Retry-After": String(seconds) });
}

/** How many reserves were refused ahead of a SKU since this was last asked. */
export function takeShedAhead(sku: string): number {
  const known = sheddings.size === 0 ? undefined : sheddings.get(sku);
  if (known === undefined) return 0;
  const { refused } = known;
  known.refused = 0;
  if (hasPassed(known.since, SHED_AHEAD_MS, Date.now())) sheddings.delete(sku);
  return refused;
}

/** Takes note of a SKU that shed a reserve. */
export function noteShedding(sku: string, outcome: Outcome): void {
  if (outcome.ok || outcome.refusal.code !== "overloaded") return;
  const { retryAfterSeconds } = outcome.refusal;
  if (retryAfterSeconds === undefined) return;
  const refused = sheddings.get(sku)?.refused ?? 0;
  remember(sheddings, sku, { since: Date.now(), retryAfterSeconds, refused }, SHED_SKUS_MAX);
}
