import { OBJECT_CALL_MS } from "../../domain/bounds.ts";
import { lastOutcome, type Outcome, type Request } from "../../domain/command.ts";
import { withTimeout } from "./timeout.ts";

/** Executes requests in a SKU object and returns the last outcome. Rejects if there is no answer in time. */
export async function callSku(env: Env, sku: string, requests: Request[]): Promise<Outcome> {
  return lastOutcome(await executeInSku(env, sku, requests));
}

/** The same with all outcomes, in order. */
export async function executeInSku(env: Env, sku: string, requests: Request[]): Promise<Outcome[]> {
  const call = env.SKU.getByName(sku).execute(requests, 0, OBJECT_CALL_MS);
  const { outcomes } = await withTimeout(call, OBJECT_CALL_MS, "a SKU");
  return outcomes as Outcome[];
}
