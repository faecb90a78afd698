import { beforeEach, expect, it } from "vitest";
import { Timers } from "../../../src/objects/shared/timers.ts";
import { FakeClock } from "../../fake-clock.ts";

let clock: FakeClock;
let timers: Timers;
beforeEach(() => {
  clock = new FakeClock();
  timers = new Timers(null, clock);
});

const pass = (ms: number) => clock.pass(ms);

it("[CLK6] has what waits go on for no longer than it still had to, once anything comes by after the clock was set back", async () => {
  const over: string[] = [];
  timers.start(() => over.push("first"), 1_000);
  await pass(400);
  timers.checkUp(clock.now());
  clock.step(-3_600_000);
  expect(clock.timers).toEqual([3_600_600]);
  timers.start(() => over.push("second"), 100);
  // Armed anew: it would wait for its time on the wall clock.
  expect(clock.timers).toEqual([100, 600]);
  await pass(100);
  expect(over).toEqual(["second"]);
  await pass(499);
  expect(over).toEqual(["second"]);
  await pass(1);
  expect(over).toEqual(["second", "first"]);
});

it("leaves timers alone while the clock goes on, and forgets one that is stopped", async () => {
  const over: string[] = [];
  const stop = timers.start(() => over.push("stopped"), 100);
  timers.start(() => over.push("kept"), 200);
  stop();
  timers.checkUp(clock.now() + 3_600_000);
  await pass(200);
  expect(over).toEqual(["kept"]);
});
