import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WARM_UP_MS } from "../../src/domain/bounds.ts";
import { refusalOf, reservationOf, STOREFRONT, verdictOf } from "../domain/sale.ts";
import { keyed, ObjectSale, stopClock, wish } from "./object-sale.ts";

beforeEach(() => stopClock(Date.now()));
afterEach(() => vi.useRealTimers());

describe("dead holds, before any alarm", () => {
  it("[EXP1] [CLK2] block no sale from `expiresAt` on, and until then they do", async () => {
    const sale = await ObjectSale.open(1);
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 5 });
    stopClock(hold.expiresAt - 1);
    expect(refusalOf(await sale.reserve({ customer: "bob" }))).toMatchObject({ state: "held_elsewhere", available: 0 });
    stopClock(hold.expiresAt);
    expect(verdictOf(await sale.reserve({ customer: "bob" }))).toBe("ok");
    expect(await sale.eventTypes()).toEqual([
      "sku.created",
      "reservation.held",
      "reservation.expired",
      "reservation.held",
    ]);
    await sale.audit();
  });

  it("[EXP1] are never confirmed as live: refused when the unit is gone, rescued when it is free", async () => {
    const sale = await ObjectSale.open(2);
    const [ann, bob] = [
      await sale.hold({ customer: "ann", ttlSeconds: 5 }),
      await sale.hold({ customer: "bob", ttlSeconds: 5 }),
    ];
    stopClock(ann.expiresAt);
    await sale.hold({ customer: "cid" });
    expect(reservationOf(await sale.confirm(ann.id))).toMatchObject({ status: "confirmed", rescued: true });
    expect(refusalOf(await sale.confirm(bob.id))).toEqual({ code: "hold-expired", refundRequired: true });
    await sale.audit();
  });

  it("[STA1] answer as expired ones to extend, release and return", async () => {
    const sale = await ObjectSale.open(3);
    const [first, second, third] = await sale.holds(3, { ttlSeconds: 5 });
    stopClock((first?.expiresAt ?? 0) + 1);
    expect(verdictOf(await sale.extend(first?.id ?? ""))).toBe("hold-expired");
    expect(reservationOf(await sale.release(second?.id ?? ""))).toMatchObject({ status: "expired" });
    expect(verdictOf(await sale.giveBack(third?.id ?? ""))).toBe("not-confirmed");
    await sale.audit();
  });

  it("[LIM3] count in nobody's limit", async () => {
    const sale = await ObjectSale.open(10, { perCustomerLimit: 2 });
    const hold = await sale.hold({ quantity: 2, ttlSeconds: 5 });
    expect(verdictOf(await sale.reserve())).toBe("limit-exceeded");
    stopClock(hold.expiresAt);
    expect(await sale.stub.own("ann")).toMatchObject({ units: 0, reservations: [] });
    expect(verdictOf(await sale.reserve({ quantity: 2 }))).toBe("ok");
    expect(refusalOf(await sale.reserve())).toMatchObject({ used: 2 });
  });

  it("[LIM3] [LIM4] free their customer's units once, also when the same transaction names them", async () => {
    const sale = await ObjectSale.open(10, { perCustomerLimit: 2 });
    const [late, paid] = [await sale.hold({ ttlSeconds: 5 }), await sale.hold({ ttlSeconds: 5 })];
    stopClock(late.expiresAt);
    const requests = [
      keyed({ type: "release", id: late.id }),
      keyed(wish()),
      keyed(wish()),
      keyed(wish()),
      keyed({ type: "confirm", id: paid.id }),
    ];
    const { outcomes } = await sale.execute(requests);
    expect(outcomes.map(verdictOf)).toEqual(["ok", "ok", "ok", "limit-exceeded", "ok"]);
    expect(await sale.stub.own("ann")).toMatchObject({ units: 2 });
  });

  const lookers: Record<string, (sale: ObjectSale, id: string) => Promise<unknown>> = {
    "a read of the SKU": (sale) => sale.look(),
    "a read of the reservation": (sale, id) => sale.stub.find(id, STOREFRONT),
    "a read of what a customer has": (sale) => sale.stub.own("somebody"),
    "a look at its health": (sale) => sale.stub.health(),
    "a command that is refused": (sale) => sale.confirm("nobody"),
    "the alarm": (sale) => sale.ring(),
  };
  for (const [name, look] of Object.entries(lookers)) {
    it(`[CLK4] [EXP3] are swept by ${name}, once`, async () => {
      const sale = await ObjectSale.open(2);
      const hold = await sale.hold({ ttlSeconds: 5 });
      stopClock(hold.expiresAt);
      await look(sale, hold.id);
      expect(await sale.rows("SELECT type, time, d_held, d_sold FROM event WHERE sequence = 3")).toEqual([
        { type: "reservation.expired", time: hold.expiresAt, d_held: -1, d_sold: 0 },
      ]);
      await look(sale, hold.id);
      expect(await sale.count("event")).toBe(3);
      expect(await sale.look()).toMatchObject({ held: 0, available: 2, state: "open" });
    });
  }

  it("[EXP2] are swept in the order of their ends", async () => {
    const sale = await ObjectSale.open(3);
    const ends = [7, 3, 5];
    const holds = [];
    for (const ttlSeconds of ends) holds.push(await sale.hold({ customer: `after-${ttlSeconds}`, ttlSeconds }));
    stopClock(Date.now() + 10_000);
    await sale.look();
    const swept = await sale.rows<{ customer: string }>(
      "SELECT reservation ->> '$.customer' AS customer FROM event WHERE type = 'reservation.expired' ORDER BY sequence",
    );
    expect(swept.map(({ customer }) => customer)).toEqual(["after-3", "after-5", "after-7"]);
  });

  it("[EXT1] live on when they were extended in time", async () => {
    const sale = await ObjectSale.open(1);
    const hold = await sale.hold({ ttlSeconds: 5 });
    stopClock(hold.expiresAt - 1);
    const extended = reservationOf(await sale.extend(hold.id, 60));
    stopClock(hold.expiresAt + 1);
    await sale.ring();
    expect(verdictOf(await sale.reserve({ customer: "bob" }))).toBe("insufficient-stock");
    expect(await sale.alarmAt()).toBeLessThanOrEqual(extended.expiresAt);
    stopClock(extended.expiresAt);
    expect(verdictOf(await sale.reserve({ customer: "bob" }))).toBe("ok");
  });
});

