import { afterEach, describe, expect, it, vi } from "vitest";
import { tokenFor } from "../client.ts";
import type { ObjectSale } from "../objects/object-sale.ts";
import { allGone, expectNothingLeft, failScenes, namesOf, neverBack, pause, plenty, relaySockets } from "./relay.ts";
import { upgradeOver, Watcher } from "./watcher.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  Watcher.leaveAll();
  await allGone();
});

describe("many who join at once", () => {
  it("[LIV8] 200 sockets over 8 SKUs during a burst: all end on the newest, nothing is left when they have gone", async () => {
    const sales = await plenty(8);
    const skus = namesOf(sales);
    let isJoining = true;
    const burst = sales.map(async (sale) => {
      while (isJoining) {
        await sale.hold();
        await pause(60);
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
    const sales = await plenty(3);
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
    const sales = await plenty(3);
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        Array.from({ length: 20 }, async () => (await Watcher.on(await upgradeOver(namesOf(sales)))).close()),
      );
    }
    await expectNothingLeft(sales);
  }, 15_000);

  it("[LIV8] joins that a SKU fails are answered as an outage, and leave nothing behind", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const sales = await plenty(3);
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
