import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { act, countsOf, heldCart, linesOf, openCart, readCart, reservationOf } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

/** The problems of the lines, by SKU; null for those that could have been held. */
function problemsOf(answer: Answer): Record<string, unknown> {
  return Object.fromEntries(linesOf(answer).map(({ sku, problem }) => [sku, problem]));
}

describe("a line that cannot be held", () => {
  it("[CRT11] says what bounds it, what is closed and what is not open yet", async () => {
    const opensAt = "2090-01-01T00:00:00.000Z";
    const skus = {
      early: await newSku(5, { opensAt }),
      late: await newSku(5, { closesAt: "2020-01-01T00:00:00Z" }),
      few: await newSku(5, { maxPerReservation: 1 }),
      mine: await newSku(5, { perCustomerLimit: 3 }),
      fine: await newSku(5),
    };
    await reserve(skus.mine, "ann", 2);
    const refused = await openCart(Object.values(skus).map((sku) => ({ sku, quantity: 2 })));
    expectProblem(refused, "cart-not-held");
    expect(problemsOf(refused)).toMatchObject({
      [skus.early]: { code: "not-open", opensAt, status: 409 },
      [skus.late]: { code: "closed" },
      [skus.few]: { code: "limit-exceeded", scope: "reservation", limit: 1, used: 0, remaining: 1 },
      [skus.mine]: { code: "limit-exceeded", scope: "sku", limit: 3, used: 2, remaining: 1 },
      [skus.fine]: null,
    });
    expect(refused.headers.get("Location")).toBeNull();
    for (const { reservation, status } of linesOf(refused)) {
      expect(reservation).toBeNull();
      expect(["refused", "released", "pending"]).toContain(status);
    }
    for (const sku of [skus.few, skus.fine]) expect(await countsOf(sku)).toEqual({ available: 5, held: 0, sold: 0 });
    expect(await countsOf(skus.mine)).toMatchObject({ held: 2 });
  });

  it("[CRT11] says whether its units may come back", async () => {
    const [gone, busy] = [await newSku(0), await newSku(1)];
    await reserve(busy, "bob");
    expect(problemsOf(await openCart([gone, busy]))).toMatchObject({
      [gone]: { code: "insufficient-stock", state: "sold_out", available: 0 },
      [busy]: { code: "insufficient-stock", state: "held_elsewhere", available: 0 },
    });
  });

  it("[API5] is cut for a shopper as everything is, and not for a storefront", async () => {
    const sku = await newSku(8, { displayCap: 3 });
    const lines = [{ sku, quantity: 9 }];
    const shopper = await call("POST", "/v1/carts", { as: await tokenFor("shopper", "peeps"), body: { lines } });
    expectProblem(shopper, "cart-not-held");
    expect(problemsOf(shopper)[sku]).toMatchObject({ code: "insufficient-stock", available: 3, capped: true });
    const shop = await openCart(lines);
    expect(problemsOf(shop)[sku]).toMatchObject({ available: 8 });
    expect(problemsOf(shop)[sku]).not.toHaveProperty("capped");
  });

  it("[ALW5] [LIM4] counts what the same customer's other cart has", async () => {
    const sku = await newSku(9, { perCustomerLimit: 2 });
    const accessories = await Promise.all([1, 2, 3, 4].map(() => newSku(5)));
    const answers = await Promise.all(accessories.map((accessory) => openCart([sku, accessory])));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409]);
    expect(await countsOf(sku)).toMatchObject({ held: 2 });
    const held = await Promise.all(accessories.map(async (accessory) => (await countsOf(accessory)).held));
    expect(held.sort()).toEqual([0, 0, 1, 1]);
  });

  it("[STK3] is not kept out by dead holds that nobody has swept", async () => {
    const [sku, other] = [await newSku(1), await newSku(1)];
    const { body } = await reserve(sku, "bob");
    expectProblem(await openCart([sku, other]), "cart-not-held");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(body.expiresAt)) });
    await heldCart([sku, other]);
    expect(await countsOf(sku)).toEqual({ available: 0, held: 1, sold: 0 });
  });
});