describe("opening and closing", () => {
  it("[CLK2] [CLK4] happen at the very instant, committed once by whoever looks first", async () => {
    const opensAt = Date.now() + 60_000;
    const closesAt = opensAt + 60_000;
    const sale = await ObjectSale.open(5, { opensAt, closesAt });
    expect(await sale.alarmAt()).toBeLessThanOrEqual(opensAt);
    stopClock(opensAt - 1);
    expect(refusalOf(await sale.reserve())).toEqual({ code: "not-open", opensAt, retryAfterSeconds: 1 });
    expect(await sale.look()).toMatchObject({ state: "scheduled", version: 1 });
    stopClock(opensAt);
    expect(await sale.look()).toMatchObject({ state: "open", version: 2 });
    expect(verdictOf(await sale.reserve())).toBe("ok");
    stopClock(closesAt - 1);
    expect(verdictOf(await sale.reserve())).toBe("ok");
    stopClock(closesAt);
    expect(verdictOf(await sale.reserve())).toBe("closed");
    expect(await sale.look()).toMatchObject({ state: "closed" });
    expect((await sale.eventTypes()).filter((type) => type.startsWith("sale."))).toEqual([
      "sale.opened",
      "sale.closed",
    ]);
  });

  it("[CLK5] are committed by the alarm alone, which is set for the next one", async () => {
    const opensAt = Date.now() + 3600_000;
    const closesAt = opensAt + 3600_000;
    const sale = await ObjectSale.open(5, { opensAt, closesAt });
    await sale.recorded();
    await sale.ring();
    expect(await sale.alarmAt()).toBe(opensAt - WARM_UP_MS);
    stopClock(opensAt - WARM_UP_MS);
    await sale.ring();
    expect(await sale.alarmAt()).toBe(opensAt);
    stopClock(opensAt);
    await sale.ring();
    expect(await sale.eventTypes()).toEqual(["sku.created", "sale.opened"]);
    await sale.recorded();
    await sale.ring();
    expect(await sale.alarmAt()).toBe(closesAt - WARM_UP_MS);
  });

  it("[CLK4] commit only the closing when both have passed unseen", async () => {
    const opensAt = Date.now() + 1000;
    const sale = await ObjectSale.open(5, { opensAt, closesAt: opensAt + 1000 });
    stopClock(opensAt + 5000);
    expect(verdictOf(await sale.reserve())).toBe("closed");
    expect(await sale.eventTypes()).toEqual(["sku.created", "sale.closed"]);
  });
});
