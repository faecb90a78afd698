import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Command } from "../../src/domain/command.ts";
import { only, STOREFRONT, verdictOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { keyed, ObjectSale, stopClock, wish } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const interruptions: Record<string, (sale: ObjectSale) => Promise<void>> = {
  "an eviction": (sale) => evictDurableObject(sale.stub),
  "an abort": () => abortAllDurableObjects(),
  "an abort and a late alarm": async (sale) => {
    await abortAllDurableObjects();
    await sale.ring();
  },
};

describe("an object that loses its memory", () => {
  for (const [name, interrupt] of Object.entries(interruptions)) {
    it(`[IDM2] goes on after ${name} between any two steps, and repeats every answer`, async () => {
      const sale = new ObjectSale();
      const reserve = wish({ quantity: 3 });
      const id = "id" in reserve ? reserve.id : "";
      const steps: Command[] = [
        { type: "create", sku: sale.name, name: "Shoe", stock: 5, policy: {} },
        reserve,
        { type: "extend", id, ttlSeconds: 1500 },
        { type: "confirm", id, quantity: 2, orderId: "order-1" },
        { type: "return", id, quantity: 1, restock: true },
      ];
      for (const [index, command] of steps.entries()) {
        const request = keyed(command, { key: crypto.randomUUID() });
        const first = only((await sale.execute([request])).outcomes);
        expect([command.type, verdictOf(first)]).toEqual([command.type, "ok"]);
        await interrupt(sale);
        expect(only((await sale.execute([request])).outcomes)).toEqual({ ...first, replayed: true });
        expect(await sale.look()).toMatchObject({ version: index + 1 });
      }
      expect(await sale.look()).toMatchObject({ stock: 5, held: 0, sold: 1, available: 4 });
      expect(await sale.stub.find(id, STOREFRONT)).toMatchObject({ status: "confirmed", returnedQuantity: 1 });
      await sale.audit();
      await sale.ring();
      await sale.recorded();
    });
  }

  it("[IDM7] does a command once, when the call was cut off and made again", async () => {
    const sale = await ObjectSale.open(100);
    const requests = Array.from({ length: 20 }, (_none, index) => keyed(wish({ customer: `customer-${index}` })));
    const cutOff = Promise.allSettled(requests.map((request) => sale.execute([request])));
    await abortAllDurableObjects();
    await cutOff;
    const outcomes = await Promise.all(requests.map((request) => sale.execute([request])));
    expect(outcomes.flatMap((one) => one.outcomes.map(verdictOf))).toEqual(requests.map(() => "ok"));
    expect(await sale.look()).toMatchObject({ held: 20 });
    await sale.audit();
  });

  it("[IDM7] finds by its reservation what a repeated command without a key has done, and writes no key for it", async () => {
    const sale = await ObjectSale.open(9);
    const id = crypto.randomUUID();
    const other = crypto.randomUUID();
    const keysBefore = await sale.count("command");
    const steps: Command[] = [
      { ...wish({ quantity: 3 }), id } as Command,
      { type: "confirm", id, quantity: 2, orderId: "order-1" },
      { type: "batch", requests: [keyed({ ...wish({ quantity: 1 }), id: other } as Command)] },
      { type: "release", id: other },
    ];
    for (const command of steps) {
      const request = keyed(command);
      const first = only((await sale.execute([request])).outcomes);
      expect([command.type, request.key, verdictOf(first)]).toEqual([command.type, null, "ok"]);
      const { version } = await sale.look();
      await abortAllDurableObjects();
      expect(only((await sale.execute([request])).outcomes)).toEqual(first);
      expect(await sale.look()).toMatchObject({ version });
    }
    expect(await sale.count("command")).toBe(keysBefore);
    await sale.audit();
  });

  it("[EXP4] still wakes for its holds", async () => {
    const sale = await ObjectSale.open(1);
    const hold = await sale.hold({ ttlSeconds: 1 });
    await evictDurableObject(sale.stub);
    await vi.waitFor(async () => expect((await sale.eventTypes())[2]).toBe("reservation.expired"), {
      timeout: 4000,
      interval: 50,
    });
    expect(await sale.stub.find(hold.id, STOREFRONT)).toMatchObject({ status: "expired" });
  });
});

describe("a read of an object that has just woken", () => {
  it("[EXP6] sets no alarm where nothing is left to be done", async () => {
    const start = Date.now();
    stopClock(start);
    const sale = await ObjectSale.open(3, { lateConfirmSeconds: 1 });
    await sale.recorded();
    for (let days = 3; days < 6; days++) {
      stopClock(start + days * 86_400_000);
      await sale.ring();
    }
    expect(await sale.alarmAt()).toBeNull();
    await evictDurableObject(sale.stub);
    for (let again = 0; again < 3; again++) expect(await sale.look()).toMatchObject({ available: 3 });
    expect(await sale.alarmAt()).toBeNull();
    await sale.hold({ ttlSeconds: 60 });
    expect(await sale.alarmAt()).not.toBeNull();
  });

  it("[EXP6] sets a lost alarm for when it is needed", async () => {
    const sale = await ObjectSale.open(3);
    await sale.recorded();
    const hold = await sale.hold({ ttlSeconds: 600 });
    await sale.recorded();
    await runInDurableObject(sale.stub, (_instance, { storage }) => storage.deleteAlarm());
    await evictDurableObject(sale.stub);
    await sale.look();
    const alarmAt = await sale.alarmAt();
    expect(alarmAt).not.toBeNull();
    expect(alarmAt).toBeLessThanOrEqual(hold.expiresAt);
  });
});

describe("an object whose SKU was never created", () => {
  it("[TXN5] answers `not-found` to everything, and writes nothing", async () => {
    const sale = new ObjectSale();
    const commands: Command[] = [
      wish(),
      { type: "confirm", id: "nobody" },
      { type: "extend", id: "nobody" },
      { type: "release", id: "nobody" },
      { type: "return", id: "nobody", restock: true },
      { type: "adjust", delta: 1, reason: "count" },
      { type: "update", name: "Boot" },
      { type: "batch", requests: [keyed(wish())] },
    ];
    for (const command of commands) expect(verdictOf(await sale.run(command))).toBe("not-found");
    expect(await sale.stub.look()).toBeNull();
    expect(await sale.stub.find("nobody", STOREFRONT)).toBeNull();
    expect(await sale.stub.own("ann")).toBeNull();
    expect(await sale.stub.health()).toBeNull();
    expect(await sale.rows("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")).toEqual([]);
    expect(await sale.alarmAt()).toBeNull();
  });

  it("[TXN5] stays so when its creation is refused", async () => {
    const sale = new ObjectSale();
    const policy = { opensAt: 2, closesAt: 1 };
    const outcome = await sale.run({ type: "create", sku: sale.name, name: "Shoe", stock: 1, policy });
    expect(verdictOf(outcome)).toBe("invalid-request");
    expect(await sale.rows("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")).toEqual([]);
  });

  it("[POL1] can be created by one of many who try at once", async () => {
    const sale = new ObjectSale();
    const create: Command = { type: "create", sku: sale.name, name: "Shoe", stock: 1, policy: {} };
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => sale.run(create)));
    expect(outcomes.filter((one) => one.ok)).toHaveLength(1);
    expect(new Set(outcomes.filter((one) => !one.ok).map(verdictOf))).toEqual(new Set(["sku-exists"]));
    expect(await sale.look()).toMatchObject({ version: 1, stock: 1 });
  });
});

