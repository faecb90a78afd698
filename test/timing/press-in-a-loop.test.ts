import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve } from "../client.ts";
import { countsOf } from "../http/cart-client.ts";
import { on } from "../http/waitlist-client.ts";
import { ObjectSale } from "../objects/object-sale.ts";

afterEach(() => vi.useRealTimers());

const CROWD = Array.from({ length: 20 }, (_none, index) => `eager-${index}`);

/** A size of which one unit is left, in a drop where twenty customers have what its limit allows in another size. */
async function lastUnit(): Promise<string> {
  const [wanted, other] = [await newSku(1, { holdTtlSeconds: 60 }), await newSku(CROWD.length)];
  const body = { drop: `drop-${wanted}`, name: "Noon", skus: [wanted, other], perCustomerLimit: 1 };
  expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
  const held = await Promise.all(CROWD.map((customer) => reserve(other, customer)));
  expect(held.every(({ status }) => status === 201)).toBe(true);
  return wanted;
}

/** Everybody in the crowd presses as soon as it is answered, until `doing` is done. */
async function whilePressing<Result>(sku: string, doing: () => Promise<Result>): Promise<Result> {
  let [isOver, presses] = [false, 0];
  const press = async (customer: string): Promise<void> => {
    while (!isOver) {
      const answer = await reserve(sku, customer);
      presses += 1;
      expect(["limit-exceeded", "insufficient-stock"]).toContain(answer.body.code);
      // Without a pause nothing else in this one thread would ever get its turn.
      await scheduler.wait(5);
    }
  };
  const pressing = Promise.all(CROWD.map(press));
  try {
    await vi.waitFor(() => expect(presses).toBeGreaterThan(3 * CROWD.length), 20_000);
    return await doing();
  } finally {
    isOver = true;
    await pressing;
  }
}

/** Comes again until the answer is this one; how long that took. */
async function until(status: number, calling: () => Promise<Answer>): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    if ((await calling()).status === status) return performance.now() - startedAt;
    if (performance.now() - startedAt > 10_000) throw new Error(`no ${status} for ten seconds`);
    await scheduler.wait(5);
  }
}

/** How often a unit was set aside for somebody in the crowd. */
async function triesOf(sku: string): Promise<number> {
  const query = "SELECT reservation ->> '$.customer' AS customer FROM event WHERE type = 'reservation.tried'";
  const rows = await new ObjectSale(sku).rows<{ customer: string }>(query);
  return rows.filter(({ customer }) => CROWD.includes(customer)).length;
}

describe("twenty customers at their limit who press in a loop", () => {
  it("[ALW12] do not keep the last unit from an honest reserve", async () => {
    const sku = await lastUnit();
    const ms = await whilePressing(sku, () => until(201, () => reserve(sku, "honest")));
    expect(ms).toBeLessThan(2_000);
    expect(await countsOf(sku)).toEqual({ available: 0, held: 1, sold: 0 });
    expect(await triesOf(sku)).toBeLessThanOrEqual(CROWD.length);
  }, 40_000);

  it("[ALW12] do not keep the last unit from a late payment", async () => {
    const sku = await lastUnit();
    const held = await reserve(sku, "honest");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(held.body.expiresAt)) });
    const ms = await whilePressing(sku, () => until(200, () => on(sku, held.body.id, "confirm", { orderId: "o" })));
    expect(ms).toBeLessThan(2_000);
    expect(await countsOf(sku)).toEqual({ available: 0, held: 0, sold: 1 });
    expect(await triesOf(sku)).toBeLessThanOrEqual(CROWD.length);
  }, 40_000);
});
