import { afterEach, describe, expect, it, vi } from "vitest";
import { RELAY_INTERVAL_MS, WATCHERS_MAX } from "../../src/domain/bounds.ts";
import { Sockets } from "../../src/live/sockets.ts";
import { storefront, tokenFor } from "../client.ts";
import { ObjectSale } from "../objects/object-sale.ts";
import { holdScene, pause, spyOnPushes } from "./relay.ts";
import { upgradeOver, Watcher } from "./watcher.ts";

afterEach(() => {
  vi.restoreAllMocks();
  Watcher.leaveAll();
});

/** Ann, who joins while this happens to a SKU: the answer of how it stands is older than the push of it. */
async function joinsWhile(sale: ObjectSale, happens: () => Promise<unknown>): Promise<Watcher> {
  const gate = await holdScene(sale);
  const joining = upgradeOver([sale.name], { as: await tokenFor("shopper", "ann") });
  await gate.arrival();
  await happens();
  await pause(2 * RELAY_INTERVAL_MS);
  gate.letGo();
  const ann = await Watcher.on(await joining);
  await vi.waitFor(() => expect(ann.of("snapshot")).toHaveLength(1));
  return ann;
}

function snapshotsOf(watcher: Watcher): Map<string, string[]> {
  return new Map(watcher.of("snapshot").map(({ sku, reservations }) => [sku, reservations.map(({ id }) => id)]));
}

