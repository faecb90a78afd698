import { afterEach, describe, expect, it, vi } from "vitest";
import { FEED_INTERVAL_MS } from "../../src/domain/bounds.ts";
import { storefront } from "../client.ts";
import { ObjectSale, stopClock } from "../objects/object-sale.ts";
import { Watcher } from "./watcher.ts";

afterEach(() => vi.useRealTimers());

function neverBack(versions: readonly number[]): boolean {
  return versions.every((version, index) => index === 0 || version >= (versions[index - 1] ?? 0));
}

describe("stock frames", () => {
  it("[LIV2] come at most ten a second, end on the newest version, and never go back", async () => {
    const sale = await ObjectSale.open(2000, { perCustomerLimit: null });
    const early = [await Watcher.join(sale.name), await Watcher.join(sale.name, { as: storefront })];
    const late: Watcher[] = [];
    const startedAt = Date.now();
    for (let index = 0; index < 120; index++) {
      await sale.hold();
      if (index % 40 === 20) late.push(await Watcher.join(sale.name));
    }
    for (const watcher of [...early, ...late]) {
      expect(await watcher.sees(121)).toMatchObject({ available: 1880, state: "open" });
      expect(neverBack(watcher.versions)).toBe(true);
    }
    const spans = Math.ceil((Date.now() - startedAt) / FEED_INTERVAL_MS);
    for (const watcher of early) {
      expect(watcher.versions.length).toBeGreaterThan(1);
      expect(watcher.versions.length).toBeLessThanOrEqual(spans + 2);
    }
  });

  it("[LIV2] come at once after a quiet time", async () => {
    const sale = await ObjectSale.open(20);
    const watcher = await Watcher.join(sale.name);
    await vi.waitFor(async () => {
      const before = watcher.versions.length;
      await sale.hold({ customer: crypto.randomUUID() });
      await vi.waitFor(() => expect(watcher.versions.length).toBeGreaterThan(before), { timeout: 60, interval: 5 });
    });
    expect(neverBack(watcher.versions)).toBe(true);
  });

  it("[LIV2] [STK5] tell when the last unit is held, sold and back", async () => {
    const sale = await ObjectSale.open(1);
    const watcher = await Watcher.join(sale.name);
    const hold = await sale.hold();
    await vi.waitFor(() => expect(watcher.of("stock").at(-1)).toMatchObject({ state: "held_elsewhere", available: 0 }));
    await sale.confirm(hold.id);
    await vi.waitFor(() => expect(watcher.of("stock").at(-1)).toMatchObject({ state: "sold_out", low: true }));
    await sale.giveBack(hold.id);
    await vi.waitFor(() => expect(watcher.of("stock").at(-1)).toMatchObject({ state: "open", available: 1 }));
    await sale.run({ type: "update", policy: { paused: true } });
    await vi.waitFor(() => expect(watcher.of("stock").at(-1)).toMatchObject({ state: "paused" }));
    expect(neverBack(watcher.versions)).toBe(true);
  });

  it("[LIV2] [CLK5] tell of an opening that only the clock brings", async () => {
    const sale = await ObjectSale.open(1, { opensAt: Date.now() + 1000 });
    const watcher = await Watcher.join(sale.name);
    expect(watcher.of("stock")[0]).toMatchObject({ state: "scheduled" });
    await vi.waitFor(() => expect(watcher.of("stock").at(-1)).toMatchObject({ state: "open", version: 2 }), 3000);
  });

  it("[LIV7] are cut to the display cap for the public, and not for a storefront", async () => {
    const sale = await ObjectSale.open(12, { displayCap: 10 });
    const watcher = await Watcher.join(sale.name);
    const shop = await Watcher.join(sale.name, { as: storefront });
    const hold = await sale.hold();
    expect(await watcher.sees(2)).toMatchObject({ available: 10, capped: true });
    expect(await shop.sees(2)).toMatchObject({ available: 11 });
    expect(shop.of("stock").some((frame) => "capped" in frame)).toBe(false);
    await sale.hold({ quantity: 2 });
    const exact = await watcher.sees(3);
    expect(exact).toMatchObject({ available: 9 });
    expect(exact).not.toHaveProperty("capped");
    await sale.release(hold.id);
    expect(await watcher.sees(4)).toMatchObject({ available: 10 });
  });
});