/** Rows that the object's own statements read while `act` runs. */
async function rowsRead(sale: ObjectSale, act: () => Promise<unknown>): Promise<number> {
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  await runInDurableObject(sale.stub, (_instance, state) => {
    const prototype = Object.getPrototypeOf(state.storage.sql) as SqlStorage;
    const exec = prototype.exec;
    vi.spyOn(prototype, "exec").mockImplementation(function (this: SqlStorage, ...call: Parameters<typeof exec>) {
      const cursor = exec.apply(this, call);
      cursors.push(cursor);
      return cursor;
    });
  });
  await act();
  vi.restoreAllMocks();
  return cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0);
}

describe("an object with a long history", () => {
  it("wakes and works in constant time: no statement reads more than a few rows", async () => {
    const sale = await ObjectSale.open(10_000, { perCustomerLimit: 5 });
    const [first, second, third, fourth] = await sale.holds(1000);
    for (let index = 0; index < 2; index++) {
      const sold = (await sale.holds(900, { ttlSeconds: 1200 })).map(({ id }) => keyed({ type: "confirm", id }));
      await sale.execute(sold);
    }
    await sale.recorded();
    const calls: Record<string, () => Promise<unknown>> = {
      "a wake": async () => {
        await evictDurableObject(sale.stub);
        await sale.look();
      },
      "a read of the reservation": async () => await sale.stub.find(first?.id ?? "", STOREFRONT),
      "a read of what a customer has": async () => await sale.stub.own("customer-7"),
      "a look at its health": async () => await sale.stub.health(),
      "an alarm": () => sale.ring(),
      "a reserve": () => sale.hold({ customer: "customer-7" }),
      "a refused reserve": () => sale.reserve({ customer: "customer-8", quantity: 10 }),
      "a confirmation": () => sale.confirm(first?.id ?? ""),
      "an extension": () => sale.extend(second?.id ?? "", 1700),
      "a release": () => sale.release(third?.id ?? ""),
      "a return": () => sale.giveBack(first?.id ?? ""),
      "an adjustment": () => sale.run({ type: "adjust", delta: 1, reason: "count" }),
      "an edit": () => sale.run({ type: "update", name: "Boot" }),
      "a sweep": async () => {
        stopClock((fourth?.expiresAt ?? 0) - 1);
        await sale.look();
      },
    };
    for (const [name, act] of Object.entries(calls)) {
      expect([name, (await rowsRead(sale, act)) < 60]).toEqual([name, true]);
    }
  }, 20_000);
});
