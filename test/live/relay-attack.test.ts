import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RELAY_INTERVAL_MS } from "../../src/domain/bounds.ts";
import type { RelayObject } from "../../src/objects/relay/relay-object.ts";
import type { SkuObject } from "../../src/objects/sku/sku-object.ts";
import type { ObjectSale } from "../objects/object-sale.ts";
import {
  allGone,
  expectNothingLeft,
  hibernateRelay,
  holdScene,
  namesOf,
  neverBack,
  pause,
  plenty,
  relay,
  relaySockets,
  ringRelay,
} from "./relay.ts";
import { upgradeOver, Watcher } from "./watcher.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  Watcher.leaveAll();
  await allGone();
});

function kill(object: DurableObjectStub<RelayObject | SkuObject>): Promise<void> {
  return runInDurableObject(object, (_instance, state) => state.abort("died")).catch(() => {});
}

describe("objects that die in the middle", () => {
  it("[LIV8] a SKU that dies with a push unsent is made good by the Relay's alarm", async () => {
    const [sale] = (await plenty(1)) as [ObjectSale];
    const watcher = await Watcher.over([sale.name]);
    await sale.hold();
    await kill(sale.stub);
    await pause(3 * RELAY_INTERVAL_MS);
    expect(watcher.versions).toEqual([1]);
    await ringRelay();
    await watcher.seesOf(sale.name, 2);
  });

  it("[LIV8] a Relay that sleeps again and again amid a burst loses no socket and no last version", async () => {
    const sales = await plenty(3);
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
    const sales = await plenty(2);
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
    const sales = await plenty(2);
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