describe("the holder's own channel", () => {
  it("[LIV4] tells every step of a reservation to all of its holder's sockets, and to nobody else", async () => {
    const sale = await ObjectSale.open(20);
    const ann = [await Watcher.shopper(sale.name, "ann"), await Watcher.shopper(sale.name, "ann")];
    const others = [
      await Watcher.shopper(sale.name, "bob"),
      await Watcher.join(sale.name),
      await Watcher.join(sale.name, { as: storefront }),
    ];
    const sold = await sale.hold({ customer: "ann", quantity: 2 });
    await sale.extend(sold.id, 1700);
    await sale.confirm(sold.id, { orderId: "order-1" });
    await sale.giveBack(sold.id, 1);
    const given = await sale.hold({ customer: "ann" });
    await sale.release(given.id);
    const { version } = await sale.look();
    for (const watcher of ann) {
      await watcher.happens("held", "extended", "confirmed", "returned", "held", "released");
      expect(watcher.of("reservation")[2]?.reservation).toMatchObject({
        id: sold.id,
        customer: "ann",
        status: "confirmed",
        orderId: "order-1",
        confirmedQuantity: 2,
        version: 4,
      });
      expect(watcher.of("reservation")[3]?.reservation).toMatchObject({ status: "confirmed", returnedQuantity: 1 });
    }
    for (const watcher of others) {
      await watcher.sees(version);
      expect(watcher.of("reservation")).toEqual([]);
    }
  });

  it("[LIV4] [CNF8] tells of an expiry, and of a payment that has to go back", async () => {
    const sale = await ObjectSale.open(1, { warnSeconds: 1 });
    const ann = await Watcher.shopper(sale.name, "ann");
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 10 });
    await ann.happens("held");
    stopClock(hold.expiresAt);
    await sale.hold({ customer: "bob" });
    await ann.happens("held", "expired");
    await sale.confirm(hold.id);
    await ann.happens("held", "expired", "refund_required");
    const refunds = [{ orderId: null, quantity: 1, at: expect.any(String) }];
    expect(ann.of("reservation").at(-1)?.reservation).toMatchObject({ id: hold.id, status: "expired", refunds });
  });

  it("[LIV4] warns `warnSeconds` before the end, once for each hold and expiry, whoever looks how often", async () => {
    stopClock(Date.now());
    const sale = await ObjectSale.open(20, { warnSeconds: 60 });
    const ann = await Watcher.shopper(sale.name, "ann");
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 600 });
    stopClock(hold.expiresAt - 60_001);
    await sale.ring();
    expect(ann.happened).toEqual(["held"]);
    expect(await sale.alarmAt()).toBeLessThanOrEqual(hold.expiresAt - 60_000 + 50);
    stopClock(hold.expiresAt - 60_000);
    await sale.ring();
    await sale.ring();
    await ann.happens("held", "expiring");
    stopClock(hold.expiresAt - 30_000);
    await sale.ring();
    const second = await Watcher.shopper(sale.name, "ann");
    await second.happens("expiring");
    expect(ann.happened).toEqual(["held", "expiring"]);

    await sale.extend(hold.id, 900);
    stopClock(hold.expiresAt);
    await sale.ring();
    const later = (await sale.stub.own("ann"))?.reservations[0]?.expiresAt ?? 0;
    stopClock(later - 60_000);
    await sale.ring();
    await sale.ring();
    await ann.happens("held", "expiring", "extended", "expiring");
    await second.happens("expiring", "extended", "expiring");
  });

  it("[LIV4] warns in time also those who joined long after the hold, when no alarm was set for it", async () => {
    const sale = await ObjectSale.open(20);
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 900 });
    await sale.recorded();
    await sale.ring();
    expect(await sale.alarmAt()).toBe(hold.expiresAt);
    await Watcher.shopper(sale.name, "ann");
    expect(await sale.alarmAt()).toBeLessThanOrEqual(hold.expiresAt - 60_000);
  });

  it("[LIV4] warns of each of many hundreds of holds of one customer, and the sale goes on", async () => {
    const sale = await ObjectSale.open(1000, { perCustomerLimit: null });
    const ann = await Watcher.shopper(sale.name, "ann");
    for (let round = 0; round < 4; round++) await sale.holds(200, { customer: "ann", ttlSeconds: 30 });
    await sale.ring();
    await vi.waitFor(() => {
      const warned = ann.of("reservation").filter(({ event }) => event === "expiring");
      expect(new Set(warned.map(({ reservation }) => reservation.id)).size).toBe(800);
    });
    expect(await sale.look()).toMatchObject({ held: 800 });
    expect(ann.closed).toBeNull();
  });

  it("[LIV4] warns at once of a hold that is shorter than the warning", async () => {
    const sale = await ObjectSale.open(20);
    const ann = await Watcher.shopper(sale.name, "ann");
    await sale.hold({ customer: "ann", ttlSeconds: 30 });
    await ann.happens("held", "expiring");
    const again = await Watcher.shopper(sale.name, "ann");
    await again.happens("expiring");
    await sale.ring();
    await sale.hold({ customer: "ann" });
    await again.happens("expiring", "held");
    expect(ann.happened).toEqual(["held", "expiring", "held"]);
  });

  it("[LIV4] [SEC1] keeps two long names apart that begin alike", async () => {
    const sale = await ObjectSale.open(20);
    const [one, other] = [`${"漢".repeat(126)}1`, `${"漢".repeat(126)}2`];
    const [ann, bob] = [await Watcher.shopper(sale.name, one), await Watcher.shopper(sale.name, other)];
    await sale.hold({ customer: one, ttlSeconds: 30 });
    await sale.ring();
    await ann.happens("held", "expiring");
    await bob.sees(2);
    expect(bob.happened).toEqual([]);
  });

  it("[LIV4] speaks to each of many who hold at once", async () => {
    const sale = await ObjectSale.open(100);
    const names = Array.from({ length: 30 }, (_none, index) => `customer-${index}`);
    const watchers = await Promise.all(names.map((name) => Watcher.shopper(sale.name, name)));
    const holds = await Promise.all(names.map((customer) => sale.hold({ customer })));
    for (const [index, watcher] of watchers.entries()) {
      await watcher.happens("held");
      expect(watcher.of("reservation")[0]?.reservation.id).toBe(holds[index]?.id);
    }
  });
});
