import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RELAY_INTERVAL_MS } from "../../src/domain/bounds.ts";
import type { RelayObject } from "../../src/objects/relay/relay-object.ts";
import type { SkuObject } from "../../src/objects/sku/sku-object.ts";
import { tokenFor } from "../client.ts";
import { ObjectSale } from "../objects/object-sale.ts";
import {
  failScenes,
  hibernateRelay,
  holdScene,
  pause,
  relay,
  relayAlarmAt,
  relaySockets,
  ringRelay,
  spyOnPushes,
} from "./relay.ts";
import { upgradeOver, Watcher } from "./watcher.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  Watcher.leaveAll();
  await allGone();
});

function allGone(): Promise<void> {
  return vi.waitFor(async () => expect(await relaySockets()).toBe(0), 5000);
}

function neverBack(versions: readonly number[]): boolean {
  return versions.every((version, index) => index === 0 || version >= (versions[index - 1] ?? 0));
}

function open(count: number): Promise<ObjectSale[]> {
  return Promise.all(Array.from({ length: count }, () => ObjectSale.open(2000, { perCustomerLimit: null })));
}

function namesOf(sales: readonly ObjectSale[]): string[] {
  return sales.map(({ name }) => name);
}

/** After the sockets are gone nothing may be left: no SKU that feeds the Relay, no alarm that goes on. */
async function expectNothingLeft(sales: readonly ObjectSale[]): Promise<void> {
  await allGone();
  await Promise.all(sales.map((sale) => sale.hold()));
  for (const sale of sales) await vi.waitFor(async () => expect(await sale.count("relay")).toBe(0), 3000);
  const push = await spyOnPushes();
  await Promise.all(sales.map((sale) => sale.hold()));
  await pause(600);
  expect(push).not.toHaveBeenCalled();
  await ringRelay();
  expect(await relayAlarmAt()).toBeNull();
}

function kill(object: DurableObjectStub<RelayObject | SkuObject>): Promise<void> {
  return runInDurableObject(object, (_instance, state) => state.abort("died")).catch(() => {});
}

describe("many who join at once", () => {
  it("[LIV8] 200 sockets over 8 SKUs during a burst: all end on the newest, nothing is left when they have gone", async () => {
    const sales = await open(8);
    const skus = namesOf(sales);
    let isJoining = true;
    const burst = sales.map(async (sale) => {
      while (isJoining) {
        await sale.hold();
        await pause(20);
      }
      await sale.hold();
      return (await sale.look()).version;
    });
    const tokens = await Promise.all(Array.from({ length: 10 }, (_none, index) => tokenFor("shopper", `ann-${index}`)));
    const watchers = await Promise.all(
      Array.from({ length: 200 }, (_none, index) => {
        const token = tokens[index];
        return Watcher.over(skus, token === undefined ? {} : { as: token });
      }),
    );
    isJoining = false;
    const versions = await Promise.all(burst);
    expect(await relaySockets()).toBe(200);
    for (const watcher of watchers) {
      for (const [index, sku] of skus.entries()) {
        await watcher.seesOf(sku, versions[index] ?? 0);
        expect(neverBack(watcher.versionsOf(sku))).toBe(true);
      }
    }
    for (const watcher of watchers) expect(watcher.of("snapshot").length).toBeLessThanOrEqual(8);
    for (const sale of sales) expect(await sale.count("relay")).toBe(1);
    Watcher.leaveAll();
    await expectNothingLeft(sales);
  }, 30_000);

  it("[LIV8] sockets that are never taken up hinder nobody", async () => {
    const sales = await open(3);
    const skus = namesOf(sales);
    const halfOpen = await Promise.all(Array.from({ length: 30 }, () => upgradeOver(skus)));
    const watcher = await Watcher.over(skus);
    for (let round = 1; round <= 3; round++) {
      await Promise.all(sales.map((sale) => sale.hold()));
      for (const sku of skus) await watcher.seesOf(sku, round + 1);
    }
    // Taken up late they have missed nothing.
    for (const response of halfOpen) {
      const late = await Watcher.on(response);
      for (const sku of skus) await late.seesOf(sku, 4);
    }
    Watcher.leaveAll();
    await expectNothingLeft(sales);
  }, 15_000);
});

