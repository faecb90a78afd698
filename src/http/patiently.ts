import { CALL_PATIENCE_MS } from "../domain/bounds.ts";
import { withTimeout } from "../objects/shared/timeout.ts";

/** Nobody knows what became of a call that changes something: the same key, or a read, tells. */
export class OutcomeUnknown extends Error {}

/**
 * What an object answers to a call that changes something, and that was told to begin within CALL_PATIENCE_MS; `waitMs` more
 * for what the object waits for after that. Whatever else comes of it says nothing of what it did, but for one that the
 * platform has not let through.
 */
export async function patiently<Answer>(call: PromiseLike<Answer>, waitMs = 0): Promise<Answer> {
  try {
    return await withTimeout(call, CALL_PATIENCE_MS + waitMs, "an object");
  } catch (error) {
    if (error instanceof Error && "overloaded" in error && error.overloaded === true) throw error;
    throw new OutcomeUnknown(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
