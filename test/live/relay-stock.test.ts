import { afterEach, describe, expect, it, vi } from "vitest";
import type { RelayPush } from "../../src/contracts/live.ts";
import { RELAY_INTERVAL_MS } from "../../src/domain/bounds.ts";
import { storefront } from "../client.ts";
import { evictDurableObject } from "../eviction.ts";
import { ObjectSale } from "../objects/object-sale.ts";
import {
  hibernateRelay,
  holdPush,
  namesOf,
  neverBack,
  pause,
  plenty,
  relaySockets,
  ringRelay,
  spyOnPushes,
} from "./relay.ts";
import { Watcher } from "./watcher.ts";

afterEach(() => {
  vi.restoreAllMocks();
  Watcher.leaveAll();
});

/** Pushes of one SKU among those that were made. */
function of(sale: ObjectSale, calls: readonly [RelayPush][]): RelayPush[] {
  return calls.map(([push]) => push).filter(({ sku }) => sku === sale.name);
}

describe("stock frames over a Relay", () => {
  it("[LIV8] come at most four a second for each SKU, end on the newest version, and never go back", async () => {
    const all = await plenty(3);
    const skus = namesOf(all);
    const early = [await Watcher.over(skus), await Watcher.over(skus, { as: storefront })];
    const late: Watcher[] = [];
    const startedAt = Date.now();
    for (let round = 0; round < 40; round++) {
      await Promise.all(all.map((sale) => sale.hold()));
      if (round % 10 === 5) late.push(await Watcher.over(skus));
      await pause(25);
    }
    for (const watcher of [...early, ...late]) {
      for (const sku of skus) {
        expect(await watcher.seesOf(sku, 41)).toMatchObject({ available: 1960 });
        expect(neverBack(watcher.versionsOf(sku))).toBe(true);
      }
    }
    const spans = Math.ceil((Date.now() - startedAt) / RELAY_INTERVAL_MS);
    for (const watcher of early) {
      for (const sku of skus) {
        expect(watcher.versionsOf(sku).length).toBeGreaterThan(3);
        expect(watcher.versionsOf(sku).length).toBeLessThanOrEqual(spans + 1);
      }
    }
  });

  it("[LIV8] reach those who were there also when somebody joins right after the change", async () => {
    const [one, other] = [await ObjectSale.open(5), await ObjectSale.open(5)];
    const skus = [one.name, other.name];
    const early = await Watcher.over(skus);
    await one.hold();
    const late = await Watcher.over(skus);
    expect(late.versionsOf(one.name)).toEqual([2]);
    expect(await early.seesOf(one.name, 2)).toMatchObject({ available: 4 });
    await pause(2 * RELAY_INTERVAL_MS);
    expect(late.versionsOf(one.name)).toEqual([2]);
  });

  it("[LIV8] never go back for whoever joins while an older push is on its way", async () => {
    const sale = await ObjectSale.open(50);
    const early = await Watcher.over([sale.name]);
    const gate = await holdPush(sale, "before");
    await sale.hold();
    await gate.arrival();
    await sale.hold();
    const late = await Watcher.over([sale.name]);
    expect(late.versions).toEqual([3]);
    gate.letGo();
    await early.seesOf(sale.name, 3);
    await pause(RELAY_INTERVAL_MS);
    expect(neverBack(late.versions)).toBe(true);
    expect(early.versions).toEqual([1, 2, 3]);
  });

  it("[LIV8] are fed once per change, however many sockets there are", async () => {
    const all = await plenty(2);
    const watchers = await Promise.all(Array.from({ length: 25 }, () => Watcher.over(namesOf(all))));
    const push = await spyOnPushes();
    for (let change = 1; change <= 3; change++) {
      await Promise.all(all.map((sale) => sale.hold()));
      for (const watcher of watchers) for (const { name } of all) await watcher.seesOf(name, change + 1);
      for (const sale of all) expect(of(sale, push.mock.calls).map(({ version }) => version)).toHaveLength(change);
    }
  });

  it("[LIV8] are made good soon after a push that was lost", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const sale = await ObjectSale.open(5);
    const watcher = await Watcher.over([sale.name]);
    const push = await spyOnPushes();
    push.mockImplementationOnce(() => Promise.reject(new Error("lost")));
    await sale.hold();
    await watcher.seesOf(sale.name, 2);
    expect(of(sale, push.mock.calls)).toHaveLength(2);
  });

  it("[LIV8] are made good by the Relay's alarm when every push is lost", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const [lost, other] = [await ObjectSale.open(5), await ObjectSale.open(5)];
    const watcher = await Watcher.over([lost.name, other.name]);
    const push = await spyOnPushes();
    push.mockImplementation(() => Promise.reject(new Error("lost")));
    await lost.hold();
    await pause(4 * RELAY_INTERVAL_MS);
    expect(of(lost, push.mock.calls).length).toBeGreaterThan(0);
    expect(of(lost, push.mock.calls).length).toBeLessThanOrEqual(2);
    expect(watcher.versionsOf(lost.name)).toEqual([1]);
    expect(await ringRelay()).toBe(true);
    await watcher.seesOf(lost.name, 2);
    expect(watcher.versionsOf(other.name)).toEqual([1]);
  });

  it("[LIV8] are fed no more once nobody watches, and again once somebody does", async () => {
    const [sale, other] = [await ObjectSale.open(50), await ObjectSale.open(50)];
    const [leaves, stays] = [await Watcher.over([sale.name, other.name]), await Watcher.over([other.name])];
    expect(await sale.count("relay")).toBe(1);
    leaves.close();
    await vi.waitFor(async () => {
      await sale.hold({ customer: crypto.randomUUID() });
      await pause(2 * RELAY_INTERVAL_MS);
      expect(await sale.count("relay")).toBe(0);
    }, 5000);
    const push = await spyOnPushes();
    await sale.hold();
    await other.hold();
    await stays.seesOf(other.name, 2);
    expect(of(sale, push.mock.calls)).toEqual([]);
    expect(await other.count("relay")).toBe(1);

    const again = await Watcher.over([sale.name]);
    await sale.hold();
    await again.seesOf(sale.name, (await sale.look()).version);
  }, 8000);

  it("[LIV8] reach whoever joins just when the last watcher's absence is being reported", async () => {
    const sale = await ObjectSale.open(50);
    const leaves = await Watcher.over([sale.name]);
    leaves.close();
    await vi.waitFor(async () => expect(await relaySockets()).toBe(0));
    const gate = await holdPush(sale, "after");
    await sale.hold();
    await gate.arrival();
    const joins = await Watcher.over([sale.name]);
    gate.letGo();
    await pause(50);
    await sale.hold();
    await joins.seesOf(sale.name, 3);
  });
});

describe("hibernation over a Relay", () => {
  it("[LIV8] [LIV6] keeps sockets and what they watch, whoever sleeps, the Relay, the SKU or both", async () => {
    const [sale, other] = [await ObjectSale.open(50, { displayCap: 5 }), await ObjectSale.open(50)];
    const watchers = [
      await Watcher.over([sale.name, other.name]),
      await Watcher.over([sale.name], { as: storefront }),
      await Watcher.over([other.name]),
    ] as const;
    const sleeps = [
      () => hibernateRelay(),
      () => evictDurableObject(sale.stub),
      async () => {
        await hibernateRelay();
        await evictDurableObject(sale.stub);
      },
    ];
    for (const [index, sleep] of sleeps.entries()) {
      await sleep();
      await sale.hold();
      expect(await watchers[0].seesOf(sale.name, index + 2)).toMatchObject({ available: 5, capped: true });
      expect(await watchers[1].seesOf(sale.name, index + 2)).toMatchObject({ available: 49 - index });
    }
    await other.hold();
    await watchers[2].seesOf(other.name, 2);
    expect(watchers[2].versionsOf(sale.name)).toEqual([]);
    expect(watchers.map(({ closed }) => closed)).toEqual([null, null, null]);
  });
});
