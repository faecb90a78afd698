import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RECORD_BACKOFF_MS_MAX, RECORD_BACKOFF_MS_MIN } from "../../src/domain/bounds.ts";
import { recordInD1 } from "../../src/storage/d1-record.ts";
import { Outbox } from "../../src/storage/outbox.ts";
import { SkuStore } from "../../src/storage/sku-store.ts";
import { verdictOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { breakD1, d1Count, expectSameInD1, spyOnD1 } from "./d1-state.ts";
import { ObjectSale, stopClock, wish } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("D1 out of order", () => {
  it("[REC4] never stops sales, and has everything once when it is back", async () => {
    const sale = await ObjectSale.open(30);
    await sale.recorded();
    const outage = breakD1();
    const holds = await sale.holds(20);
    for (const { id } of holds.slice(0, 5)) expect(verdictOf(await sale.confirm(id))).toBe("ok");
    for (const { id } of holds.slice(5, 10)) expect(verdictOf(await sale.release(id))).toBe("ok");
    await vi.waitFor(() => expect(outage).toHaveBeenCalled());
    expect(await sale.stub.health()).toMatchObject({ unrecordedEvents: 30 });
    expect(await d1Count(sale, "event")).toBe(1);

    outage.mockRestore();
    stopClock(Date.now() + RECORD_BACKOFF_MS_MAX);
    await sale.ring();
    await sale.recorded();
    await expectSameInD1(sale);
    await sale.audit();
  });

  it("[REC4] comes back by itself: the alarm tries again", async () => {
    const sale = await ObjectSale.open(30);
    await sale.recorded();
    const outage = breakD1();
    await sale.hold();
    await vi.waitFor(() => expect(outage).toHaveBeenCalled());
    expect((await sale.alarmAt()) ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(Date.now() + RECORD_BACKOFF_MS_MIN);
    outage.mockRestore();
    await vi.waitFor(async () => expect(await d1Count(sale, "event")).toBe(2), { timeout: 4000, interval: 50 });
    await expectSameInD1(sale);
  });

  it("[REC4] is asked again after a backoff that grows, whoever commits meanwhile", async () => {
    stopClock(Date.now());
    const sale = await ObjectSale.open(100);
    const outage = breakD1();
    await sale.hold();
    await vi.waitFor(() => expect(outage).toHaveBeenCalled());
    const waits: number[] = [];
    for (let round = 0; round < 10; round++) {
      const before = outage.mock.calls.length;
      const failedAt = Date.now();
      for (let index = 0; index < 3; index++) await sale.hold({ customer: `customer-${round}-${index}` });
      expect(outage.mock.calls.length).toBe(before);
      while (outage.mock.calls.length === before) {
        stopClock(Math.max((await sale.alarmAt()) ?? Number.NaN, Date.now()));
        await sale.ring();
      }
      waits.push(Date.now() - failedAt);
    }
    expect(Math.max(...waits.slice(0, 3))).toBeLessThanOrEqual(8 * RECORD_BACKOFF_MS_MIN);
    expect(Math.min(...waits.slice(-2))).toBeGreaterThanOrEqual(RECORD_BACKOFF_MS_MAX / 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(RECORD_BACKOFF_MS_MAX);
  });

  it("[REC4] that hangs does not keep the alarm ringing", async () => {
    const sale = await ObjectSale.open(5);
    await sale.recorded();
    const outage = breakD1();
    await sale.hold();
    await vi.waitFor(() => expect(outage).toHaveBeenCalled());
    let hanging = 0;
    outage.mockImplementation(async () => {
      hanging += 1;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      hanging -= 1;
      return [];
    });
    stopClock(Date.now() + RECORD_BACKOFF_MS_MAX);
    await sale.ring();
    await sale.ring();
    expect(hanging).toBe(1);
    expect((await sale.alarmAt()) ?? Number.NaN).toBeGreaterThan(Date.now() + 1000);
    await vi.waitFor(() => expect(hanging).toBe(0), 3000);
  });

  it("[REC4] shows as a lag in the object's health", async () => {
    stopClock(Date.now());
    const sale = await ObjectSale.open(5);
    await sale.recorded();
    expect(await sale.stub.health()).toMatchObject({ unrecordedEvents: 0, recordLagMs: 0 });
    breakD1();
    const hold = await sale.hold();
    stopClock(hold.createdAt + 42_000);
    expect(await sale.stub.health()).toMatchObject({ unrecordedEvents: 1, recordLagMs: 42_000 });
  });

  it("[REC4] takes a batch whole or not at all, when one of its tables is missing", async () => {
    const sale = await ObjectSale.open(5);
    await sale.recorded();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await env.DB.prepare("ALTER TABLE command RENAME TO command_away").run();
    try {
      await sale.run(wish(), { key: "kept" });
      await vi.waitFor(() => expect(warn).toHaveBeenCalled());
      expect(await d1Count(sale, "event")).toBe(1);
      expect(await d1Count(sale, "reservation")).toBe(0);
    } finally {
      await env.DB.prepare("ALTER TABLE command_away RENAME TO command").run();
    }
    stopClock(Date.now() + RECORD_BACKOFF_MS_MAX);
    await sale.ring();
    await sale.recorded();
    await expectSameInD1(sale);
  });

  it("[REC3] may lose the answer to a write that it did: the replay changes nothing", async () => {
    const sale = await ObjectSale.open(30);
    await sale.recorded();
    const hold = await sale.hold({ customer: "ann" });
    await sale.recorded();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const real = (Object.getPrototypeOf(env.DB) as D1Database).batch;
    const lossy = spyOnD1().mockImplementation(async function (this: D1Database, statements) {
      await real.call(this, statements);
      throw new Error("the answer was lost");
    });
    await sale.confirm(hold.id);
    await sale.hold({ customer: "bob" });
    await vi.waitFor(() => expect(lossy).toHaveBeenCalled());
    await vi.waitFor(async () => expect(await d1Count(sale, "event")).toBeGreaterThan(2));
    expect((await sale.stub.health())?.unrecordedEvents).toBeGreaterThan(0);
    lossy.mockRestore();
    await sale.release(hold.id);
    stopClock(Date.now() + RECORD_BACKOFF_MS_MAX);
    await sale.ring();
    await sale.recorded();
    await expectSameInD1(sale);
  });

  it("[REC3] may be reached by a write that was long on its way: what is newer stays", async () => {
    const sale = await ObjectSale.open(30);
    const [sold, given] = await sale.holds(2);
    await sale.confirm(sold?.id ?? "", { orderId: "order-1" });
    await sale.release(given?.id ?? "");
    await sale.recorded();
    const late = await runInDurableObject(sale.stub, (_instance, state) => {
      const sku = new SkuStore(state.storage.sql).sku();
      const stretch = new Outbox(state.storage.sql).next(0, sku);
      return stretch === null ? null : { ...stretch, events: stretch.events.slice(0, 3), upTo: 3, complete: true };
    });
    if (late === null) throw new Error("there is nothing to send again");
    await recordInD1(env.DB, { ...late, sku: { ...late.sku, version: 3, held: 2, sold: 0 }, dueAt: null });
    await expectSameInD1(sale);
  });

  it("[REC2] gets only what is new from an object that has slept", async () => {
    const sale = await ObjectSale.open(30);
    await sale.holds(5);
    await sale.recorded();
    await evictDurableObject(sale.stub);
    const statement = Object.getPrototypeOf(env.DB.prepare("SELECT 1")) as D1PreparedStatement;
    const bind = vi.spyOn(statement, "bind");
    await sale.hold({ customer: "bob" });
    await sale.recorded();
    const sent = JSON.stringify(bind.mock.calls);
    expect(sent).toContain("bob");
    expect(sent).not.toContain("customer-0");
  });

  it("[REC4] outlives its object: another instance sends what the first could not", async () => {
    const sale = await ObjectSale.open(30);
    await sale.recorded();
    const outage = breakD1();
    await sale.holds(10);
    await vi.waitFor(() => expect(outage).toHaveBeenCalled());
    await evictDurableObject(sale.stub);
    outage.mockRestore();
    await sale.ring();
    await sale.recorded();
    await expectSameInD1(sale);
  });

  it("[REC3] is sent again what it has, after an object forgot how far it was, and stays as it is", async () => {
    const sale = await ObjectSale.open(30);
    const [hold] = await sale.holds(5);
    await sale.confirm(hold?.id ?? "");
    await sale.recorded();
    await sale.rows("UPDATE sku SET recorded_version = 0");
    await evictDurableObject(sale.stub);
    const batch = spyOnD1();
    await sale.release("nobody");
    await sale.hold({ customer: "bob" });
    await sale.recorded();
    expect(batch).toHaveBeenCalled();
    await expectSameInD1(sale);
  });
});