describe("those who do not stay", () => {
  it("[LIV8] sockets that close at once leave nothing behind", async () => {
    const sales = await open(3);
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        Array.from({ length: 20 }, async () => (await Watcher.on(await upgradeOver(namesOf(sales)))).close()),
      );
    }
    await expectNothingLeft(sales);
  }, 15_000);

  it("[LIV8] joins that a SKU fails are answered as an outage, and leave nothing behind", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const sales = await open(3);
    const [first, ...rest] = sales as [ObjectSale, ...ObjectSale[]];
    const stays = await Watcher.over(namesOf(rest));
    await failScenes(first);
    const answers = await Promise.all(Array.from({ length: 10 }, () => upgradeOver(namesOf(sales))));
    for (const answer of answers) expect([answer.status, answer.webSocket]).toEqual([503, null]);
    await vi.waitFor(async () => expect(await relaySockets()).toBe(1));
    for (const sale of rest) {
      await sale.hold();
      await stays.seesOf(sale.name, 2);
    }
    vi.restoreAllMocks();
    await (await Watcher.over(namesOf(sales))).seesOf(first.name, 1);
    Watcher.leaveAll();
    await expectNothingLeft(sales);
  }, 15_000);
});

describe("objects that die in the middle", () => {
  it("[LIV8] a SKU that dies with a push unsent is made good by the Relay's alarm", async () => {
    const [sale] = (await open(1)) as [ObjectSale];
    const watcher = await Watcher.over([sale.name]);
    await sale.hold();
    await kill(sale.stub);
    await pause(3 * RELAY_INTERVAL_MS);
    expect(watcher.versions).toEqual([1]);
    await ringRelay();
    await watcher.seesOf(sale.name, 2);
  });

  it("[LIV8] a Relay that sleeps again and again amid a burst loses no socket and no last version", async () => {
    const sales = await open(3);
    const skus = namesOf(sales);
    const watchers = await Promise.all(Array.from({ length: 10 }, () => Watcher.over(skus)));
    for (let round = 0; round < 8; round++) {
      await Promise.all(sales.map((sale) => sale.hold()));
      expect(await relaySockets()).toBe(10);
      await hibernateRelay();
      await pause(100);
    }
    for (const watcher of watchers) {
      for (const sku of skus) {
        await watcher.seesOf(sku, 9);
        expect(neverBack(watcher.versionsOf(sku))).toBe(true);
      }
      expect(watcher.closed).toBeNull();
    }
  }, 15_000);

  it("[LIV8] a Relay that dies closes its sockets, and whoever comes back is fed again", async () => {
    const sales = await open(2);
    const skus = namesOf(sales);
    const watchers = await Promise.all(Array.from({ length: 10 }, () => Watcher.over(skus)));
    await kill(relay());
    for (const watcher of watchers) await watcher.closes();
    const again = await Watcher.over(skus);
    for (const sale of sales) {
      await sale.hold();
      await again.seesOf(sale.name, 2);
    }
    Watcher.leaveAll();
    await expectNothingLeft(sales);
  }, 15_000);

  it("[LIV8] a Relay that dies while somebody joins lets nobody wait", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const sales = await open(2);
    const [, slow] = sales as [ObjectSale, ObjectSale];
    const gate = await holdScene(slow);
    const joining = upgradeOver(namesOf(sales));
    await gate.arrival();
    await kill(relay());
    const answer = await joining;
    expect([answer.status, answer.webSocket]).toEqual([503, null]);
    gate.letGo();
    await expectNothingLeft(sales);
  }, 15_000);
});
