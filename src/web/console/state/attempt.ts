import { HoldfastError } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import type { Failure } from "./failure.ts";

/** Runs a call and returns its value or its failure. A bug is reported and returned as a failure too, because polling has to go on. */
export async function attempt<Value>(
  call: () => Promise<Result<Value, RefusalCode>>,
  signal?: AbortSignal,
): Promise<{ value: Value } | { failure: Failure }> {
  try {
    const result = await call();
    return result.ok ? { value: result.value } : { failure: result.refusal };
  } catch (error) {
    if (error instanceof HoldfastError) return { failure: error };
    // The caller has cancelled it and no longer looks.
    if (signal?.aborted) return { failure: new HoldfastError("network", "called off") };
    reportError(error);
    const what = error instanceof Error ? error.message : String(error);
    return { failure: new HoldfastError("bad-answer", what, { cause: error }) };
  }
}
