import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ALARM_RETRY_MS, ALARM_SWEEPS_MAX, SWEEP_HOLDS_MAX } from "../../src/domain/bounds.ts";
import type { Reservation } from "../../src/domain/model.ts";
import { only, refusalOf, reservationOf, STOREFRONT, verdictOf } from "../domain/sale.ts";
import { keyed, ObjectSale, stopClock, wish } from "./object-sale.ts";

// An hour ahead, so that no alarm rings by itself while a test takes its time.
beforeEach(() => stopClock(Date.now() + 3_600_000));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A sale whose stock sits in so many holds of one unit, all dead now. */
async function deadSale(count: number): Promise<{ sale: ObjectSale; holds: Reservation[] }> {
  const sale = await ObjectSale.open(count, { maxPerReservation: 10_000, perCustomerLimit: 10_000 });
  const holds: Reservation[] = [];
  for (let made = 0; made < count; made += 1000) {
    const wanted = Array.from({ length: Math.min(1000, count - made) }, (_none, index) =>
      keyed(wish({ customer: `customer-${made + index}`, ttlSeconds: 5 })),
    );
    holds.push(...(await sale.execute(wanted)).outcomes.map(reservationOf));
  }
  stopClock(Date.now() + 5000);
  return { sale, holds };
}

const unswept = (sale: ObjectSale) => sale.count("reservation", "status = 'held'");

describe("more dead holds than one sweep takes", () => {
  it("[STK3] count nowhere in a read, though most are still to be swept", async () => {
    const { sale, holds } = await deadSale(3 * SWEEP_HOLDS_MAX + 100);
    expect(await sale.look()).toMatchObject({ available: holds.length, held: 0, state: "open", low: false });
    expect(await unswept(sale)).toBe(holds.length - SWEEP_HOLDS_MAX);
    const last = holds.at(-1);
    expect(await sale.stub.own(last?.customer ?? "")).toMatchObject({
      units: 0,
      reservations: [],
      view: { available: holds.length, held: 0 },
    });
    expect(await sale.stub.find(last?.id ?? "", STOREFRONT)).toMatchObject({ status: "expired" });
    expect(await unswept(sale)).toBe(100);
    await sale.audit();
  });

  it("[STK3] [LIM3] count nowhere in a refusal or an answer either", async () => {
    const { sale, holds } = await deadSale(2 * SWEEP_HOLDS_MAX + 200);
    const customer = holds.at(-1)?.customer ?? "";
    const outcome = await sale.reserve({ customer, quantity: 2 });
    expect(outcome).toMatchObject({ ok: true, stock: { available: holds.length - 2, state: "open" } });
    expect(await unswept(sale)).toBe(SWEEP_HOLDS_MAX + 200 + 1);
    expect(await sale.stub.own(customer)).toMatchObject({ units: 2 });
    await sale.audit();
  });

  it("[EXP2] give all their units to one reserve that needs them, in sweeps of their own", async () => {
    const { sale, holds } = await deadSale(2 * SWEEP_HOLDS_MAX + 200);
    const { outcomes, transactions } = await runInDurableObject(sale.stub, async (instance, state) => {
      const spy = vi.spyOn(Object.getPrototypeOf(state.storage) as DurableObjectStorage, "transactionSync");
      const executed = await instance.execute([keyed(wish({ quantity: holds.length }))], 0);
      return { outcomes: executed.outcomes, transactions: spy.mock.calls.length };
    });
    expect(verdictOf(only(outcomes))).toBe("ok");
    expect(transactions).toBe(3);
    expect(await sale.look()).toMatchObject({ available: 0, held: holds.length });
    await sale.audit();
  });

  it("[EXP2] are swept one sweep further than a reserve needs, and no more", async () => {
    const { sale } = await deadSale(3 * SWEEP_HOLDS_MAX);
    expect(verdictOf(await sale.reserve({ quantity: SWEEP_HOLDS_MAX + 1 }))).toBe("ok");
    expect(await unswept(sale)).toBe(SWEEP_HOLDS_MAX + 1);
    await sale.audit();
  });

  it("[EXP2] give way to a rescue and to an adjustment that need their units", async () => {
    const { sale, holds } = await deadSale(2 * SWEEP_HOLDS_MAX + 2);
    const last = holds.at(-1);
    expect(reservationOf(await sale.confirm(last?.id ?? ""))).toMatchObject({ status: "confirmed", rescued: true });
    const delta = 1 - holds.length;
    expect(await sale.run({ type: "adjust", delta, reason: "damaged" })).toMatchObject({ ok: true, sku: { stock: 1 } });
    expect(refusalOf(await sale.run({ type: "adjust", delta: -1, reason: "damaged" }))).toEqual({
      code: "stock-in-use",
      available: 0,
    });
    await sale.audit();
  });

  it("[EXP4] are swept by one alarm in bounded portions, and other calls come in between", async () => {
    const { sale, holds } = await deadSale((ALARM_SWEEPS_MAX + 3) * SWEEP_HOLDS_MAX);
    const { order, left, next } = await runInDurableObject(sale.stub, async (instance, state) => {
      const ended: string[] = [];
      const alarm = instance.alarm().then(() => ended.push("alarm"));
      const command = instance.execute([keyed(wish())], 0).then(() => ended.push("command"));
      await Promise.all([alarm, command]);
      const rest = state.storage.sql.exec("SELECT id FROM reservation WHERE status = 'held'").toArray().length;
      return { order: ended, left: rest, next: await state.storage.getAlarm() };
    });
    expect(order).toEqual(["command", "alarm"]);
    expect(left).toBeGreaterThan(1);
    expect(left).toBeLessThan(2 * SWEEP_HOLDS_MAX);
    expect(next).toBeLessThanOrEqual(Date.now() + 100);
    await vi.waitFor(async () => {
      await sale.ring();
      expect(await unswept(sale)).toBe(1);
    });
    expect(await sale.look()).toMatchObject({ available: holds.length - 1 });
    await sale.audit();
  }, 30_000);
});

