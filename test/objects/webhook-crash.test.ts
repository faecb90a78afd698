import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WEBHOOK_AHEAD_MAX } from "../../src/domain/bounds.ts";
import { readWebhookIds } from "../../src/storage/d1-webhooks.ts";
import { evictDurableObject } from "../eviction.ts";
import { Endpoint, type PlannedAnswer } from "../receiver/endpoint.ts";
import { spyOnD1 } from "./d1-state.ts";
import { ObjectSale } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A SKU with events, and a webhook whose endpoint answers like this. */
async function untold(holds: number, ...answers: PlannedAnswer[]) {
  const sale = await ObjectSale.open(10_000);
  await sale.recorded();
  const endpoint = await Endpoint.register({ skus: [sale.name], answers: [...answers, { status: 204 }] });
  await sale.holds(holds);
  await sale.recorded();
  return { sale, endpoint };
}

describe("a webhook that dies", () => {
  it("[WHK16] while a call is under way makes it again, and loses and doubles no delivery", async () => {
    const { sale, endpoint } = await untold(3, { status: 204, hang: 500 });
    await endpoint.wake();
    await vi.waitFor(async () => expect(await endpoint.calls()).toHaveLength(1));
    await abortAllDurableObjects();
    expect(await endpoint.deliveries()).toHaveLength(3);
    expect(await endpoint.alarmAt()).not.toBeNull();
    await endpoint.ring();
    await vi.waitFor(async () => expect(await endpoint.deliveries("delivered")).toHaveLength(3), 4000);
    const ids = (await endpoint.received()).map(({ id }) => id);
    expect(ids).toEqual([2, 2, 3, 4].map((sequence) => `sku/${sale.name}:${sequence}`));
  });

  it("[WHK16] after it was created follows the log from where it stood", async () => {
    const { endpoint } = await untold(3);
    await evictDurableObject(endpoint.stub);
    await endpoint.ring();
    await endpoint.calledTimes(3);
    await abortAllDurableObjects();
    await endpoint.wake();
    await endpoint.ring();
    await endpoint.calledTimes(3);
  });

  it("[WHK4] when it takes events from the log has taken them all or none", async () => {
    const { sale, endpoint } = await untold(0);
    vi.spyOn(console, "warn").mockImplementation(() => {});
    // The cursor cannot be written: nothing else of that transaction may be there either.
    await runInDurableObject(endpoint.stub, (_instance, { storage }) => {
      storage.sql.exec(
        "CREATE TRIGGER no_way BEFORE UPDATE ON webhook BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
      );
    });
    await sale.holds(3);
    await sale.recorded();
    await endpoint.wake();
    await endpoint.ring();
    expect(await endpoint.deliveries()).toEqual([]);
    await runInDurableObject(endpoint.stub, (_instance, { storage }) => {
      storage.sql.exec("DROP TRIGGER no_way");
    });
    await endpoint.wake();
    await endpoint.calledTimes(3);
  });
});

describe("a webhook while others fail", () => {
  it("[WHK16] gives up an endpoint that does not answer in time", async () => {
    const inTime = setTimeout;
    const timers = vi.spyOn(globalThis, "setTimeout");
    timers.mockImplementation(((act: () => void, ms: number) =>
      inTime(act, ms === 15_000 ? 100 : ms)) as typeof setTimeout);
    const sale = await ObjectSale.open(9);
    await sale.recorded();
    const endpoint = await Endpoint.register({ skus: [sale.name], answers: [{ status: 204, hang: 2000 }] });
    await sale.hold();
    await sale.recorded();
    await endpoint.wake();
    await endpoint.calledTimes(1);
    const [delivery] = await endpoint.deliveries();
    expect(delivery).toMatchObject({
      status: "pending",
      lastAttempt: { status: null, error: expect.stringContaining("no answer") },
    });
  });

  it("[WHK3] reads on when D1 is back", async () => {
    const { sale, endpoint } = await untold(0);
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const broken = spyOnD1().mockImplementation(() => Promise.reject(new Error("D1 is down")));
    await sale.holds(2);
    await endpoint.ring();
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('"event":"webhook_read_failed"'));
    broken.mockRestore();
    await sale.recorded();
    await endpoint.ring();
    await endpoint.calledTimes(2);
  });
});

describe("a webhook whose endpoint is down while much happens", () => {
  it("[WHK4] takes at most 1,000 events ahead, leaves the rest in the log, and catches up in order", async () => {
    // It stops once it has read on and caught up with a part, because the rest would follow in the same way.
    const caughtUp = WEBHOOK_AHEAD_MAX / 2 + 150;
    const answers = [{ status: 500 }, ...Array.from({ length: caughtUp }, () => ({ status: 204 })), { status: 410 }];
    const { sale, endpoint } = await untold(WEBHOOK_AHEAD_MAX + 100, ...answers);
    await endpoint.wake();
    await vi.waitFor(async () => expect((await endpoint.state()).pending).toBe(WEBHOOK_AHEAD_MAX), 4000);
    await endpoint.wake();
    expect(await endpoint.state()).toMatchObject({ pending: WEBHOOK_AHEAD_MAX, unread: 100 });
    const stopped = { status: "stopped", pending: WEBHOOK_AHEAD_MAX + 100 - caughtUp, unread: 0 };
    await vi.waitFor(async () => expect(await endpoint.state()).toMatchObject(stopped), {
      timeout: 30_000,
      interval: 200,
    });
    const ids = (await endpoint.calls()).slice(1).map(({ headers }) => headers["webhook-id"]);
    expect(ids).toEqual(Array.from({ length: caughtUp + 1 }, (_none, index) => `sku/${sale.name}:${index + 2}`));
  }, 40_000);
});

describe("who is told of news", () => {
  it("[WHK3] are the webhooks that are active, and of those that are not D1 is told", async () => {
    const { sale, endpoint } = await untold(0, { status: 410 });
    expect(await readWebhookIds(env.DB)).toContain(endpoint.id);
    await sale.hold();
    await sale.recorded();
    await endpoint.wake();
    await endpoint.calledTimes(1);
    await endpoint.ring();
    await vi.waitFor(async () => expect(await readWebhookIds(env.DB)).not.toContain(endpoint.id));
    await endpoint.answers({ status: 204 });
    await endpoint.post("/redeliver", { since: new Date().toISOString() });
    expect(await readWebhookIds(env.DB)).toContain(endpoint.id);
    await sale.hold();
    await sale.recorded();
    await endpoint.wake();
    await vi.waitFor(async () => expect(await endpoint.deliveries("delivered")).toHaveLength(2));
  });
});
