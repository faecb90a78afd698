import { applyD1Migrations, createScheduledController, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CHANGED_LATELY_MS, OVERDUE_MS, WOKEN_MAX } from "../../src/domain/bounds.ts";
import { cartIdOf, cartObjectOf } from "../../src/domain/cart-placement.ts";
import type { SkuObject } from "../../src/objects/sku/sku-object.ts";
import { runScheduled } from "../../src/scheduled/scheduled.ts";
import { readSuspects } from "../../src/storage/d1-overdue.ts";
import { STOREFRONT } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { breakD1, d1Rows } from "./d1-state.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";
import { prototypeOf } from "./prototype.ts";

let start = 0;
beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.MIGRATIONS);
  start = Date.now();
  stopClock(start);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const run = () => runScheduled(createScheduledController(), env);
const suspects = () => readSuspects(env.DB, Date.now() - OVERDUE_MS, Date.now() - CHANGED_LATELY_MS, WOKEN_MAX);

/** The platform loses an object's alarm, and the object is not in memory. */
async function lose(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, (_instance, state) => state.storage.deleteAlarm());
  await evictDurableObject(stub);
}

const armedAt = (stub: DurableObjectStub) => runInDurableObject(stub, (_instance, state) => state.storage.getAlarm());

describe("the watchdog", () => {
  it("[REC13] finds SKUs for which something has been due for a minute, and no others", async () => {
    const sale = await ObjectSale.open(3, { holdTtlSeconds: 3600, maxHoldSeconds: 3600 });
    const opening = await ObjectSale.open(3, { opensAt: start + 3_600_000 });
    const idle = await ObjectSale.open(3);
    const hold = await sale.hold();
    await Promise.all([sale.recorded(), opening.recorded(), idle.recorded()]);
    expect(await d1Rows(sale, "SELECT due_at FROM sku WHERE sku = ?")).toEqual([{ due_at: hold.expiresAt }]);
    expect(await d1Rows(idle, "SELECT due_at FROM sku WHERE sku = ?")).toEqual([{ due_at: null }]);
    expect((await suspects()).skus).toHaveLength(3);
    stopClock(start + CHANGED_LATELY_MS - 1);
    expect((await suspects()).skus).toHaveLength(3);
    stopClock(start + CHANGED_LATELY_MS);
    expect((await suspects()).skus).toEqual([]);
    stopClock(hold.expiresAt + OVERDUE_MS);
    expect((await suspects()).skus).toEqual([opening.name]);
    stopClock(hold.expiresAt + OVERDUE_MS + 1);
    expect((await suspects()).skus).toEqual([opening.name, sale.name]);
  });

  it("[REC13] wakes a SKU that lost its alarm: overdue holds expire, and an alarm is set again", async () => {
    const sale = await ObjectSale.open(3, { holdTtlSeconds: 3600, maxHoldSeconds: 3600 });
    const hold = await sale.hold();
    await sale.recorded();
    await lose(sale.stub);
    stopClock(hold.expiresAt + OVERDUE_MS + 1);
    await run();
    expect(await sale.eventTypes()).toContain("reservation.expired");
    expect(await sale.alarmAt()).not.toBeNull();
    await sale.recorded();
    expect(await d1Rows(sale, "SELECT due_at FROM sku WHERE sku = ?")).toEqual([{ due_at: null }]);
    stopClock(Date.now() + CHANGED_LATELY_MS);
    expect((await suspects()).skus).toEqual([]);
  });

  it("[REC13] [REC4] sends on what is stuck in the outbox of a SKU that changed lately", async () => {
    const sale = await ObjectSale.open(3);
    await sale.recorded();
    const outage = breakD1();
    await sale.hold();
    await lose(sale.stub);
    outage.mockRestore();
    await run();
    await vi.waitFor(async () => expect(await d1Rows(sale, "SELECT 1 FROM event WHERE sku = ?")).toHaveLength(2));
  });

  it("[REC13] sets the lost alarm of a cart that is overdue, which expires then", async () => {
    const sale = await ObjectSale.open(3);
    const id = cartIdOf(crypto.randomUUID());
    const stub = env.CART.getByName(cartObjectOf(id) ?? "");
    const lines = [{ sku: sale.name, quantity: 1, reservation: crypto.randomUUID() }];
    const wanted = {
      id,
      customer: "ann",
      role: "storefront" as const,
      mode: "all_or_nothing" as const,
      ttlSeconds: null,
    };
    const { outcome } = await stub.open({ ...wanted, lines, content: "c" }, 5000);
    const expiresAt = "cart" in outcome ? (outcome.cart.expiresAt ?? 0) : 0;
    expect((await stub.look(id, STOREFRONT))?.status).toBe("held");
    await lose(stub);
    stopClock(expiresAt + OVERDUE_MS);
    expect((await suspects()).carts).toEqual([]);
    stopClock(expiresAt + OVERDUE_MS + 1);
    expect((await suspects()).carts).toEqual([id]);
    await run();
    expect(await armedAt(stub)).toBeLessThanOrEqual(Date.now() + 100);
  });

  it("[REC13] wakes the others though one cannot be woken, and goes on when D1 is back", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const sales = [await ObjectSale.open(1), await ObjectSale.open(1)];
    for (const sale of sales) await sale.recorded();
    const prototype = await prototypeOf(sales[0]?.stub as DurableObjectStub<SkuObject>, "begin");
    const begin = vi.spyOn(prototype, "begin").mockRejectedValueOnce(new Error("away"));
    await run();
    expect(begin).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls.join()).toContain("watchdog_wake_failed");
    const outage = breakD1();
    await run();
    expect(warn.mock.calls.join()).toContain("watchdog_failed");
    outage.mockRestore();
    await run();
    expect(begin).toHaveBeenCalledTimes(4);
  });
});
