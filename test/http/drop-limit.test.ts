import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { act, countsOf, heldCart, linesOf, openCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

/** SKUs of a drop with a limit per customer. */
async function limitedDrop(sizes: number, perCustomerLimit: number, policy = {}): Promise<string[]> {
  const skus = await Promise.all(Array.from({ length: sizes }, () => newSku(5, policy)));
  const body = { drop: `drop-${skus[0]}`, name: "Noon", skus, perCustomerLimit };
  expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
  return skus;
}

function on({ body }: Answer, action: string, members: Record<string, unknown> = {}): Promise<Answer> {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  return call("POST", `/v1/skus/${body.sku}/reservations/${body.id}/${action}`, {
    as: storefront,
    body: members,
    headers,
  });
}

const over = (limit: number, used: number) => ({ limit, used, remaining: limit - used, scope: "drop" });

describe("a limit over the sizes of a drop", () => {
  it("[ALW5] lets a customer who asks in all sizes at once have exactly the limit", async () => {
    const skus = await limitedDrop(6, 1);
    const answers = await Promise.all(skus.map((sku) => reserve(sku, "greedy")));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expectProblem(answer, "limit-exceeded", over(1, 1));
    }
    const held = await Promise.all(skus.map(async (sku) => (await countsOf(sku)).held));
    expect(held.sort()).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it("[ALW1] counts units over all sizes", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 3);
    expect((await reserve(a, "ann", 2)).status).toBe(201);
    expectProblem(await reserve(b, "ann", 2), "limit-exceeded", over(3, 2));
    expect((await reserve(b, "ann", 1)).status).toBe(201);
    expect((await reserve(b, "bob", 3)).status).toBe(201);
  });

  it("[ALW3] has room again at once after a release, and after an expiry", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 1);
    const first = await reserve(a, "ann");
    await on(first, "release");
    const second = await reserve(b, "ann");
    expect(second.status).toBe(201);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(second.body.expiresAt)) });
    expect((await reserve(a, "ann")).status).toBe(201);
  });

  it("[ALW3] counts what was bought until it comes back, and what a confirmation in part gave back not at all", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 2);
    const held = await reserve(a, "ann", 2);
    await on(held, "confirm", { quantity: 1 });
    const second = await reserve(b, "ann", 1);
    expect(second.status).toBe(201);
    await on(second, "confirm");
    expectProblem(await reserve(b, "ann"), "limit-exceeded", over(2, 2));
    await on(held, "return");
    expect((await reserve(b, "ann")).status).toBe(201);
  });

  it("[TRY2] is asked last: want of stock comes before it, and a refusal leaves nothing", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 1);
    await reserve(a, "ann");
    expectProblem(await reserve(b, "ann", 6), "insufficient-stock");
    expectProblem(await reserve(b, "ann"), "limit-exceeded", over(1, 1));
    expect(await countsOf(b)).toEqual({ available: 5, held: 0, sold: 0 });
    const list = await call("GET", `/v1/reservations?sku=${b}`, { as: storefront });
    expect(list.body.items).toEqual([]);
  });

  it("[TRY2] answers with a whole hold, like every reserve", async () => {
    const [a = ""] = await limitedDrop(1, 1, { holdTtlSeconds: 120 });
    const { body } = await reserve(a, "ann");
    expect(body).toMatchObject({ status: "held", stock: { available: 4, state: "open" } });
    expect(Date.parse(String(body.expiresAt)) - Date.parse(String(body.createdAt))).toBeGreaterThan(119_000);
    const { body: read } = await call("GET", `/v1/skus/${a}/reservations/${body.id}`, { as: storefront });
    const { stock: _around, ...reservation } = body;
    expect(read).toEqual(reservation);
    expect(Object.keys(read)).not.toContain("attempt");
  });

  it("[TRY5] is asked once for a key", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 1);
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => reserve(a, "ann", 1, headers)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const refused = { "Idempotency-Key": crypto.randomUUID() };
    expectProblem(await reserve(b, "ann", 1, refused), "limit-exceeded");
    for (const answer of answers.slice(0, 1)) await on(answer, "release");
    expect((await reserve(b, "ann", 1, refused)).status).toBe(201);
  });

  it("[ALW5] [BAT1] holds for the parts of a batch, each by itself, and the batch's key keeps them", async () => {
    const [a = ""] = await limitedDrop(1, 1);
    const commands = ["ann", "bob", "ann"].map((customer) => ({ type: "reserve", customer, quantity: 1 }));
    const options = { as: storefront, body: { commands }, headers: { "Idempotency-Key": crypto.randomUUID() } };
    const first = await call("POST", `/v1/skus/${a}/batch`, options);
    const outcomes = first.body.outcomes as { status: number; body: { code?: string } }[];
    expect(outcomes.map(({ status }) => status).sort()).toEqual([201, 201, 409]);
    expect(outcomes.find(({ status }) => status === 409)?.body).toMatchObject({
      code: "limit-exceeded",
      ...over(1, 1),
    });
    expect((await call("POST", `/v1/skus/${a}/batch`, options)).body).toEqual(first.body);
    expect(await countsOf(a)).toMatchObject({ held: 2 });
  });

  it("[ALW5] counts the lines of a cart together", async () => {
    const [a = "", b = "", c = ""] = await limitedDrop(3, 2);
    const accessory = await newSku(5);
    const refused = await openCart([a, b, c, accessory]);
    expectProblem(refused, "cart-not-held");
    expect(
      linesOf(refused)
        .map(({ problem }) => problem?.code ?? null)
        .filter(Boolean),
    ).toEqual(["limit-exceeded"]);
    const cart = await heldCart([a, b, accessory]);
    expectProblem(await reserve(c, "ann"), "limit-exceeded", over(2, 2));
    await act(cart, "release");
    expect((await reserve(c, "ann", 2)).status).toBe(201);
  });
});

