import { afterAll, describe, expect, it, vi } from "vitest";
import type { SaleState } from "../../src/domain/model.ts";
import { admin, call, reserve } from "../client.ts";
import { evictDurableObject } from "../eviction.ts";
import { hibernateRelay, pause } from "../live/relay.ts";
import { Watcher } from "../live/watcher.ts";
import { ObjectSale } from "../objects/object-sale.ts";

afterAll(() => Watcher.leaveAll());

/** How long everybody has to come before it opens. */
const LEAD_MS = 4_000;

interface Times {
  opensAt?: number;
  closesAt?: number;
}

function onWire(times: Times): Record<string, string> {
  return Object.fromEntries(Object.entries(times).map(([name, at]) => [name, new Date(at).toISOString()]));
}

/** A drop of several sizes. */
async function newDrop(sizes: number, times: Times): Promise<{ drop: string; sales: ObjectSale[]; skus: string[] }> {
  const drop = `drop-${crypto.randomUUID().slice(0, 8)}`;
  const sales = await Promise.all(Array.from({ length: sizes }, () => ObjectSale.open(50)));
  const skus = sales.map(({ name }) => name);
  const made = await call("POST", "/v1/drops", { as: admin, body: { drop, name: "Drop", skus, ...onWire(times) } });
  expect(made.status).toBe(201);
  return { drop, sales, skus };
}

/** Everybody who watches the drop: over the Relay without and with a token, and on every size's own feed. */
async function audience(skus: string[]): Promise<Watcher[]> {
  return [
    await Watcher.over(skus),
    await Watcher.shopperOver(skus, "ann"),
    ...(await Promise.all(skus.map((sku) => Watcher.join(sku)))),
  ];
}

/** Waits until everybody has seen this state of all sizes they watch, and returns when each frame came. */
async function arrivals(watchers: Watcher[], skus: string[], state: SaleState, patienceMs: number): Promise<number[]> {
  const found = watchers.flatMap((watcher) => {
    const watched = skus.filter((sku) => watcher.versionsOf(sku).length > 0);
    return watched.map((sku) =>
      vi.waitFor(() => {
        const frame = watcher.stockOf(sku).find((stock) => stock.state === state);
        if (frame === undefined) throw new Error(`${sku} is not ${state} yet`);
        return watcher.arrivalOf(frame);
      }, patienceMs),
    );
  });
  return Promise.all(found);
}

function expectWithinASecond(times: readonly number[], due: number): void {
  expect(Math.min(...times)).toBeGreaterThanOrEqual(due);
  expect(Math.max(...times)).toBeLessThan(due + 1000);
}

// In real time, and so all at once.
describe.concurrent("the opening of a drop", () => {
  it("[LIV10] is heard by everybody within a second, by the clock alone, whoever sleeps", async () => {
    const opensAt = Date.now() + LEAD_MS;
    const { skus, sales } = await newDrop(6, { opensAt });
    const watchers = await audience(skus);
    for (const watcher of watchers) {
      expect(new Set(watcher.of("stock").map(({ state }) => state))).toEqual(new Set(["scheduled"]));
    }
    await hibernateRelay();
    await Promise.all(sales.map(({ stub }) => evictDurableObject(stub, { webSockets: "hibernate" })));
    expect(Date.now()).toBeLessThan(opensAt);
    const times = await arrivals(watchers, skus, "open", 2 * LEAD_MS);
    expect(times).toHaveLength(3 * skus.length);
    expectWithinASecond(times, opensAt);
  }, 20_000);

  it("[LIV10] [CLK2] lets no reserve through before it, and any after it, and everybody hears", async () => {
    const opensAt = Date.now() + LEAD_MS;
    const { skus } = await newDrop(4, { opensAt });
    const watchers = await audience(skus);
    const tries = skus.map(async (sku, size) => {
      const refusals: unknown[] = [];
      for (let attempt = 0; ; attempt++) {
        const answer = await reserve(sku, `customer-${size}-${attempt}`);
        const answeredAt = Date.now();
        if (answer.status === 201)
          return { refusals, answeredAt, createdAt: Date.parse(String(answer.body.createdAt)) };
        refusals.push(answer.body.code);
        await pause(20);
      }
    });
    for (const { refusals, answeredAt, createdAt } of await Promise.all(tries)) {
      expect(refusals.length).toBeGreaterThan(3);
      expect(new Set(refusals)).toEqual(new Set(["not-open"]));
      expect(createdAt).toBeGreaterThanOrEqual(opensAt);
      expectWithinASecond([answeredAt], opensAt);
    }
    expectWithinASecond(await arrivals(watchers, skus, "open", LEAD_MS), opensAt);
  }, 20_000);

  it("[LIV10] comes at its new time when it was moved, not at the old one", async () => {
    const soon = Date.now() + LEAD_MS;
    const later = soon + 1_500;
    const [earlier, postponed] = [await newDrop(2, { opensAt: later + 60_000 }), await newDrop(2, { opensAt: soon })];
    const [first, second] = [await audience(earlier.skus), await audience(postponed.skus)];
    for (const [{ drop }, opensAt] of [
      [earlier, soon],
      [postponed, later],
    ] as const) {
      const patched = await call("PATCH", `/v1/drops/${drop}`, { as: admin, body: onWire({ opensAt }) });
      expect(patched.status).toBe(200);
    }
    expect(Date.now()).toBeLessThan(soon);
    expectWithinASecond(await arrivals(first, earlier.skus, "open", 2 * LEAD_MS), soon);
    expectWithinASecond(await arrivals(second, postponed.skus, "open", 2 * LEAD_MS), later);
  }, 20_000);

  it("[LIV10] and its pause and closing are heard within a second as well", async () => {
    const closesAt = Date.now() + LEAD_MS;
    const { drop, skus } = await newDrop(3, { closesAt });
    const watchers = await audience(skus);
    const pausedAt = Date.now();
    await call("PATCH", `/v1/drops/${drop}`, { as: admin, body: { paused: true } });
    expectWithinASecond(await arrivals(watchers, skus, "paused", 3000), pausedAt);
    await call("PATCH", `/v1/drops/${drop}`, { as: admin, body: { paused: false } });
    expectWithinASecond(await arrivals(watchers, skus, "closed", 2 * LEAD_MS), closesAt);
  }, 20_000);
});
