import { afterEach, describe, expect, it, vi } from "vitest";
import { type CloudEvent, Endpoint, type PlannedAnswer } from "../receiver/endpoint.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Nothing expires while a test moves the clock. */
const LONG_HOLDS = { holdTtlSeconds: (7 * DAY) / SECOND, maxHoldSeconds: (7 * DAY) / SECOND };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A SKU whose webhook answers like this, with so many events that it was told of. */
async function told(answers: readonly PlannedAnswer[], holds = 1) {
  const sale = await ObjectSale.open(50, LONG_HOLDS);
  await sale.recorded();
  const endpoint = await Endpoint.register({ skus: [sale.name], answers });
  await sale.holds(holds);
  await sale.recorded();
  await endpoint.wake();
  return { sale, endpoint };
}

/** Moves the clock on and lets the alarm ring. */
async function later(endpoint: Endpoint, ms: number): Promise<void> {
  stopClock(Date.now() + ms);
  await endpoint.ring();
}

const ids = (events: readonly CloudEvent[]) => events.map(({ id }) => id);

describe("an endpoint that fails", () => {
  it("[WHK8] is tried again later with the same event, which holds up those behind it", async () => {
    const { sale, endpoint } = await told([{ status: 500 }, { status: 204 }], 2);
    await endpoint.calledTimes(1);
    const [first, second] = await endpoint.deliveries();
    expect(first).toMatchObject({ status: "pending", attempts: 1, lastAttempt: { status: 500, error: null } });
    expect(second).toMatchObject({ status: "pending", attempts: 0, lastAttempt: null });
    const waitMs = Date.parse(String(first?.nextAttemptAt)) - Date.now();
    expect(waitMs).toBeGreaterThan(3 * SECOND);
    expect(waitMs).toBeLessThan(6 * SECOND);
    expect(await endpoint.alarmAt()).toBeLessThanOrEqual(Date.parse(String(first?.nextAttemptAt)));
    await later(endpoint, 7 * SECOND);
    await endpoint.calledTimes(3);
    const [one, again, other] = await endpoint.received();
    expect(ids([one, again, other] as CloudEvent[])).toEqual(
      [2, 2, 3].map((sequence) => `sku/${sale.name}:${sequence}`),
    );
    const bodies = (await endpoint.calls()).map(({ body }) => body);
    expect(bodies[0]).toBe(bodies[1]);
  });

  it("[WHK8] goes on with the next event after five tries, and comes back to the first by itself", async () => {
    const { endpoint } = await told([...Array.from({ length: 5 }, () => ({ status: 500 })), { status: 204 }], 2);
    await endpoint.calledTimes(1);
    for (const [index, ms] of [6 * SECOND, 40 * SECOND, 3 * MINUTE].entries()) {
      await later(endpoint, ms);
      await endpoint.calledTimes(2 + index);
    }
    expect((await endpoint.deliveries("pending"))[1]).toMatchObject({ attempts: 0 });
    await later(endpoint, 7 * MINUTE);
    // The second succeeds, and with it the endpoint is back: the first one's fifteen minutes are over as well.
    await endpoint.calledTimes(7);
    const events = (await endpoint.received()).map(({ data }) => data.sequence);
    expect(events).toEqual([2, 2, 2, 2, 2, 3, 2]);
    expect(await endpoint.deliveries("delivered")).toHaveLength(2);
  });

  it("[WHK12] gets everything that waits at once when it is back after an hour", async () => {
    const { sale, endpoint } = await told([{ status: 503 }], 3);
    await endpoint.calledTimes(1);
    for (const tries of [2, 3, 4]) {
      await later(endpoint, 20 * MINUTE);
      await endpoint.calledTimes(tries);
    }
    expect(await endpoint.state()).toMatchObject({ status: "active", pending: 3, lastSuccessAt: null });
    expect((await endpoint.state()).failingSince).not.toBeNull();
    await endpoint.answers({ status: 200 });
    await sale.hold();
    await later(endpoint, 20 * MINUTE);
    await vi.waitFor(async () => expect(await endpoint.state()).toMatchObject({ pending: 0 }), 5000);
    expect(await endpoint.deliveries("delivered")).toHaveLength(4);
    expect(await endpoint.state()).toMatchObject({ failingSince: null });
  });

  it("[WHK9] is given up after a day of tries, and what failed can be sent again", async () => {
    const { endpoint } = await told([{ status: 500 }]);
    await endpoint.calledTimes(1);
    for (let tries = 1; (await endpoint.deliveries("failed")).length === 0; tries += 1) {
      expect(tries).toBeLessThan(20);
      await later(endpoint, 5 * HOUR);
      await endpoint.calledTimes(tries + 1);
    }
    const [failed] = await endpoint.deliveries("failed");
    expect(failed).toMatchObject({ attempts: 6, nextAttemptAt: null, lastAttempt: { status: 500 } });
    await endpoint.answers({ status: 204 });
    const answer = await endpoint.post(`/deliveries/${failed?.id}/redeliver`);
    expect(answer).toMatchObject({ status: 200, body: { id: failed?.id, status: "pending", attempts: 6 } });
    await vi.waitFor(async () => expect(await endpoint.deliveries("delivered")).toHaveLength(1));
  });

  it("[WHK5] has failed when it cannot be reached, and its delivery says so", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError(`Network connection lost. ${"x".repeat(1000)}`));
    const { endpoint } = await told([{ status: 204 }]);
    await vi.waitFor(async () => expect((await endpoint.deliveries())[0]).toMatchObject({ attempts: 1 }));
    const [delivery] = await endpoint.deliveries();
    const error = expect.stringMatching(/^TypeError: Network connection lost\. x{1,200}$/);
    expect(delivery).toMatchObject({ status: "pending", lastAttempt: { status: null, error } });
  });

  it.each([301, 302, 303, 307, 308])(
    "[WHK5] has failed when it redirects with %s, and nobody follows",
    async (status) => {
      const elsewhere = await Endpoint.register({ skus: ["nothing"] });
      const { endpoint } = await told([{ status, headers: { Location: `https://${elsewhere.host}/` } }]);
      await endpoint.calledTimes(1);
      expect(await elsewhere.calls()).toEqual([]);
      expect((await endpoint.deliveries())[0]).toMatchObject({ status: "pending", lastAttempt: { status } });
    },
  );

  it("[WHK5] has succeeded with a body of any size and form, which is not read", async () => {
    const { endpoint } = await told([{ status: 200, body: "x".repeat(5_000_000) }], 2);
    await vi.waitFor(async () => expect(await endpoint.deliveries("delivered")).toHaveLength(2), 5000);
  });
});