describe("a late payment under a drop's limit", () => {
  async function late(): Promise<{ held: Answer; other: string }> {
    const [a = "", b = ""] = await limitedDrop(2, 1, { holdTtlSeconds: 60 });
    const held = await reserve(a, "ann");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(held.body.expiresAt)) + 1000 });
    return { held, other: b };
  }

  it("[TRY6] is rescued while the limit has room", async () => {
    const { held, other } = await late();
    const confirmed = await on(held, "confirm", { orderId: "o" });
    expect(confirmed.body).toMatchObject({ status: "confirmed", rescued: true, orderId: "o" });
    expectProblem(await reserve(other, "ann"), "limit-exceeded", over(1, 1));
  });

  it("[TRY6] [EXT2] shows in its events the end that its hold had, and never one past `extendableUntil`", async () => {
    const [a = ""] = await limitedDrop(2, 1, { holdTtlSeconds: 60, maxHoldSeconds: 60 });
    const held = await reserve(a, "ann");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(held.body.expiresAt)) + 1000 });
    expect((await on(held, "confirm", { orderId: "o" })).status).toBe(200);
    const told = async () => {
      const { body } = await call("GET", `/v1/events?sku=${a}`, { as: admin });
      const events = body.items as { type: string; data: { reservation?: { expiresAt: string } } }[];
      return events.filter(({ data }) => data.reservation !== undefined);
    };
    const types = ["tried", "held", "expired", "tried", "confirmed"].map((type) => `reservation.${type}`);
    await expect.poll(async () => (await told()).map(({ type }) => type)).toEqual(types);
    const last = String(held.body.extendableUntil);
    for (const { data } of await told()) expect(String(data.reservation?.expiresAt) <= last).toBe(true);
  });

  it("[TRY6] is refunded for good when the customer has bought another pair by now", async () => {
    const { held, other } = await late();
    const second = await reserve(other, "ann");
    expect(second.status).toBe(201);
    const refund = { refundRequired: true };
    await on(second, "confirm", { orderId: "second" });
    expectProblem(await on(held, "confirm", { orderId: "o" }), "hold-expired", refund);
    await on(second, "return");
    expectProblem(await on(held, "confirm", { orderId: "o" }), "hold-expired", refund);
    expect(await countsOf(String(held.body.sku))).toEqual({ available: 5, held: 0, sold: 0 });
  });

  it("[CRT20] of a cart is judged for all of its lines together", async () => {
    const [a = "", b = ""] = await limitedDrop(2, 1, { holdTtlSeconds: 60 });
    const accessory = await newSku(5, { holdTtlSeconds: 60 });
    const cart = await heldCart([a, accessory]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(cart.body.expiresAt)) + 1000 });
    await on(await reserve(b, "ann"), "confirm");
    expectProblem(await act(cart, "confirm", { orderId: "o" }), "hold-expired", { refundRequired: true });
    for (const sku of [a, accessory]) expect(await countsOf(sku)).toEqual({ available: 5, held: 0, sold: 0 });
  });
});
