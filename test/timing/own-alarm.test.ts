import { afterAll, describe, expect, it, vi } from "vitest";
import { only, verdictOf } from "../domain/sale.ts";
import { hibernateRelay, pause } from "../live/relay.ts";
import { Watcher } from "../live/watcher.ts";
import { DropCase } from "../objects/drop-case.ts";
import { ObjectSale } from "../objects/object-sale.ts";

afterAll(() => Watcher.leaveAll());

// In real time, and so all at once.
describe.concurrent("an object's own alarm, in real time", () => {
  it("[EXP4] rings by itself: the event leaves within a second of `expiresAt`", async () => {
    const sale = await ObjectSale.open(1);
    const hold = await sale.hold({ ttlSeconds: 1 });
    const swept = "SELECT time FROM event WHERE type = 'reservation.expired'";
    await vi.waitFor(async () => expect(await sale.rows(swept)).toHaveLength(1), { timeout: 4000, interval: 50 });
    const { time } = only(await sale.rows<{ time: number }>(swept));
    expect(time - hold.expiresAt).toBeGreaterThanOrEqual(0);
    expect(time - hold.expiresAt).toBeLessThan(1000);
  });

  it("[CLK5] rings by itself for an opening", async () => {
    const opensAt = Date.now() + 1000;
    const sale = await ObjectSale.open(1, { opensAt });
    const opened = "SELECT time FROM event WHERE type = 'sale.opened'";
    await vi.waitFor(async () => expect(await sale.rows(opened)).toHaveLength(1), { timeout: 4000, interval: 50 });
    expect(only(await sale.rows<{ time: number }>(opened)).time - opensAt).toBeLessThan(1000);
  });

  it("[LIV4] [EXP4] warns and tells of the end by the alarm alone, in real time", async () => {
    const sale = await ObjectSale.open(20, { warnSeconds: 1 });
    const ann = await Watcher.shopper(sale.name, "ann");
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 2 });
    await vi.waitFor(() => expect(ann.happened).toEqual(["held", "expiring", "expired"]), 5000);
    expect(Date.now() - hold.expiresAt).toBeLessThan(1000);
  }, 8000);

  it("[LIV8] [LIV4] [EXP4] come by the alarm alone, and the end as well, in real time, though the Relay sleeps", async () => {
    const [sale, other] = [await ObjectSale.open(20, { warnSeconds: 1 }), await ObjectSale.open(20)];
    const ann = await Watcher.shopperOver([other.name, sale.name], "ann");
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 2 });
    await vi.waitFor(() => expect(ann.happened).toEqual(["held"]));
    await hibernateRelay();
    await vi.waitFor(() => expect(ann.happened).toEqual(["held", "expiring", "expired"]), 5000);
    expect(Date.now() - hold.expiresAt).toBeLessThan(1000);
    expect(ann.closed).toBeNull();
  }, 8000);

  it("[DRP13] in real time is in the record within a second, and nothing was reserved before", async () => {
    const made = await DropCase.make(500);
    const opensAt = Date.now() + 1_500;
    await made.create({ opensAt });
    const early: string[] = [];
    while (Date.now() < opensAt - 50) {
      early.push(...(await Promise.all(made.sales.map(async (sale) => verdictOf(await sale.reserve())))));
      await pause(20);
    }
    expect(new Set(early)).toEqual(new Set(["not-open"]));
    for (const sale of made.sales) {
      await vi.waitFor(async () => expect(await sale.eventTypes()).toContain("sale.opened"), 3000);
      const rows = await sale.rows<{ time: number }>("SELECT time FROM event WHERE type = 'sale.opened'");
      expect((rows[0]?.time ?? 0) - opensAt).toBeGreaterThanOrEqual(0);
      expect((rows[0]?.time ?? 0) - opensAt).toBeLessThan(1000);
    }
  });
});
