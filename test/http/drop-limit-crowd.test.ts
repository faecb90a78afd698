import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { act, countsOf, openCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

/** SKUs of a drop with a limit per customer. */
async function limitedDrop(sizes: number, perCustomerLimit: number, stock = 20, policy = {}): Promise<string[]> {
  const skus = await Promise.all(Array.from({ length: sizes }, () => newSku(stock, policy)));
  const body = { drop: `drop-${skus[0]}`, name: "Noon", skus, perCustomerLimit };
  expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
  return skus;
}

function on({ body }: Answer, action: string, members: object = {}): Promise<Answer> {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const path = `/v1/skus/${body.sku}/reservations/${body.id}/${action}`;
  return call("POST", path, { as: storefront, body: members, headers });
}

function batch(sku: string, commands: object[]): Promise<Answer> {
  return call("POST", `/v1/skus/${sku}/batch`, { as: storefront, body: { commands } });
}

async function unitsOf(skus: string[], customer: string): Promise<number> {
  const own = await Promise.all(
    skus.map((sku) => call("GET", `/v1/skus/${sku}/me?customer=${customer}`, { as: storefront })),
  );
  return own.reduce((sum, { body }) => sum + Number(body.myUnits), 0);
}

describe("a customer who claims in every way at once", () => {
  it("[ALW5] never has more than the limit, and exactly the limit when single units were asked for", async () => {
    const skus = await limitedDrop(4, 3);
    const [a = "", b = "", c = "", d = ""] = skus;
    const one = { type: "reserve", customer: "ann", quantity: 1 };
    await Promise.all([
      ...skus.flatMap((sku) => [reserve(sku, "ann"), reserve(sku, "ann")]),
      ...skus.map((sku) => batch(sku, [one, one])),
      openCart([a, b]),
      openCart([c, d]),
    ]);
    expect(await unitsOf(skus, "ann")).toBe(3);
    const held = await Promise.all(skus.map(async (sku) => Number((await countsOf(sku)).held)));
    expect(held.reduce((sum, units) => sum + units, 0)).toBe(3);
  });

  it("[ALW7] has the whole limit again once all is given back, however often", async () => {
    const skus = await limitedDrop(3, 2);
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all(skus.flatMap((sku) => [reserve(sku, "ann"), reserve(sku, "ann")]));
      const won = answers.filter(({ status }) => status === 201);
      expect(won).toHaveLength(2);
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        expectProblem(answer, "limit-exceeded", { scope: "drop", limit: 2 });
      }
      await Promise.all(won.map((answer) => on(answer, "release")));
      expect(await unitsOf(skus, "ann")).toBe(0);
    }
  });

  it("[ALW1] is by itself: each of many customers has its limit", async () => {
    const skus = await limitedDrop(3, 2);
    const customers = Array.from({ length: 8 }, (_none, index) => `c${index}`);
    await Promise.all(customers.flatMap((customer) => skus.map((sku) => reserve(sku, customer))));
    for (const customer of customers) expect(await unitsOf(skus, customer)).toBe(2);
  });

  it("[ALW1] is counted over the drop's SKUs only", async () => {
    const [a = ""] = await limitedDrop(2, 1);
    const [other = ""] = await limitedDrop(2, 1);
    const outside = await newSku(5);
    for (const sku of [a, other, outside, outside]) expect((await reserve(sku, "ann")).status).toBe(201);
  });
});

