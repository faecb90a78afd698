import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CALL_PATIENCE_MS } from "../../../src/domain/bounds.ts";
import { OutcomeUnknown, patiently } from "../../../src/http/patiently.ts";

// In a file without objects: the timers of one that still writes to D1 would be fake as well.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("[API13] does not wait for ever for an object", async () => {
  const kept = patiently(new Promise(() => {}), 1_000).catch((error: unknown) => error);
  let isOver = false;
  void kept.then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(CALL_PATIENCE_MS + 999);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await kept).toBeInstanceOf(OutcomeUnknown);
});
