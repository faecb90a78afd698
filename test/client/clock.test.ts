import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ServerClock } from "../../src/client/clock.ts";
import { FakeService, json } from "./fake-service.ts";
import { FakeSockets, stock } from "./fake-socket.ts";

const NOON = Date.parse("2026-11-24T12:00:00.000Z");
beforeEach(() => void vi.useFakeTimers({ now: NOON }));
afterEach(() => void vi.useRealTimers());

/** A `Date` header as a service that is ahead by so much sends it. */
const dateOf = (time: number) => new Date(time).toUTCString();

describe("the service's clock", () => {
  it("[CLI8] is the machine's own as long as that may be right", () => {
    const clock = new ServerClock();
    expect(clock.now()).toBe(NOON);
    clock.learnDate(dateOf(NOON + 300), NOON - 200, NOON + 100, true);
    expect(clock.aheadMs).toBe(0);
  });

  it("[CLI8] is known to half of what remains uncertain, and never worse by another call", () => {
    const call = fc.record({
      wait: fc.integer({ min: 0, max: 60_000 }),
      there: fc.integer({ min: 0, max: 800 }),
      back: fc.integer({ min: 0, max: 800 }),
      isJudged: fc.boolean(),
    });
    const ahead = fc.integer({ min: -86_400_000, max: 86_400_000 });
    fc.assert(
      fc.property(ahead, fc.array(call, { minLength: 1, maxLength: 20 }), (aheadMs, calls) => {
        const clock = new ServerClock();
        let now = NOON;
        let errorMax = Number.POSITIVE_INFINITY;
        for (const { wait, there, back, isJudged } of calls) {
          now += wait;
          const [sentAt, receivedAt] = [now, now + there + back];
          const served = sentAt + there + aheadMs;
          if (isJudged) clock.learnJudged(new Date(served).toISOString(), sentAt, receivedAt);
          else clock.learnDate(dateOf(served), sentAt, receivedAt, true);
          // While the machine's own clock may be right it may also be wrong by all that is uncertain.
          errorMax = Math.min(errorMax, there + back + (isJudged ? 0 : 999));
          expect(Math.abs(clock.aheadMs - aheadMs)).toBeLessThanOrEqual(errorMax);
          now = receivedAt;
        }
      }),
    );
  });

  it("[CLI8] learns from an answer that was kept only what has passed", () => {
    const clock = new ServerClock();
    clock.learnDate(dateOf(NOON - 600_000), NOON - 10, NOON, false);
    expect(clock.aheadMs).toBe(0);
    clock.learnDate(dateOf(NOON + 600_000), NOON - 10, NOON, false);
    expect(clock.aheadMs).toBe(600_000);
  });

  it("[CLI8] follows a machine whose clock is set, and no single frame that was held up", () => {
    const clock = new ServerClock();
    clock.learnJudged(new Date(NOON).toISOString(), NOON, NOON + 20);
    clock.learnPassed(new Date(NOON - 30_000).toISOString(), NOON, true);
    expect(clock.aheadMs).toBe(0);
    clock.learnJudged(new Date(NOON + 3_600_000).toISOString(), NOON, NOON + 20);
    expect(clock.aheadMs).toBe(3_600_000 - 10);
  });

  it("[CLI8] ends a countdown when the service does, on a machine that is five minutes late", async () => {
    const late = 300_000;
    const created = { id: "r1", createdAt: new Date(NOON + late).toISOString() };
    const service = new FakeService(() => json(201, created));
    const client = service.client();
    const call = client.reservations.reserve("shoe", { quantity: 1 });
    await vi.advanceTimersByTimeAsync(10);
    await call;
    expect(client.clock.now()).toBe(NOON + late + 10);
    expect(client.clock.msUntil(new Date(NOON + late + 60_010).toISOString())).toBe(60_000);
    expect(client.clock.msUntil(new Date(NOON).toISOString())).toBe(0);
  });

  it("[CLI8] learns nothing from an answer that was given before", async () => {
    const created = { id: "r1", createdAt: new Date(NOON - 300_000).toISOString() };
    const client = new FakeService(() => json(201, created, { "Idempotency-Replayed": "true" })).client();
    expect(await client.reservations.reserve("shoe", { quantity: 1 })).toMatchObject({ replayed: true });
    expect(client.clock.aheadMs).toBe(0);
  });

  it("[CLI8] learns from frames: the first says what has passed, the next what has just", async () => {
    const sockets = new FakeSockets();
    const client = new FakeService(() => json(200, {})).client({ WebSocket: sockets.WebSocket });
    client.live("shoe");
    await vi.advanceTimersByTimeAsync(50);
    const served = (ms: number) => ({ at: new Date(Date.now() - 300_000 + ms).toISOString() });
    sockets.last.say(stock(1, served(-86_400_000)));
    expect(client.clock.aheadMs).toBe(0);
    sockets.last.say(stock(2, served(-100)));
    expect(Math.abs(client.clock.aheadMs + 300_000)).toBeLessThanOrEqual(600);
  });
});
