import type { Clock } from "../clock.ts";
import { WEBHOOK_CALL_MS, WEBHOOK_ERROR_CHARS_MAX } from "../domain/bounds.ts";
import type { CallResult } from "../domain/delivery.ts";
import { secretsAt, type Webhook } from "../domain/webhook.ts";
import { CLOUD_EVENT_TYPE } from "./cloud-event.ts";
import { refusedUrl } from "./endpoint-url.ts";
import { retryAfterMs } from "./retry-after.ts";
import { signedHeaders } from "./sign.ts";

export interface EndpointCall {
  webhook: Webhook;
  event: string;
  body: string;
  allowPrivate: boolean;
  clock: Clock;
  /** Asked right before the call: nothing is sent for a webhook that was stopped meanwhile. */
  isWanted: () => boolean;
}

/**
 * Calls an endpoint once and returns the result; null if the call was no longer wanted. Never throws. A redirect counts as an
 * answer, and the answer's body is not read.
 */
export async function callEndpoint({
  webhook,
  event,
  body,
  allowPrivate,
  clock,
  isWanted,
}: EndpointCall): Promise<CallResult | null> {
  const at = clock.now();
  const started = performance.now();
  const result = (status: number | null, error: string | null, waitMs: number | null = null): CallResult => ({
    at,
    durationMs: Math.round(performance.now() - started),
    status,
    error: error?.slice(0, WEBHOOK_ERROR_CHARS_MAX) ?? null,
    retryAfterMs: waitMs,
  });
  const refusal = refusedUrl(webhook.url, allowPrivate);
  if (refusal !== null) return result(null, `url: ${refusal}`);
  // A running timer keeps the object in memory, and `AbortSignal.timeout` cannot be cancelled.
  const giveUp = new AbortController();
  const stop = clock.start(() => giveUp.abort(), WEBHOOK_CALL_MS);
  try {
    const signed = await signedHeaders(event, at, body, secretsAt(webhook, at));
    if (!isWanted()) return null;
    const response = await fetch(webhook.url, {
      method: "POST",
      headers: { "Content-Type": CLOUD_EVENT_TYPE, "User-Agent": "Holdfast-Webhooks/1.0", ...signed },
      body,
      redirect: "manual",
      signal: giveUp.signal,
    });
    // The body does not matter, nor whether it arrives.
    await response.body?.cancel().catch(() => {});
    return result(response.status, null, retryAfterMs(response.headers.get("Retry-After"), clock.now()));
  } catch (error) {
    return result(null, giveUp.signal.aborted ? `no answer within ${WEBHOOK_CALL_MS / 1000} s` : String(error));
  } finally {
    stop();
  }
}