describe("an endpoint that asks for time", () => {
  it("[WHK10] is left alone by all streams for as long as 429 and 503 say", async () => {
    const [one, other] = [await ObjectSale.open(9, LONG_HOLDS), await ObjectSale.open(9, LONG_HOLDS)];
    await Promise.all([one.recorded(), other.recorded()]);
    const answers = [{ status: 429, headers: { "Retry-After": "3600" } }, { status: 204 }];
    const endpoint = await Endpoint.register({ skus: [one.name, other.name], answers });
    await one.hold();
    await one.recorded();
    await endpoint.wake();
    await endpoint.calledTimes(1);
    const until = Date.parse(String((await endpoint.state()).pausedUntil));
    expect(until - Date.now()).toBeGreaterThan(HOUR - 5 * SECOND);
    await other.hold();
    await other.recorded();
    await later(endpoint, 30 * MINUTE);
    expect(await endpoint.calls()).toHaveLength(1);
    expect(await endpoint.state()).toMatchObject({ pending: 2 });
    await later(endpoint, 31 * MINUTE);
    await endpoint.calledTimes(3);
    expect(await endpoint.state()).toMatchObject({ pending: 0, pausedUntil: null });
  });

  it("[WHK10] may name a date, and with other failures it is heeded for that delivery alone", async () => {
    const at = new Date(Date.now() + 2 * HOUR);
    const { endpoint } = await told([{ status: 500, headers: { "Retry-After": at.toUTCString() } }]);
    await endpoint.calledTimes(1);
    const [delivery] = await endpoint.deliveries();
    expect(Math.abs(Date.parse(String(delivery?.nextAttemptAt)) - at.getTime())).toBeLessThan(2 * SECOND);
    expect(await endpoint.state()).toMatchObject({ pausedUntil: null });
  });
});

describe("an endpoint that is gone", () => {
  it("[WHK11] is called no more after a 410, loses nothing, and is resumed from a time on", async () => {
    const since = new Date().toISOString();
    const { sale, endpoint } = await told([{ status: 410 }], 2);
    await endpoint.calledTimes(1);
    expect(await endpoint.state()).toMatchObject({ status: "stopped", stoppedReason: "gone", pending: 2 });
    await sale.hold();
    await sale.recorded();
    await endpoint.wake();
    await later(endpoint, DAY);
    expect(await endpoint.calls()).toHaveLength(1);
    const [first] = await endpoint.deliveries();
    const refused = await endpoint.post(`/deliveries/${first?.id}/redeliver`);
    expect(refused).toMatchObject({ status: 409, body: { code: "webhook-stopped" } });
    await endpoint.answers({ status: 204 });
    const resumed = await endpoint.post("/redeliver", { since });
    expect(resumed).toMatchObject({ status: 202, body: { status: "active", stoppedReason: null } });
    await vi.waitFor(async () => expect(await endpoint.deliveries("delivered")).toHaveLength(4), 5000);
  });

  it("[WHK11] is stopped as unreachable when nothing succeeds for three days", async () => {
    const { endpoint } = await told([{ status: 502 }]);
    await endpoint.calledTimes(1);
    for (const days of [1, 2, 3]) {
      const [delivery] = await endpoint.deliveries();
      if (delivery?.status === "failed") await endpoint.post(`/deliveries/${delivery.id}/redeliver`);
      expect(await endpoint.state()).toMatchObject({ status: "active" });
      await later(endpoint, DAY);
      await endpoint.calledTimes(days + 1 + (days > 1 ? days - 1 : 0));
    }
    expect(await endpoint.state()).toMatchObject({ status: "stopped", stoppedReason: "unreachable" });
    const calls = (await endpoint.calls()).length;
    await endpoint.wake();
    await later(endpoint, DAY);
    expect(await endpoint.calls()).toHaveLength(calls);
  });
});
