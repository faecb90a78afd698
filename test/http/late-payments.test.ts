import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { act, clockTo, countsOf, heldCart, linesOf, readCart, reservationOf } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";
import { join, on as onSku, read, statusOf } from "./waitlist-client.ts";

afterEach(() => vi.useRealTimers());

const SHORT = { holdTtlSeconds: 60 };
const LONG = { holdTtlSeconds: 600 };

async function dropOf(skus: string[], perCustomerLimit: number): Promise<void> {
  const body = { drop: `drop-${skus[0]}`, name: "Noon", skus, perCustomerLimit };
  expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
}

const pay = (held: Answer, orderId = "late") => onSku(held.body.sku, held.body.id, "confirm", { orderId });
const release = (held: Answer) => onSku(held.body.sku, held.body.id, "release");

async function view({ body }: Answer): Promise<Answer["body"]> {
  return (await call("GET", `/v1/skus/${body.sku}/reservations/${body.id}`, { as: storefront })).body;
}

/** A hold that has died a second ago. */
async function lapsedHold(sku: string, customer = "ann"): Promise<Answer> {
  const held = await reserve(sku, customer, 1);
  expect(held.status).toBe(201);
  clockTo(held.body.expiresAt, 1000);
  return held;
}

describe("a late payment whose customer holds another size of the drop", () => {
  it("[CNF13] [TRY6] is sold, and the other size gives way", async () => {
    const [a, b] = await Promise.all([newSku(5, SHORT), newSku(5, LONG)]);
    await dropOf([a, b], 1);
    const held = await lapsedHold(a);
    const newer = await reserve(b, "ann");
    expect((await pay(held)).body).toMatchObject({ status: "confirmed", rescued: true });
    await expect.poll(async () => (await view(newer)).status).toBe("released");
    expect([await countsOf(a), await countsOf(b)]).toEqual([
      { available: 4, held: 0, sold: 1 },
      { available: 5, held: 0, sold: 0 },
    ]);
    expectProblem(await reserve(b, "ann"), "limit-exceeded", { scope: "drop" });
    expectProblem(await pay(newer, "newer"), "hold-expired", { refundRequired: true });
  });

  it("[CNF13] is refunded where the other size is sold", async () => {
    const [a, b] = await Promise.all([newSku(5, SHORT), newSku(5, LONG)]);
    await dropOf([a, b], 1);
    const held = await lapsedHold(a);
    const sold = await reserve(b, "ann");
    expect((await pay(sold, "paid")).status).toBe(200);
    expectProblem(await pay(held), "hold-expired", { refundRequired: true });
  });

  it("[CNF13] takes a whole cart of which one line is of the drop", async () => {
    const [a, b, c] = await Promise.all([newSku(5, SHORT), newSku(5, LONG), newSku(5, LONG)]);
    await dropOf([a, b], 1);
    const held = await lapsedHold(a);
    const cart = await heldCart([b, c]);
    expect((await pay(held)).body).toMatchObject({ status: "confirmed", rescued: true });
    await expect.poll(async () => (await readCart(cart)).body.status).toBe("released");
    for (const sku of [b, c]) expect(await countsOf(sku)).toEqual({ available: 5, held: 0, sold: 0 });
  });
});