describe("a cart of what there was", () => {
  async function partial(): Promise<{ cart: Answer; there: string[]; gone: string }> {
    const [a, b, gone] = [await newSku(5), await newSku(5), await newSku(0)];
    return { cart: await heldCart([a, gone, b], { mode: "best_effort", ttlSeconds: 60 }), there: [a, b], gone };
  }

  const statuses = (answer: Answer, skus: string[]) =>
    skus.map((sku) => linesOf(answer).find((line) => line.sku === sku)?.status);

  it("[CRT12] is sold without what there was not", async () => {
    const { cart, there, gone } = await partial();
    const sold = await act(cart, "confirm", { orderId: "o" });
    expect(sold.body).toMatchObject({ status: "confirmed", mode: "best_effort" });
    expect(statuses(sold, [...there, gone])).toEqual(["confirmed", "confirmed", "refused"]);
    for (const sku of there) expect(await countsOf(sku)).toEqual({ available: 4, held: 0, sold: 1 });
    expect(linesOf(sold).find(({ sku }) => sku === gone)?.problem).toMatchObject({ code: "insufficient-stock" });
  });

  it("[CRT12] is extended, expires and is rescued without what there was not", async () => {
    const { cart, there, gone } = await partial();
    const extended = await act(cart, "extend", { ttlSeconds: 600 });
    expect(extended.status).toBe(200);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(extended.body.expiresAt)) + 2_000 });
    expect(statuses(await readCart(cart), [...there, gone])).toEqual(["expired", "expired", "refused"]);
    const rescued = await act(cart, "confirm", { orderId: "o" });
    expect(rescued.body).toMatchObject({ status: "confirmed", rescued: true });
    expect(statuses(rescued, [...there, gone])).toEqual(["confirmed", "confirmed", "refused"]);
  });

  it("[CRT12] is released without what there was not", async () => {
    const { cart, there, gone } = await partial();
    expect(statuses(await act(cart, "release"), [...there, gone])).toEqual(["released", "released", "refused"]);
    for (const sku of there) expect(await countsOf(sku)).toEqual({ available: 5, held: 0, sold: 0 });
  });

  it("[CRT10] has the end of the lines that are in it, not of those that are not", async () => {
    const [there, gone] = [await newSku(5), await newSku(0, { holdTtlSeconds: 5, maxHoldSeconds: 5 })];
    const cart = await heldCart([there, gone], { mode: "best_effort", ttlSeconds: 600 });
    const { createdAt, expiresAt } = cart.body;
    expect(Math.round((Date.parse(String(expiresAt)) - Date.parse(String(createdAt))) / 1000)).toBe(600);
  });
});

describe("the lines of a cart", () => {
  it("[CRT5] are reservations that name it, where the customer looks for them", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const customer = `cart-owner-${skus[0]}`;
    const cart = await heldCart(skus, { customer });
    for (const line of linesOf(cart)) {
      const own = await call("GET", `/v1/skus/${line.sku}/me?customer=${customer}`, { as: storefront });
      expect(own.body).toMatchObject({ myUnits: 1, reservations: [{ id: line.reservation, cart: cart.body.id }] });
    }
    const listed = async () => {
      const { body } = await call("GET", `/v1/reservations?customer=${customer}`, { as: storefront });
      return (body.items as { id: string; cart: string; status: string }[]).map(({ cart: of, status }) => [of, status]);
    };
    await expect.poll(listed, { timeout: 5000 }).toEqual(Array(2).fill([cart.body.id, "held"]));
  });

  it("[CRT5] are returned each by itself, in part and with nothing left over", async () => {
    const [a, b] = [await newSku(5), await newSku(5)];
    const cart = await heldCart([{ sku: a, quantity: 3 }, b]);
    const sold = await act(cart, "confirm", { orderId: "o" });
    const line = linesOf(sold).find(({ sku }) => sku === a);
    const path = `/v1/skus/${a}/reservations/${line?.reservation}/return`;
    const back = (body: object) =>
      call("POST", path, { as: storefront, body, headers: { "Idempotency-Key": crypto.randomUUID() } });
    expect((await back({ quantity: 2 })).body).toMatchObject({ status: "confirmed", returnedQuantity: 2 });
    expect((await back({})).body).toMatchObject({ status: "returned", returnedQuantity: 3 });
    expectProblem(await back({}), "nothing-to-return", { returnable: 0 });
    expect([await countsOf(a), await countsOf(b)]).toEqual([
      { available: 5, held: 0, sold: 0 },
      { available: 4, held: 0, sold: 1 },
    ]);
    expectProblem(await act(cart, "release"), "already-confirmed");
    expect((await act(cart, "confirm", { orderId: "o" })).status).toBe(200);
  });

  it("[BAT1] [CRT5] are part of a cart in a batch too", async () => {
    const sku = await newSku(5);
    const cart = await heldCart([sku]);
    const [line] = linesOf(cart);
    const commands = ["confirm", "extend"].map((type) => ({ type, id: line?.reservation }));
    const { body } = await call("POST", `/v1/skus/${sku}/batch`, { as: storefront, body: { commands } });
    const refused = { status: 409, body: { code: "part-of-cart", cart: cart.body.id } };
    expect(body.outcomes).toMatchObject([refused, refused]);
    const left = await reservationOf({ sku, status: "", problem: null, reservation: String(line?.reservation) });
    expect(left).toMatchObject({ status: "held" });
  });
});
