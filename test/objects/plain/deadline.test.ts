import { expect, it } from "vitest";
import { CALL_PATIENCE_MS } from "../../../src/domain/bounds.ts";
import { Deadline } from "../../../src/objects/shared/deadline.ts";
import { FakeClock } from "../../fake-clock.ts";

it("[TXN8] is over when the caller's patience is, and not before", () => {
  const clock = new FakeClock();
  const deadline = new Deadline(CALL_PATIENCE_MS, clock);
  clock.step(CALL_PATIENCE_MS - 1);
  expect([deadline.leftMs, deadline.isOver]).toEqual([1, false]);
  clock.step(1);
  expect([deadline.leftMs, deadline.isOver]).toEqual([0, true]);
});

it("[TXN8] [CLK6] leaves no more than the whole patience after the clock was set back", () => {
  const clock = new FakeClock();
  const deadline = new Deadline(CALL_PATIENCE_MS, clock);
  clock.step(-3_600_000);
  expect([deadline.leftMs, deadline.isOver]).toEqual([CALL_PATIENCE_MS, false]);
});
