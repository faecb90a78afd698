import { HoldfastError } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import type { Failure } from "./failure.ts";

/**
 * A call's value, or why there is none. What is neither a refusal nor an outage is a bug, of the page or of what stands between:
 * it is reported as one, and shown, because whoever asks again and again has to go on.
 */
export async function attempt<Value>(
  call: () => Promise<Result<Value, RefusalCode>>,
  signal?: AbortSignal,
): Promise<{ value: Value } | { failure: Failure }> {
  try {
    const result = await call();
    return result.ok ? { value: result.value } : { failure: result.refusal };
  } catch (error) {
    if (error instanceof HoldfastError) return { failure: error };
    // Called off by whoever waited for it, who does not look any more.
    if (signal?.aborted) return { failure: new HoldfastError("network", "called off") };
    reportError(error);
    const what = error instanceof Error ? error.message : String(error);
    return { failure: new HoldfastError("bad-answer", what, { cause: error }) };
  }
}