describe("a shopper's own channel over a Relay", () => {
  it("[LIV8] [LIV3] begins with a snapshot of each SKU, after its stock, and nobody else gets one", async () => {
    const [one, other] = [await ObjectSale.open(20), await ObjectSale.open(20)];
    const skus = [one.name, other.name];
    const mine = [await one.hold({ customer: "ann" }), await one.hold({ customer: "ann" })];
    await other.hold({ customer: "bob" });
    const ann = await Watcher.shopperOver(skus, "ann");
    expect(snapshotsOf(ann)).toEqual(
      new Map([
        [one.name, mine.map(({ id }) => id).reverse()],
        [other.name, []],
      ]),
    );
    expect(ann.frames).toHaveLength(4);
    for (const sku of skus) {
      const types = ann.frames.flatMap((frame) => ("sku" in frame && frame.sku === sku ? [frame.type] : []));
      expect(types).toEqual(["stock", "snapshot"]);
    }
    const own = await Watcher.shopper(one.name, "ann");
    expect(ann.of("snapshot").find(({ sku }) => sku === one.name)).toEqual(own.of("snapshot")[0]);
    for (const options of [{}, { as: storefront }]) expect((await Watcher.over(skus, options)).frames).toHaveLength(2);
  });

  it("[LIV8] [LIV4] tells every step to all of its sockets that watch the SKU, in order, and to nobody else", async () => {
    const [sale, other] = [await ObjectSale.open(20), await ObjectSale.open(20)];
    const skus = [sale.name, other.name];
    const ann = [await Watcher.shopperOver(skus, "ann"), await Watcher.shopperOver([sale.name], "ann")];
    const elsewhere = [
      await Watcher.shopperOver(skus, "bob"),
      await Watcher.shopperOver([other.name], "ann"),
      await Watcher.over(skus),
      await Watcher.over(skus, { as: storefront }),
    ];
    const sold = await sale.hold({ customer: "ann", quantity: 2 });
    await sale.extend(sold.id, 1700);
    await sale.confirm(sold.id, { orderId: "order-1" });
    await pause(RELAY_INTERVAL_MS);
    await sale.giveBack(sold.id, 1);
    const given = await sale.hold({ customer: "ann" });
    await sale.release(given.id);
    for (const watcher of ann) {
      await watcher.hears("held", "extended", "confirmed", "returned", "held", "released");
      expect(watcher.of("reservation")[2]?.reservation).toMatchObject({ id: sold.id, orderId: "order-1", version: 4 });
    }
    for (const watcher of elsewhere) expect(watcher.happened).toEqual([]);
  });

  it("[LIV11] is not fed for while no customer is there, and is as soon as one has joined", async () => {
    const sale = await ObjectSale.open(20);
    const anybody = await Watcher.over([sale.name]);
    const pushes = await spyOnPushes();
    const told = () => pushes.mock.calls.flatMap(([{ personal }]) => personal.map(({ customer }) => customer));
    await sale.hold({ customer: "ann" });
    await anybody.sees(2);
    await Watcher.over([sale.name], { as: storefront });
    await pause(RELAY_INTERVAL_MS);
    const before = told().length;
    const hold = await sale.hold({ customer: "ann" });
    await anybody.sees(3);
    expect(told()).toHaveLength(before);
    const ann = await Watcher.shopperOver([sale.name], "ann");
    await sale.release(hold.id);
    await ann.hears("released");
    expect(told().slice(before)).toEqual(["ann"]);
  });

  it("[LIV8] [SEC1] keeps two long names apart that begin alike", async () => {
    const sale = await ObjectSale.open(20);
    const [one, other] = [`${"漢".repeat(126)}1`, `${"漢".repeat(126)}2`];
    const [ann, bob] = [await Watcher.shopperOver([sale.name], one), await Watcher.shopperOver([sale.name], other)];
    await sale.hold({ customer: one, ttlSeconds: 30 });
    await ann.hears("held", "expiring");
    expect(bob.happened).toEqual([]);
  });

  it("[LIV8] loses nothing when pushes are lost", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const sale = await ObjectSale.open(20);
    const ann = await Watcher.shopperOver([sale.name], "ann");
    const pushes = await spyOnPushes();
    for (let times = 0; times < 2; times++) pushes.mockImplementationOnce(() => Promise.reject(new Error("lost")));
    await sale.hold({ customer: "ann", ttlSeconds: 900 });
    await vi.waitFor(() => expect(pushes).toHaveBeenCalledTimes(2));
    expect(ann.happened).toEqual([]);
    await sale.hold({ customer: "ann", ttlSeconds: 30 });
    await ann.hears("held", "held", "expiring");
  });

  it("[LIV8] is fed while it joins: what happens after a snapshot comes after it", async () => {
    const [sale, slow] = [await ObjectSale.open(20), await ObjectSale.open(20)];
    const hold = await sale.hold({ customer: "ann" });
    const gate = await holdScene(slow);
    const joining = upgradeOver([sale.name, slow.name], { as: await tokenFor("shopper", "ann") });
    await gate.arrival();
    await pause(50);
    await sale.release(hold.id);
    await pause(2 * RELAY_INTERVAL_MS);
    gate.letGo();
    const ann = await Watcher.on(await joining);
    await vi.waitFor(() => expect(ann.of("snapshot")).toHaveLength(2));
    await ann.hears("released");
    const told = ann.frames.flatMap((frame) => {
      if (frame.type === "snapshot" && frame.sku === sale.name) return [frame.reservations.map(({ id }) => id)];
      return frame.type === "reservation" ? [frame.event] : [];
    });
    expect(told).toEqual([[hold.id], "released"]);
    expect(ann.versionsOf(sale.name)).toEqual([2, 3]);
  });

  it("[LIV8] never ends on a snapshot that is older than what came before it", async () => {
    const sale = await ObjectSale.open(20);
    const hold = await sale.hold({ customer: "ann" });
    const ann = await joinsWhile(sale, () => sale.release(hold.id));
    expect(ann.happened).toEqual(["released"]);
    expect(snapshotsOf(ann).get(sale.name)).toEqual([]);
  });

  it("[LIV8] [LIV11] nor where so many watch that the stock of what came before it still waits for its turn", async () => {
    const sale = await ObjectSale.open(20);
    await Watcher.over([sale.name]);
    vi.spyOn(Sockets.prototype, "broadcastOn").mockReturnValue(WATCHERS_MAX);
    const hold = await sale.hold({ customer: "ann" });
    await pause(RELAY_INTERVAL_MS);
    const ann = await joinsWhile(sale, () => sale.release(hold.id));
    expect(snapshotsOf(ann).get(sale.name)).toEqual([]);
  });
});
