import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEY_KEPT_MS, RETENTION_MARGIN_MS, RETENTION_ROWS_MAX } from "../../src/domain/bounds.ts";
import { only, reservationOf, STOREFRONT, verdictOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { breakD1, d1Count } from "./d1-state.ts";
import { keyed, ObjectSale, stopClock, wish } from "./object-sale.ts";

const LATE_SECONDS = 3600;
const KEPT_MS = LATE_SECONDS * 1000 + KEY_KEPT_MS + RETENTION_MARGIN_MS;

let start = 0;
beforeEach(() => {
  start = Date.now();
  stopClock(start);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const openSale = () => ObjectSale.open(2000, { lateConfirmSeconds: LATE_SECONDS, perCustomerLimit: null });

describe("what is old and recorded", () => {
  it("[REC7] leaves after `lateConfirmSeconds` and 48 hours, not a millisecond before, and what was sold stays", async () => {
    const sale = await openSale();
    const [released, expired, sold, returned] = await sale.holds(4, { ttlSeconds: 60 });
    await sale.release(released?.id ?? "");
    await sale.confirm(sold?.id ?? "");
    await sale.confirm(returned?.id ?? "");
    await sale.giveBack(returned?.id ?? "");
    stopClock(expired?.expiresAt ?? 0);
    await sale.look();
    await sale.recorded();
    const statuses = () => sale.rows("SELECT status FROM reservation ORDER BY status");

    stopClock(start + KEPT_MS);
    await sale.ring();
    expect(await sale.count("event")).toBe(10);
    // Of the creation and the return; a reserve, a confirm and a release without a key write none.
    expect(await sale.count("command")).toBe(2);
    expect(await statuses()).toHaveLength(4);
    expect(await sale.alarmAt()).toBeLessThanOrEqual(start + KEPT_MS + 100);

    stopClock(start + KEPT_MS + 1);
    await sale.ring();
    expect(await sale.eventTypes()).toEqual(["reservation.expired"]);
    expect(await sale.count("command")).toBe(0);
    expect(await statuses()).toEqual([{ status: "confirmed" }, { status: "expired" }, { status: "returned" }]);

    stopClock((expired?.expiresAt ?? 0) + KEPT_MS + 1);
    await sale.ring();
    expect(await sale.count("event")).toBe(0);
    expect(await statuses()).toEqual([{ status: "confirmed" }, { status: "returned" }]);
    expect(await sale.stub.find(released?.id ?? "", STOREFRONT)).toMatchObject({ status: "released" });
    expect(await sale.stub.find(sold?.id ?? "", STOREFRONT)).toMatchObject({ status: "confirmed" });
    expect(await d1Count(sale, "reservation")).toBe(4);
    expect(await d1Count(sale, "event")).toBe(10);
  });

  it("[EVT1] [REC1] takes neither the count of events nor the record with it: the sale goes on, also in a new instance", async () => {
    const sale = await openSale();
    await sale.release((await sale.hold()).id);
    await sale.recorded();
    stopClock(start + KEPT_MS + 1);
    await sale.ring();
    expect(await sale.count("event")).toBe(0);
    await evictDurableObject(sale.stub);
    const hold = await sale.hold({ customer: "bob" });
    expect(hold.version).toBe(4);
    await sale.recorded();
    expect(await d1Count(sale, "event")).toBe(4);
  });

  it("[REC7] leaves in bounded portions, with an alarm for the rest", async () => {
    const sale = await openSale();
    const holds = await sale.holds(600);
    await sale.execute(holds.map(({ id }) => keyed({ type: "release", id }, { key: id })));
    await sale.recorded();
    stopClock(start + KEPT_MS + 3600_000);
    const left: number[] = [];
    for (let round = 0; round < 3; round++) {
      await sale.ring();
      left.push(await sale.count("event"));
      if (left.at(-1) !== 0) expect(await sale.alarmAt()).toBeLessThanOrEqual(Date.now() + 100);
    }
    expect(left).toEqual([1201 - RETENTION_ROWS_MAX, 1201 - 2 * RETENTION_ROWS_MAX, 0]);
    expect(await sale.count("reservation")).toBe(0);
    expect(await sale.count("command")).toBe(0);
    expect(await sale.look()).toMatchObject({ held: 0, available: 2000, version: 1201 });
  });

  it("[REC7] [REC4] never leaves before D1 has it", async () => {
    const sale = await openSale();
    await sale.recorded();
    const outage = breakD1();
    const { id } = reservationOf(await sale.run(wish(), { key: "held" }));
    await sale.run({ type: "release", id }, { key: "released" });
    stopClock(start + 2 * KEPT_MS);
    await sale.ring();
    expect(await sale.eventTypes()).toEqual(["reservation.held", "reservation.released"]);
    expect(await sale.count("command", "sequence > 1")).toBe(2);
    expect(await sale.count("reservation")).toBe(1);
    outage.mockRestore();
    stopClock(start + 3 * KEPT_MS);
    await sale.ring();
    await sale.recorded();
    await sale.ring();
    expect(await sale.count("event")).toBe(0);
    expect(await sale.count("reservation")).toBe(0);
    expect(await d1Count(sale, "event")).toBe(3);
    expect(await d1Count(sale, "command")).toBe(3);
  });

  it("[IDM5] leaves every key alone for its 24 hours, whatever else goes", async () => {
    const sale = await ObjectSale.open(10, { lateConfirmSeconds: 1, perCustomerLimit: null });
    await sale.release((await sale.hold()).id);
    await sale.recorded();
    stopClock(start + 2 * KEY_KEPT_MS + 1500);
    const request = keyed(wish({ customer: "bob", ttlSeconds: 1 }), { key: "bob" });
    const first = only((await sale.execute([request])).outcomes);
    await sale.recorded();
    await sale.ring();
    expect(await sale.count("command")).toBe(1);
    stopClock(Date.now() + KEY_KEPT_MS - 1);
    await sale.ring();
    expect(only((await sale.execute([request])).outcomes)).toEqual({ ...first, replayed: true });
    expect(await sale.stub.find(reservationOf(first).id, STOREFRONT)).toMatchObject({ status: "expired" });
  });

  it("[CNF5] leaves no payment without an answer that could still be rescued", async () => {
    const sale = await openSale();
    const hold = await sale.hold({ ttlSeconds: 600 });
    await sale.recorded();
    stopClock(hold.expiresAt + LATE_SECONDS * 1000 - 1);
    await sale.ring();
    expect(reservationOf(await sale.confirm(hold.id))).toMatchObject({ rescued: true });
  });

  it("[REC7] never leaves as long as it is held", async () => {
    const week = 7 * 24 * 3600;
    const sale = await ObjectSale.open(10, { lateConfirmSeconds: 1, maxHoldSeconds: week, holdTtlSeconds: week });
    const hold = await sale.hold();
    await sale.recorded();
    stopClock(start + 3 * KEY_KEPT_MS);
    await sale.ring();
    expect(await sale.count("event")).toBe(0);
    expect(await sale.stub.find(hold.id, STOREFRONT)).toMatchObject({ status: "held" });
    expect(verdictOf(await sale.confirm(hold.id))).toBe("ok");
    expect(await sale.look()).toMatchObject({ held: 0, sold: 1 });
  });

  it("[REC7] [CLK6] takes an answer along with the event that it stands on, also where the clock was wrong", async () => {
    const sale = await openSale();
    const requests = [1, 2].map((index) => keyed(wish({ customer: `c${index}` }), { key: `key-${index}` }));
    const [first, second] = requests;
    if (first === undefined || second === undefined) throw new Error("two requests");
    stopClock(start + 30 * 24 * 3_600_000);
    await sale.execute([first]);
    stopClock(start + 1000);
    await sale.execute([second]);
    await sale.recorded();
    stopClock(start + KEPT_MS + 500);
    await sale.ring();
    // What a clock made that was a month ahead is as old as what came after it, and no older.
    expect(await sale.rows("SELECT key FROM command WHERE key LIKE 'key-%' ORDER BY key")).toEqual([
      { key: "key-1" },
      { key: "key-2" },
    ]);
    stopClock(start + KEPT_MS + 1001);
    await sale.ring();
    expect(await sale.count("command")).toBe(0);
  });
});