describe("the alarm", () => {
  it("[EXP4] may come late and twice: one event for each hold", async () => {
    const { sale } = await deadSale(3);
    stopClock(Date.now() + 3600_000);
    await sale.ring();
    await sale.ring();
    expect((await sale.eventTypes()).filter((type) => type === "reservation.expired")).toHaveLength(3);
    expect(await unswept(sale)).toBe(0);
  });

  it("[EXP4] that comes too early does nothing but set itself anew", async () => {
    const sale = await ObjectSale.open(1);
    const hold = await sale.hold({ ttlSeconds: 30 });
    await sale.recorded();
    await sale.ring();
    expect(await sale.count("event")).toBe(2);
    expect(await sale.alarmAt()).toBe(hold.expiresAt);
  });

  it("[EXP4] that fails sets itself anew, and sweeps when it can again", async () => {
    const { sale } = await deadSale(3);
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    await sale.rows(
      `CREATE TRIGGER broken BEFORE INSERT ON event WHEN NEW.type = 'reservation.expired'
      BEGIN SELECT RAISE(ABORT, 'broken'); END`,
    );
    expect(await sale.ring()).toBe(true);
    expect(report).toHaveBeenCalledOnce();
    expect(await unswept(sale)).toBe(3);
    const again = (await sale.alarmAt()) ?? Number.POSITIVE_INFINITY;
    expect(again).toBeLessThanOrEqual(Date.now() + ALARM_RETRY_MS);
    await sale.rows("DROP TRIGGER broken");
    stopClock(again);
    expect(await sale.ring()).toBe(true);
    expect(await unswept(sale)).toBe(0);
    await sale.audit();
  });

  it("[EXP4] is not put off by a hold that ends later", async () => {
    const sale = await ObjectSale.open(9);
    const first = await sale.hold({ ttlSeconds: 1 });
    await sale.hold({ ttlSeconds: 900 });
    await sale.run({ type: "update", name: "Boot" });
    expect(await sale.alarmAt()).toBeLessThanOrEqual(first.expiresAt);
  });

  it("that was lost is found and set anew by whoever comes by", async () => {
    const sale = await ObjectSale.open(2);
    const hold = await sale.hold({ ttlSeconds: 1800 });
    stopClock(Date.now() + 60_000);
    expect(await sale.alarmAt()).toBeLessThan(Date.now() - 5000);
    await sale.look();
    expect(await sale.alarmAt()).toBeGreaterThan(Date.now());
    expect(await sale.alarmAt()).toBeLessThanOrEqual(hold.expiresAt);
  });
});