describe("late payments at once under a drop's limit", () => {
  it("[TRY6] [ALW5] of two sizes: one is rescued, the other's money goes back", async () => {
    for (let round = 0; round < 4; round++) {
      const [a = "", b = ""] = await limitedDrop(2, 1, 20, { holdTtlSeconds: 60 });
      const first = await reserve(a, "ann");
      vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(first.body.expiresAt)) });
      const second = await reserve(b, "ann");
      expect(second.status).toBe(201);
      vi.setSystemTime(Date.parse(String(second.body.expiresAt)));
      const answers = await Promise.all([first, second].map((held) => on(held, "confirm", { orderId: "o" })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      for (const answer of answers.filter(({ status }) => status === 409)) {
        expectProblem(answer, "hold-expired", { refundRequired: true });
      }
      expect(await unitsOf([a, b], "ann")).toBe(1);
      vi.useRealTimers();
    }
  });

  it("[TRY6] that come several times are decided once, and all are told the same", async () => {
    const [a = ""] = await limitedDrop(1, 1, 20, { holdTtlSeconds: 60 });
    const held = await reserve(a, "ann");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(held.body.expiresAt)) });
    const answers = await Promise.all([1, 2, 3, 4].map(() => on(held, "confirm", { orderId: "o" })));
    expect(answers.map(({ status, body }) => [status, body.status, body.rescued])).toEqual(
      Array(4).fill([200, "confirmed", true]),
    );
    expect(await countsOf(a)).toEqual({ available: 19, held: 0, sold: 1 });
  });

  it("[TRY6] [BAT2] are settled in a batch each in its place", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 1, 20, { holdTtlSeconds: 60 });
    const holds = await Promise.all(["ann", "bob"].map((customer) => reserve(a, customer)));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(holds[1]?.body.expiresAt)) + 1000 });
    const bought = await reserve(b, "bob");
    await batch(b, [{ type: "confirm", id: bought.body.id }]);
    const commands = [
      ...holds.map(({ body }) => ({ type: "confirm", id: body.id, orderId: "o" })),
      { type: "reserve", customer: "carol", quantity: 1 },
      { type: "reserve", customer: "ann", quantity: 1 },
      { type: "release", id: "nothing" },
    ];
    const { body } = await batch(a, commands);
    expect(body.outcomes).toMatchObject([
      { status: 200, body: { status: "confirmed", rescued: true, customer: "ann" } },
      { status: 409, body: { code: "hold-expired", refundRequired: true } },
      { status: 201, body: { status: "held", customer: "carol" } },
      { status: 409, body: { code: "limit-exceeded", scope: "drop", used: 1 } },
      { status: 404, body: { code: "not-found" } },
    ]);
    expect(await countsOf(a)).toEqual({ available: 18, held: 1, sold: 1 });
  });

  it("[CRT20] [ALW5] of a cart and of a size: one of them is for all, the other for none", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 1, 20, { holdTtlSeconds: 60 });
    const accessory = await newSku(5, { holdTtlSeconds: 60 });
    const cart = await openCart([a, accessory]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(cart.body.expiresAt)) + 2_000 });
    const single = await reserve(b, "ann");
    vi.setSystemTime(Date.parse(String(single.body.expiresAt)));
    const [ofCart, ofSize] = await Promise.all([act(cart, "confirm", { orderId: "o" }), on(single, "confirm")]);
    expect([ofCart.status, ofSize.status].sort()).toEqual([200, 409]);
    expect(await unitsOf([a, b], "ann")).toBe(1);
    expect(await countsOf(accessory)).toMatchObject({ held: 0, sold: ofCart.status === 200 ? 1 : 0 });
  });
});

describe("an offer under a drop's limit", () => {
  it("[WTL11] is made to those whom it leaves room, and the others are sent home", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 1, 1);
    const bobs = await reserve(a, "bob");
    expect((await reserve(b, "ann")).status).toBe(201);
    const entries: Answer[] = [];
    for (const customer of ["ann", "carol"]) {
      const body = { customer, quantity: 1 };
      entries.push(await call("POST", `/v1/skus/${a}/waitlist`, { as: storefront, body }));
    }
    expect(entries.map(({ status }) => status)).toEqual([201, 201]);
    await on(bobs, "release");
    const read = async () =>
      Promise.all(
        entries.map(async ({ body }) => {
          const entry = await call("GET", `/v1/skus/${a}/waitlist/${body.id}`, { as: storefront });
          return [entry.body.status, entry.body.reason];
        }),
      );
    await expect.poll(read, { timeout: 5000 }).toEqual([
      ["withdrawn", "limit-exceeded"],
      ["offered", null],
    ]);
    expect(await unitsOf([a, b], "carol")).toBe(1);
    expectProblem(await reserve(a, "dave"), "insufficient-stock", { available: 0, state: "held_elsewhere" });
  });
});
