import { expect, it, vi } from "vitest";
import { CLOCK_BEHIND_MS_MAX } from "../../../src/domain/bounds.ts";
import { Logger } from "../../../src/logger.ts";
import { type Machine, StuckClock } from "../../../src/objects/shared/stuck-clock.ts";
import { Timers } from "../../../src/objects/shared/timers.ts";
import { FakeClock, settled } from "../../fake-clock.ts";

const NOW = 1_800_000_000_000;
const logger = new Logger("sku", "shoe");

function machine(aheadMs: number): Machine & { restarts: number } {
  const known = {
    restarts: 0,
    now: () => NOW,
    turn: async () => {},
    wallNow: async () => NOW - aheadMs,
    pause: async () => {},
    restart: async () => {
      known.restarts += 1;
    },
  };
  return known;
}

it("[CLK6] lets whoever waits go when the clock stands still, and begins the object anew", async () => {
  const stopped = machine(30_000);
  const timers = new Timers(new StuckClock(stopped, logger), new FakeClock(NOW));
  const over: string[] = [];
  timers.start(() => over.push("first"), 1_000);
  await settled();
  expect(over).toEqual([]);
  timers.start(() => over.push("second"), 1_000);
  await settled();
  expect(over).toEqual(["first", "second"]);
  expect(stopped.restarts).toBe(1);
  timers.start(() => over.push("third"), 1_000);
  await settled();
  expect(over).toEqual(["first", "second", "third"]);
  expect(stopped.restarts).toBe(1);
});

it("[CLK6] leaves an object alone whose clock goes on, or is hardly ahead", async () => {
  const near = machine(CLOCK_BEHIND_MS_MAX);
  const found = vi.fn();
  const clock = new StuckClock(near, logger);
  for (let looks = 0; looks < 5; looks += 1) {
    clock.look(NOW, found);
    await settled();
  }
  const far = machine(CLOCK_BEHIND_MS_MAX + 1);
  let now = NOW;
  far.now = () => now;
  far.turn = async () => {
    now += 1;
  };
  const moving = new StuckClock(far, logger);
  for (let looks = 0; looks < 5; looks += 1) {
    moving.look(now, found);
    moving.look(now, found);
    await settled();
  }
  expect(found).not.toHaveBeenCalled();
  expect(near.restarts + far.restarts).toBe(0);
});