describe("a late payment for the last unit, which its customer holds again", () => {
  it("[CNF13] as an offer of the waitlist: the entry ends as withdrawn", async () => {
    const sku = await newSku(1, { ...SHORT, offerTtlSeconds: 600 });
    const held = await lapsedHold(sku);
    const bobs = await reserve(sku, "bob");
    const entry = await join(sku, "ann");
    await release(bobs);
    expect(await statusOf(entry)).toBe("offered");
    expect((await pay(held)).body).toMatchObject({ status: "confirmed", rescued: true });
    expect(await read(entry)).toMatchObject({ status: "withdrawn", reason: "superseded" });
  });

  it("[CNF13] [CNF17] in a cart: the whole cart gives way, and a payment for it goes back", async () => {
    const [a, b] = await Promise.all([newSku(1, SHORT), newSku(5, SHORT)]);
    const held = await lapsedHold(a);
    const cart = await heldCart([a, b]);
    expect((await pay(held)).body).toMatchObject({ status: "confirmed", rescued: true });
    await expect.poll(async () => (await readCart(cart)).body.status).toBe("released");
    expect([await countsOf(a), await countsOf(b)]).toEqual([
      { available: 0, held: 0, sold: 1 },
      { available: 5, held: 0, sold: 0 },
    ]);
    expectProblem(await act(cart, "confirm", { orderId: "cart" }), "hold-expired", { refundRequired: true });
  });

  it("[CNF14] [CNF17] a cart that gave way is sold once what it gave way to came back", async () => {
    const [a, b] = await Promise.all([newSku(1, SHORT), newSku(5, SHORT)]);
    const held = await lapsedHold(a);
    const cart = await heldCart([a, b]);
    const sold = await pay(held);
    await expect.poll(async () => (await readCart(cart)).body.status).toBe("released");
    const key = { "Idempotency-Key": crypto.randomUUID() };
    await call("POST", `/v1/skus/${a}/reservations/${sold.body.id}/return`, { as: storefront, body: {}, headers: key });
    expect((await act(cart, "confirm", { orderId: "cart" })).body).toMatchObject({
      status: "confirmed",
      rescued: true,
    });
  });
});

describe("a late payment for a cart", () => {
  it("[CNF13] [CNF14] [CRT20] is sold for all lines, and the newer cart gives way whole", async () => {
    const [x, y, z] = await Promise.all([newSku(1, SHORT), newSku(5, SHORT), newSku(5, LONG)]);
    const older = await heldCart([x, y]);
    clockTo(older.body.expiresAt, 1000);
    const newer = await heldCart([x, z]);
    expect((await act(older, "confirm", { orderId: "o" })).body).toMatchObject({ status: "confirmed", rescued: true });
    await expect.poll(async () => (await readCart(newer)).body.status).toBe("released");
    expect(await countsOf(z)).toEqual({ available: 5, held: 0, sold: 0 });
    expect(await countsOf(x)).toEqual({ available: 0, held: 0, sold: 1 });
    expectProblem(await act(newer, "confirm", { orderId: "n" }), "hold-expired", { refundRequired: true });
    expect((await readCart(newer)).body.status).toBe("released");
  });

  it("[CNF16] [CRT20] that fails for one line leaves the newer cart exactly as it was", async () => {
    const [x, y, z] = await Promise.all([newSku(1, SHORT), newSku(1, SHORT), newSku(5, LONG)]);
    const older = await heldCart([x, y]);
    clockTo(older.body.expiresAt, 1000);
    const newer = await heldCart([x, z]);
    const before = await Promise.all(linesOf(newer).map(reservationOf));
    const bobs = await reserve(y, "bob");
    expect((await pay(bobs, "bobs")).status).toBe(200);
    expectProblem(await act(older, "confirm", { orderId: "o" }), "hold-expired", { refundRequired: true });
    await expect.poll(async () => (await act(newer, "extend")).status).not.toBe(503);
    const after = await Promise.all(linesOf(newer).map(reservationOf));
    const times = (body: Answer["body"]) => [body.status, body.quantity, body.createdAt];
    expect(after.map(times)).toEqual(before.map(times));
    expect((await act(newer, "confirm", { orderId: "newer" })).status).toBe(200);
  });
});

describe("what his own claims cannot be", () => {
  it("[CNF14] a claim that its customer gave back does not come back", async () => {
    const sku = await newSku(1, SHORT);
    const held = await lapsedHold(sku);
    const newer = await reserve(sku, "ann");
    await release(newer);
    expect((await pay(held)).status).toBe(200);
    expectProblem(await pay(newer, "newer"), "already-released", { refundRequired: true });
  });
});
