import { afterEach, describe, expect, it, vi } from "vitest";
import { call, newSku, reserve as reserveByHttp, storefront } from "../client.ts";
import { refusalOf, reservationOf, verdictOf } from "../domain/sale.ts";
import { ObjectSale } from "./object-sale.ts";

afterEach(() => vi.useRealTimers());

function tally<Value>(values: readonly Value[]): Map<Value, number> {
  return new Map(
    Array.from(
      Map.groupBy(values, (value) => value),
      ([value, all]) => [value, all.length],
    ),
  );
}

describe("many callers at once", () => {
  it("[STK1] get exactly the units there are, called by RPC", async () => {
    const sale = await ObjectSale.open(100);
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, (_none, index) => sale.reserve({ customer: `customer-${index}` })),
    );
    expect(tally(outcomes.map(verdictOf))).toEqual(
      new Map([
        ["ok", 100],
        ["insufficient-stock", 400],
      ]),
    );
    const ids = outcomes.filter(({ ok }) => ok).map((outcome) => reservationOf(outcome).id);
    expect(new Set(ids).size).toBe(100);
    expect(await sale.look()).toMatchObject({ stock: 100, available: 0, held: 100, sold: 0, state: "held_elsewhere" });
    await sale.audit();
  });

  it("[STK1] get exactly the units there are, called through the Worker", async () => {
    const sku = await newSku(100);
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_none, index) => reserveByHttp(sku, `customer-${index}`)),
    );
    expect(tally(answers.map(({ status }) => status))).toEqual(
      new Map([
        [201, 100],
        [409, 400],
      ]),
    );
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused.every(({ body }) => body.code === "insufficient-stock" && body.available === 0)).toBe(true);
    const { body } = await call("GET", `/v1/skus/${sku}`, { as: storefront });
    expect(body).toMatchObject({ stock: 100, available: 0, held: 100, sold: 0 });
    await new ObjectSale(sku).audit();
  });

  it("[RSV1] take mixed quantities whole or not at all, and leave less than the smallest wish", async () => {
    const sale = await ObjectSale.open(100);
    const wishes = Array.from({ length: 300 }, (_none, index) => ({
      customer: `customer-${index}`,
      quantity: 2 + (index % 4),
    }));
    const outcomes = await Promise.all(wishes.map((one) => sale.reserve(one)));
    const taken = outcomes.reduce((sum, one) => sum + (one.ok ? reservationOf(one).quantity : 0), 0);
    outcomes.forEach((one, index) => {
      if (one.ok) expect(reservationOf(one).quantity).toBe(wishes[index]?.quantity);
    });
    expect(await sale.look()).toMatchObject({ held: taken, available: 100 - taken });
    expect(100 - taken).toBeLessThan(2);
    await sale.audit();
  });

  it("[LIM4] cannot pass a customer's limit together", async () => {
    const sale = await ObjectSale.open(1000, { perCustomerLimit: 3 });
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_none, index) => sale.reserve({ customer: `customer-${index % 10}` })),
    );
    const held = outcomes.filter(({ ok }) => ok).map((outcome) => reservationOf(outcome).customer);
    expect([...tally(held).values()]).toEqual(Array.from({ length: 10 }, () => 3));
    const refused = outcomes.filter(({ ok }) => !ok).map(refusalOf);
    expect(refused).toHaveLength(170);
    for (const refusal of refused) {
      expect(refusal).toEqual({ code: "limit-exceeded", limit: 3, used: 3, remaining: 0, scope: "sku" });
    }
    await sale.audit();
  });

  it("[CNF1] confirm and release one hold at the same time, and only one of them wins", async () => {
    const sale = await ObjectSale.open(10);
    const hold = await sale.hold();
    const outcomes = await Promise.all([
      ...Array.from({ length: 10 }, () => sale.release(hold.id)),
      ...Array.from({ length: 10 }, () => sale.confirm(hold.id, { orderId: "order-1" })),
    ]);
    const status = (await sale.stub.find(hold.id, { role: "storefront" }))?.status;
    const [winner, loser] =
      status === "confirmed"
        ? [outcomes.slice(10), outcomes.slice(0, 10)]
        : [outcomes.slice(0, 10), outcomes.slice(10)];
    expect(new Set(winner.map(verdictOf))).toEqual(new Set(["ok"]));
    expect(new Set(loser.map(verdictOf))).toEqual(
      new Set([status === "confirmed" ? "already-confirmed" : "already-released"]),
    );
    // What was released first is refunded, once for the order.
    expect(await sale.count("event")).toBe(status === "confirmed" ? 3 : 4);
    await sale.audit();
  });

  it("[IDM2] repeat one call fifty times, and it is done once", async () => {
    const sku = await newSku(100);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => reserveByHttp(sku, "ann", 2, { "Idempotency-Key": "once" })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("Idempotency-Replayed") === null)).toHaveLength(1);
    expect(await new ObjectSale(sku).look()).toMatchObject({ held: 2 });
  });
});
