import { afterEach, expect, it, vi } from "vitest";
import { CLOCK_BEHIND_MS_MAX } from "../../../src/domain/bounds.ts";
import { Logger } from "../../../src/logger.ts";
import { type Machine, StuckClock } from "../../../src/objects/shared/stuck-clock.ts";
import { Timers } from "../../../src/objects/shared/timers.ts";

const NOW = 1_800_000_000_000;
const logger = new Logger("sku", "shoe");

afterEach(() => void vi.useRealTimers());

function machine(aheadMs: number): Machine & { restarts: number } {
  const known = {
    restarts: 0,
    turn: async () => {},
    wallNow: async () => NOW - aheadMs,
    pause: async () => {},
    restart: async () => {
      known.restarts += 1;
    },
  };
  return known;
}

/** Lets promises that wait for nothing go on. */
const settle = async () => {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
};

it("[CLK6] lets whoever waits go when the clock stands still, and begins the object anew", async () => {
  vi.useFakeTimers({ now: NOW });
  const stopped = machine(30_000);
  const timers = new Timers(new StuckClock(stopped, logger));
  const over: string[] = [];
  timers.start(() => over.push("first"), 1_000);
  await settle();
  expect(over).toEqual([]);
  timers.start(() => over.push("second"), 1_000);
  await settle();
  expect(over).toEqual(["first", "second"]);
  expect(stopped.restarts).toBe(1);
  timers.start(() => over.push("third"), 1_000);
  await settle();
  expect(over).toEqual(["first", "second", "third"]);
  expect(stopped.restarts).toBe(1);
});

it("[CLK6] leaves an object alone whose clock goes on, or is hardly ahead", async () => {
  vi.useFakeTimers({ now: NOW });
  const near = machine(CLOCK_BEHIND_MS_MAX);
  const found = vi.fn();
  const clock = new StuckClock(near, logger);
  for (let looks = 0; looks < 5; looks += 1) {
    clock.look(NOW, found);
    await settle();
  }
  const far = machine(CLOCK_BEHIND_MS_MAX + 1);
  far.turn = async () => void vi.setSystemTime(Date.now() + 1);
  const moving = new StuckClock(far, logger);
  for (let looks = 0; looks < 5; looks += 1) {
    moving.look(Date.now(), found);
    moving.look(Date.now(), found);
    await settle();
  }
  expect(found).not.toHaveBeenCalled();
  expect(near.restarts + far.restarts).toBe(0);
});
