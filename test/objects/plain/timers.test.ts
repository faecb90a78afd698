import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Timers } from "../../../src/objects/shared/timers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it("[CLK6] has what waits go on for no longer than it still had to, once anything comes by after the clock was set back", async () => {
  const timers = new Timers();
  const over: string[] = [];
  const armed = vi.spyOn(globalThis, "setTimeout");
  timers.start(() => over.push("first"), 1_000);
  await pass(400);
  timers.checkUp(Date.now());
  const now = Date.now() - 3_600_000;
  vi.setSystemTime(now);
  timers.start(() => over.push("second"), 100);
  // Armed anew, for the runtime would let it wait for its time on the wall clock.
  expect(armed.mock.calls.map(([, ms]) => ms)).toEqual([1_000, 600, 100]);
  await pass(100);
  expect(over).toEqual(["second"]);
  await pass(499);
  expect(over).toEqual(["second"]);
  await pass(1);
  expect(over).toEqual(["second", "first"]);
});

it("leaves timers alone while the clock goes on, and forgets one that is stopped", async () => {
  const timers = new Timers();
  const over: string[] = [];
  const stop = timers.start(() => over.push("stopped"), 100);
  timers.start(() => over.push("kept"), 200);
  stop();
  timers.checkUp(Date.now() + 3_600_000);
  await pass(200);
  expect(over).toEqual(["kept"]);
});
