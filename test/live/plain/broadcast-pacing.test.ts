import { beforeEach, expect, it } from "vitest";
import {
  FAN_OUT_MS_MAX,
  FEED_INTERVAL_MS,
  RELAY_FRAMES_PER_SECOND,
  RELAY_INTERVAL_MS,
} from "../../../src/domain/bounds.ts";
import { BroadcastPacing } from "../../../src/live/broadcast-pacing.ts";
import { FakeClock } from "../../fake-clock.ts";

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

const pass = (ms: number) => clock.pass(ms);

/** So many watchers of a Relay, or of an object with a span of its own, and what was sent to all of them. */
function crowd(watchers: number, intervalMsMin = 0) {
  const sent: number[] = [];
  const rate = { intervalMsMin, framesPerSecond: RELAY_FRAMES_PER_SECOND };
  const fanOut = new BroadcastPacing(clock, rate, ({ version }) => {
    sent.push(version);
    return watchers;
  });
  const offer = (version: number, state: "open" | "paused" = "open", sku = "shoe") =>
    fanOut.offer({ sku, version, state });
  return { sent, offer, fanOut };
}

it("[LIV11] a Relay passes on at once what comes at the pace of a SKU to as many as its thread has room for", async () => {
  const { sent, offer } = crowd((RELAY_FRAMES_PER_SECOND * RELAY_INTERVAL_MS) / 1000);
  for (let version = 1; version <= 4; version += 1) {
    offer(version);
    expect(sent.at(-1)).toBe(version);
    await pass(RELAY_INTERVAL_MS);
  }
});

it("[LIV11] a Relay tells many watchers less often, at least once a second, and always the last", async () => {
  const { sent, offer } = crowd(RELAY_FRAMES_PER_SECOND * 2);
  offer(1);
  for (let version = 2; version <= 4; version += 1) {
    await pass(RELAY_INTERVAL_MS);
    offer(version);
  }
  expect(sent).toEqual([1]);
  offer(3);
  await pass(FAN_OUT_MS_MAX - 3 * RELAY_INTERVAL_MS - 1);
  expect(sent).toEqual([1]);
  await pass(1);
  expect(sent).toEqual([1, 4]);
  await pass(10 * FAN_OUT_MS_MAX);
  offer(5);
  expect(sent).toEqual([1, 4, 5]);
});

it("[LIV11] a Relay tells everybody at once that a sale is paused, and of each SKU by itself", async () => {
  const { sent, offer } = crowd(RELAY_FRAMES_PER_SECOND);
  offer(1);
  offer(2);
  offer(3, "paused");
  expect(sent).toEqual([1, 3]);
  offer(7, "open", "laces");
  expect(sent).toEqual([1, 3, 7]);
  await pass(2 * FAN_OUT_MS_MAX);
  expect(sent).toEqual([1, 3, 7]);
});

it("[LIV11] a Relay whose last watcher has gone sends nothing more", async () => {
  const { sent, offer, fanOut } = crowd(RELAY_FRAMES_PER_SECOND);
  offer(1);
  offer(2);
  fanOut.forget("shoe");
  await pass(2 * FAN_OUT_MS_MAX);
  expect(sent).toEqual([1]);
});

it("[LIV2] a few hear of each change, but never more often than the span between two frames", async () => {
  const { sent, offer } = crowd(1, FEED_INTERVAL_MS);
  offer(1);
  offer(2, "paused");
  offer(3);
  await pass(FEED_INTERVAL_MS - 1);
  expect(sent).toEqual([1]);
  await pass(1);
  expect(sent).toEqual([1, 3]);
});

it("[LIV11] a state that goes to and fro does not cost more than twice the rate", async () => {
  const { sent, offer } = crowd(RELAY_FRAMES_PER_SECOND);
  let version = 0;
  for (let ms = 0; ms < 10 * FAN_OUT_MS_MAX; ms += RELAY_INTERVAL_MS) {
    version += 1;
    offer(version, version % 2 === 0 ? "open" : "paused");
    await pass(RELAY_INTERVAL_MS);
  }
  expect(sent.length).toBeGreaterThan(10);
  expect(sent.length).toBeLessThanOrEqual(20);
  await pass(FAN_OUT_MS_MAX);
  expect(sent.at(-1)).toBe(version);
});

it("[LIV2] a change of state does not wait as long as many watchers would have to", async () => {
  const { sent, offer } = crowd(RELAY_FRAMES_PER_SECOND, FEED_INTERVAL_MS);
  offer(1);
  await pass(1);
  offer(2);
  offer(3, "paused");
  await pass(FEED_INTERVAL_MS - 1);
  expect(sent).toEqual([1, 3]);
  offer(4, "open");
  await pass(FAN_OUT_MS_MAX - 1);
  expect(sent).toEqual([1, 3]);
  await pass(1);
  expect(sent).toEqual([1, 3, 4]);
});

it("[CLK6] [LIV2] does not wait for a clock that was set back meanwhile", async () => {
  const { sent, offer } = crowd(RELAY_FRAMES_PER_SECOND * 2);
  offer(1);
  offer(2);
  // Its timer is armed for a time that is an hour away now.
  clock.step(-3_600_000);
  offer(3);
  expect(sent).toEqual([1, 3]);
  await pass(FAN_OUT_MS_MAX);
  expect(sent).toEqual([1, 3]);
});
