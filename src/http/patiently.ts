import { CALL_PATIENCE_MS } from "../domain/bounds.ts";
import { withTimeout } from "../objects/shared/timeout.ts";

/** The outcome of a changing call is unknown: the same key, or a read, tells. */
export class OutcomeUnknown extends Error {}

/**
 * Waits for a changing call to an object that has to begin within CALL_PATIENCE_MS, and `waitMs` longer for D1. Any failure
 * leaves the outcome unknown, except a call that the platform refused to deliver.
 */
export async function patiently<Answer>(call: PromiseLike<Answer>, waitMs = 0): Promise<Answer> {
  try {
    return await withTimeout(call, CALL_PATIENCE_MS + waitMs, "an object");
  } catch (error) {
    if (error instanceof Error && "overloaded" in error && error.overloaded === true) throw error;
    throw new OutcomeUnknown(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
