import { afterEach, expect, it, vi } from "vitest";
import { HoldfastError } from "../../src/client/client.ts";
import type { Result } from "../../src/client/refusal.ts";
import { attempt } from "../../src/web/console/state/attempt.ts";

afterEach(() => vi.unstubAllGlobals());

/** What an attempt at this comes to, and what was reported as a bug. */
async function outcomeOf(call: () => Promise<Result<unknown, "not-found">>, signal?: AbortSignal) {
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  return { ...(await attempt(call, signal)), reported: reported.mock.calls.flat() };
}

it("takes a bug for a failure that is shown, and reports it", async () => {
  const bug = new TypeError("Cannot read properties of null");
  const { reported, ...outcome } = await outcomeOf(() => Promise.reject(bug));
  expect(outcome).toMatchObject({ failure: { code: "bad-answer", message: bug.message, cause: bug } });
  expect(reported).toEqual([bug]);
});

it("reports neither an outage nor what was called off", async () => {
  const outage = new HoldfastError("network", "no answer");
  expect(await outcomeOf(() => Promise.reject(outage))).toEqual({ failure: outage, reported: [] });
  const off = AbortSignal.abort();
  const calledOff = await outcomeOf(() => Promise.reject(off.reason), off);
  expect(calledOff).toMatchObject({ failure: { code: "network" }, reported: [] });
});
