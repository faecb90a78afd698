import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RECORD_EVENTS_MAX } from "../../src/domain/bounds.ts";
import { call, newSku, storefront } from "../client.ts";
import { verdictOf } from "../domain/sale.ts";
import { breakD1, d1Count, expectSameInD1, spyOnD1 } from "./d1-state.ts";
import { keyed, ObjectSale, stopClock, wish } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("the record in D1", () => {
  it("[REC1] has a commit without anybody's waiting or ringing", async () => {
    const sale = await ObjectSale.open(5);
    const hold = await sale.hold({ metadata: { line: "7", ключ: '"quoted" \\ 漢字' } });
    await sale.confirm(hold.id, { orderId: "order-1" });
    await vi.waitFor(async () => expect(await d1Count(sale, "event")).toBe(3));
    await sale.recorded();
    await expectSameInD1(sale);
  });

  it("[REC2] takes one batch of a SKU at a time, however many commit", async () => {
    const sale = await ObjectSale.open(500);
    let inFlight = 0;
    let most = 0;
    const batch = spyOnD1();
    batch.mockImplementation(async (statements) => {
      // SKUs of the tests before may still be at it.
      if (!JSON.stringify(statements).includes(sale.name)) return [];
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inFlight -= 1;
      return [];
    });
    for (let index = 0; index < 40; index++) await sale.hold({ customer: `customer-${index}` });
    await sale.recorded();
    expect(most).toBe(1);
    expect(batch.mock.calls.length).toBeLessThan(40);
  });

  it("[REC2] takes a long backlog in several bounded batches", async () => {
    const sale = await ObjectSale.open(2000);
    const outage = breakD1();
    await sale.holds(1000);
    await sale.holds(600);
    outage.mockRestore();
    const batch = spyOnD1();
    stopClock(Date.now() + 60_000);
    await sale.ring();
    await sale.recorded();
    expect(batch.mock.calls.length).toBeGreaterThanOrEqual(Math.ceil(1600 / RECORD_EVENTS_MAX));
    await expectSameInD1(sale);
  });

  it("keeps within what D1 takes as one parameter, whatever the events and keys carry", async () => {
    const sale = await ObjectSale.open(10_000, { perCustomerLimit: null });
    const outage = breakD1();
    for (const character of ["x", '"', "漢"]) {
      const room = Math.floor(98 / new TextEncoder().encode(character).byteLength);
      const members = Array.from({ length: 20 }, (_none, index) => [`k${index}`, character.repeat(room)]);
      const metadata = Object.fromEntries(members) as Record<string, string>;
      for (let round = 0; round < 3; round++) await sale.holds(100, { metadata });
    }
    outage.mockRestore();
    const sizes: number[] = [];
    const statement = Object.getPrototypeOf(env.DB.prepare("SELECT 1")) as D1PreparedStatement;
    const bind = statement.bind;
    vi.spyOn(statement, "bind").mockImplementation(function (this: D1PreparedStatement, ...values: unknown[]) {
      sizes.push(...values.map((value) => new TextEncoder().encode(String(value)).byteLength));
      return bind.apply(this, values);
    });
    stopClock(Date.now() + 60_000);
    await sale.ring();
    await sale.recorded();
    vi.restoreAllMocks();
    expect(Math.max(...sizes)).toBeGreaterThan(100_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000_000);
    await expectSameInD1(sale);
  }, 15_000);

  it("[REC5] [CNF8] is asked also for the one refusal that is written", async () => {
    const sale = await ObjectSale.open(1, { lateConfirmSeconds: 1 });
    const hold = await sale.hold({ ttlSeconds: 1 });
    breakD1();
    stopClock(hold.expiresAt + 5000);
    const request = keyed({ type: "confirm", id: hold.id });
    expect(await sale.execute([request], 0)).toMatchObject({ recorded: "object", outcomes: [{ ok: false }] });
  });

  it("[REC5] is named in the header of every mutation, with the wait that was applied", async () => {
    const sku = await newSku(5);
    const path = `/v1/skus/${sku}/reservations`;
    const order = { as: storefront, body: { customer: "ann", quantity: 1 } };
    const waited = await call("POST", path, { ...order, headers: { Prefer: "wait=5" } });
    expect(waited.headers.get("Holdfast-Recorded")).toBe("d1");
    expect(waited.headers.get("Preference-Applied")).toBe("wait=5");
    breakD1();
    const alone = await call("POST", path, order);
    expect([alone.status, alone.headers.get("Holdfast-Recorded")]).toEqual([201, "object"]);
    const confirmed = await call("POST", `${path}/${alone.body.id}/confirm`, { as: storefront, body: {} });
    expect([confirmed.status, confirmed.headers.get("Holdfast-Recorded")]).toEqual([200, "object"]);
  });

  it("[REC5] is where a replay finds its first answer, if that has got there", async () => {
    const sale = await ObjectSale.open(5);
    const request = keyed(wish(), { key: "first" });
    await sale.execute([request], 5000);
    expect(await sale.execute([request], 0)).toMatchObject({ recorded: "d1", outcomes: [{ replayed: true }] });
    expect(verdictOf(await sale.reserve({ quantity: 5 }))).toBe("insufficient-stock");
  });
});
