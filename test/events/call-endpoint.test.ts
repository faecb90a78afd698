import { afterEach, describe, expect, it, vi } from "vitest";
import { WEBHOOK_CALL_MS } from "../../src/domain/bounds.ts";
import { callEndpoint } from "../../src/events/call-endpoint.ts";
import { newSecret } from "../../src/events/sign.ts";
import { hook } from "../domain/webhook-case.ts";
import { FakeClock } from "../fake-clock.ts";

afterEach(() => void vi.unstubAllGlobals());

/** A call to an endpoint that answers like this, or not before it is given up. */
async function called(answer?: Response) {
  const clock = new FakeClock();
  const sent = Promise.withResolvers<void>();
  const fetched = vi.fn((_url: string, { signal }: { signal: AbortSignal }) => {
    sent.resolve();
    if (answer !== undefined) return Promise.resolve(answer);
    return new Promise<Response>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  });
  vi.stubGlobal("fetch", fetched);
  const webhook = hook({}, { secret: newSecret() });
  const calling = callEndpoint({
    webhook,
    event: "sku/shoe:1",
    body: "{}",
    allowPrivate: false,
    clock,
    isWanted: () => true,
  });
  await sent.promise;
  return { clock, calling };
}

describe("a call to an endpoint", () => {
  it("[WHK7] is given up after fifteen seconds, not before, and says so", async () => {
    const { clock, calling } = await called();
    const ended = vi.fn();
    void calling.then(ended);
    await clock.pass(WEBHOOK_CALL_MS - 1);
    expect(ended).not.toHaveBeenCalled();
    await clock.pass(1);
    expect(await calling).toMatchObject({ status: null, error: "no answer within 15 s" });
    expect(clock.timers).toEqual([]);
  });

  it("[WHK7] that is answered leaves no timer behind, and knows from when on it may be repeated", async () => {
    const { clock, calling } = await called(new Response(null, { status: 503, headers: { "Retry-After": "7" } }));
    const result = await calling;
    expect(result).toMatchObject({ at: clock.now(), status: 503, error: null, retryAfterMs: 7_000 });
    expect(clock.timers).toEqual([]);
  });
});
