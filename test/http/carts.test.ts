import { afterEach, describe, expect, it, vi } from "vitest";
import { admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { act, countsOf, heldCart, linesOf, openCart, readCart, reservationOf } from "./cart-client.ts";
import { serviceWith } from "./service.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

const key = () => ({ "Idempotency-Key": crypto.randomUUID() });

/** Moves the clock of the service, which shares it with the tests. */
function clockTo(time: unknown, plusMs = 0): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(time)) + plusMs });
}

/** A line lasts as long as its cart, from when it hears of it. */
const LINE_LATE_MS = 2_000;

function expectSameEnd(line: unknown, cart: unknown): void {
  const lateMs = Date.parse(String(line)) - Date.parse(String(cart));
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(LINE_LATE_MS);
}

describe("opening a cart", () => {
  it("[CRT10] holds all lines for as long as the cart, and says where it is", async () => {
    const [a, b] = [await newSku(5), await newSku(5, { holdTtlSeconds: 60, maxHoldSeconds: 120 })];
    const answer = await openCart([b, { sku: a, quantity: 2 }]);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Location")).toBe(`/v1/carts/${answer.body.id}`);
    expect(["d1", "object"]).toContain(answer.headers.get("Holdfast-Recorded"));
    const { createdAt, expiresAt, extendableUntil } = answer.body;
    expect(answer.body).toMatchObject({
      customer: "ann",
      mode: "all_or_nothing",
      status: "held",
      orderId: null,
      version: 1,
    });
    expect(Date.parse(String(expiresAt)) - Date.parse(String(createdAt))).toBeLessThan(62_000);
    expect(linesOf(answer).map(({ sku }) => sku)).toEqual([a, b].sort());
    for (const line of linesOf(answer)) {
      const reservation = await reservationOf(line);
      expect(reservation).toMatchObject({ status: "held", cart: answer.body.id });
      expectSameEnd(reservation.expiresAt, expiresAt);
    }
    expect(Date.parse(String(extendableUntil))).toBeGreaterThan(Date.parse(String(expiresAt)));
    expect((await readCart(answer)).body).toEqual(answer.body);
  });

  it("[CRT10] is shortened to what every line allows, for a shopper and for a storefront", async () => {
    const skus = [await newSku(5), await newSku(5, { holdTtlSeconds: 30, maxHoldSeconds: 90 })];
    const lines = skus.map((sku) => ({ sku, quantity: 1 }));
    const as = await tokenFor("shopper", "shy");
    const shopper = await call("POST", "/v1/carts", { as, body: { lines, ttlSeconds: 600 } });
    const shop = await heldCart(skus, { ttlSeconds: 600 });
    const seconds = ({ body }: typeof shop) =>
      Math.round((Date.parse(String(body.expiresAt)) - Date.parse(String(body.createdAt))) / 1000);
    expect([seconds(shopper), seconds(shop)]).toEqual([30, 90]);
  });

  it("[CRT11] holds nothing when one line cannot be held, and says of each line why", async () => {
    const [a, b, paused] = [await newSku(5), await newSku(1), await newSku(5, { paused: true })];
    const answer = await openCart([a, { sku: b, quantity: 2 }, "no-such-sku", paused]);
    expectProblem(answer, "cart-not-held");
    const problems = Object.fromEntries(linesOf(answer).map(({ sku, problem }) => [sku, problem?.code ?? null]));
    expect(problems).toEqual({ [a]: null, [b]: "insufficient-stock", "no-such-sku": "not-found", [paused]: "paused" });
    expect(linesOf(answer).find(({ sku }) => sku === b)?.problem).toMatchObject({ available: 1, state: "sold_out" });
    expect([await countsOf(a), await countsOf(b)]).toEqual([
      { available: 5, held: 0, sold: 0 },
      { available: 1, held: 0, sold: 0 },
    ]);
  });

  it("[CRT12] takes what there is in best effort, and nothing only when there is nothing", async () => {
    const [a, gone] = [await newSku(5), await newSku(0)];
    const some = await heldCart([a, gone], { mode: "best_effort" });
    expect(
      linesOf(some)
        .map(({ status }) => status)
        .sort(),
    ).toEqual(["held", "refused"]);
    expect(linesOf(some).find(({ sku }) => sku === gone)).toMatchObject({
      reservation: null,
      problem: { code: "insufficient-stock" },
    });
    expectProblem(await openCart([gone], { mode: "best_effort" }), "cart-not-held");
  });

  it("[CRT13] sums lines that name one SKU", async () => {
    const sku = await newSku(3);
    expectProblem(await openCart([sku, { sku, quantity: 3 }]), "cart-not-held");
    const cart = await heldCart([sku, { sku, quantity: 2 }]);
    expect(linesOf(cart)).toMatchObject([{ sku, quantity: 3 }]);
  });

  it("[CRT14] with the same key meets its own cart, with other content it does not", async () => {
    const sku = await newSku(5);
    const headers = key();
    const [first, again] = [await heldCart([sku], {}, headers), await openCart([sku], {}, headers)];
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expectProblem(await openCart([sku], { ttlSeconds: 5 }, headers), "idempotency-key-reused");
    expect(await countsOf(sku)).toMatchObject({ held: 1 });
  });

  it("[CRT14] with the same key at the same time holds once", async () => {
    const sku = await newSku(5);
    const headers = key();
    const answers = await Promise.all([1, 2, 3].map(() => openCart([sku], {}, headers)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(await countsOf(sku)).toMatchObject({ held: 1 });
  });

  it("[CRT14] that failed is judged afresh, and was never there", async () => {
    const sku = await newSku(0);
    const headers = key();
    const failed = await openCart([sku], {}, headers);
    expectProblem(failed, "cart-not-held");
    await call("POST", `/v1/skus/${sku}/adjustments`, {
      as: admin,
      body: { delta: 1, reason: "found" },
      headers: key(),
    });
    const cart = await heldCart([sku], {}, headers);
    expect(linesOf(cart)).toMatchObject([{ status: "held" }]);
  });

  it.each([
    { name: "no lines", body: { lines: [] }, member: "lines" },
    {
      name: "21 lines",
      body: { lines: Array.from({ length: 21 }, (_, i) => ({ sku: `s${i}`, quantity: 1 })) },
      member: "lines",
    },
    { name: "a quantity of 0", body: { lines: [{ sku: "s", quantity: 0 }] }, member: "lines.0.quantity" },
    { name: "another mode", body: { mode: "some", lines: [{ sku: "s", quantity: 1 }] }, member: "mode" },
    { name: "a stranger in a line", body: { lines: [{ sku: "s", quantity: 1, size: 4 }] }, member: "lines.0.size" },
  ])("[CRT15] with $name is refused", async ({ body, member }) => {
    expectInvalid(await call("POST", "/v1/carts", { as: storefront, body: { customer: "ann", ...body } }), member);
  });

  it("[CRT15] takes 20 lines", async () => {
    const skus = await Promise.all(Array.from({ length: 20 }, () => newSku(1)));
    expect(linesOf(await heldCart(skus))).toHaveLength(20);
  });
});

describe("a cart", () => {
  it("[CRT16] is extended as a whole, and never past what its lines allow", async () => {
    const [a, b] = [await newSku(5), await newSku(5)];
    const cart = await heldCart([a, b], { ttlSeconds: 60 });
    const extended = await act(cart, "extend", { ttlSeconds: 600 });
    expect(extended.status).toBe(200);
    expect(Date.parse(String(extended.body.expiresAt))).toBeGreaterThan(Date.parse(String(cart.body.expiresAt)));
    for (const line of linesOf(extended)) {
      expectSameEnd((await reservationOf(line)).expiresAt, extended.body.expiresAt);
    }
    const { extendableUntil } = cart.body;
    expectProblem(await act(cart, "extend", { ttlSeconds: 60 }), "extension-limit", { extendableUntil });
  });

  it("[CRT17] is released as a whole, and again without harm", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const cart = await heldCart(skus);
    const released = await act(cart, "release");
    expect(released.body).toMatchObject({
      status: "released",
      lines: [{ status: "released" }, { status: "released" }],
    });
    expect((await act(cart, "release")).body).toEqual(released.body);
    for (const sku of skus) expect(await countsOf(sku)).toEqual({ available: 5, held: 0, sold: 0 });
    expectProblem(await act(cart, "extend"), "already-released", { refundRequired: false });
    expectProblem(await act(cart, "confirm"), "already-released", { refundRequired: true });
  });

  it("[CRT18] is confirmed as a whole; the same again is the same answer, another order's money goes back", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const cart = await heldCart(skus);
    const headers = key();
    const confirmed = await act(cart, "confirm", { orderId: "order-1" }, headers);
    expect(confirmed.status).toBe(200);
    expect(confirmed.headers.get("Holdfast-Recorded")).toBe("d1");
    expect(confirmed.body).toMatchObject({ status: "confirmed", orderId: "order-1", rescued: false });
    for (const line of linesOf(confirmed)) {
      expect(await reservationOf(line)).toMatchObject({
        status: "confirmed",
        orderId: "order-1",
        confirmedQuantity: 1,
      });
    }
    expect((await act(cart, "confirm", { orderId: "order-1" })).body).toEqual(confirmed.body);
    const replayed = await act(cart, "confirm", { orderId: "order-1" }, headers);
    expect(replayed.headers.get("Idempotency-Replayed")).toBe("true");
    expectProblem(await act(cart, "confirm", { orderId: "order-2" }, headers), "idempotency-key-reused");
    const other = { orderId: "order-1", refundRequired: true };
    expectProblem(await act(cart, "confirm", { orderId: "order-2" }), "already-confirmed", other);
    expectProblem(await act(cart, "release"), "already-confirmed", { orderId: "order-1", refundRequired: false });
  });

  it("[CRT5] keeps confirming and extending to itself, and lets a line be released and returned", async () => {
    const [a, b] = [await newSku(5), await newSku(5)];
    const cart = await heldCart([a, b]);
    const [line, rest] = linesOf(cart);
    const path = `/v1/skus/${line?.sku}/reservations/${line?.reservation}`;
    expectProblem(await call("POST", `${path}/confirm`, { as: storefront }), "part-of-cart", { cart: cart.body.id });
    expectProblem(await call("POST", `${path}/extend`, { as: storefront }), "part-of-cart", { cart: cart.body.id });
    expect((await call("POST", `${path}/release`, { as: storefront })).status).toBe(200);
    await expect
      .poll(async () => linesOf(await readCart(cart)))
      .toMatchObject([{ status: "released" }, { status: "held" }]);
    const confirmed = await act(cart, "confirm", { orderId: "o" });
    expect(linesOf(confirmed)).toMatchObject([{ status: "released" }, { status: "confirmed" }]);
    const returned = await call("POST", `/v1/skus/${rest?.sku}/reservations/${rest?.reservation}/return`, {
      as: storefront,
      headers: key(),
    });
    expect(returned.body).toMatchObject({ status: "returned", cart: cart.body.id });
  });

  it("[CRT6] goes with its last line", async () => {
    const sku = await newSku(5);
    const cart = await heldCart([sku]);
    const [line] = linesOf(cart);
    await call("POST", `/v1/skus/${sku}/reservations/${line?.reservation}/release`, { as: storefront });
    await expect.poll(async () => (await readCart(cart)).body.status).toBe("released");
  });

  it("[CRT19] expires as a whole, at its end", async () => {
    const sku = await newSku(5);
    const cart = await heldCart([sku], { ttlSeconds: 60 });
    clockTo(cart.body.expiresAt, -1);
    expect((await readCart(cart)).body.status).toBe("held");
    clockTo(cart.body.expiresAt);
    expect((await readCart(cart)).body).toMatchObject({ status: "expired", lines: [{ status: "expired" }] });
    clockTo(cart.body.expiresAt, LINE_LATE_MS);
    expectProblem(await act(cart, "extend"), "hold-expired", { refundRequired: false });
    expect(await countsOf(sku)).toEqual({ available: 5, held: 0, sold: 0 });
  });

  it("[CRT20] that is paid for late is rescued when all of its lines can be", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const cart = await heldCart(skus, { ttlSeconds: 60 });
    clockTo(cart.body.expiresAt, 1000);
    const rescued = await act(cart, "confirm", { orderId: "late" });
    expect(rescued.body).toMatchObject({ status: "confirmed", rescued: true, orderId: "late" });
    for (const line of linesOf(rescued)) expect(await reservationOf(line)).toMatchObject({ rescued: true });
  });

  it("[CRT20] that is paid for late is refunded for good when one of its lines cannot be", async () => {
    const [a, b] = [await newSku(5), await newSku(1)];
    const cart = await heldCart([a, b], { ttlSeconds: 60 });
    clockTo(cart.body.expiresAt, 1000);
    const other = await reserve(b, "bob");
    const refund = { refundRequired: true };
    expectProblem(await act(cart, "confirm", { orderId: "late" }), "hold-expired", refund);
    await call("POST", `/v1/skus/${b}/reservations/${other.body.id}/release`, { as: storefront });
    expectProblem(await act(cart, "confirm", { orderId: "late" }), "hold-expired", refund);
    expect([await countsOf(a), await countsOf(b)]).toMatchObject([
      { held: 0, sold: 0 },
      { held: 0, sold: 0 },
    ]);
    expect((await readCart(cart)).body.status).toBe("expired");
  });

  it("[SEC1] is nothing to another shopper, and all to its own", async () => {
    const sku = await newSku(5);
    const cart = await heldCart([sku], { customer: "owner-of-cart" });
    const [own, other] = [await tokenFor("shopper", "owner-of-cart"), await tokenFor("shopper", "mallory-of-cart")];
    expectProblem(await readCart(cart, other), "not-found");
    expectProblem(await call("POST", `/v1/carts/${cart.body.id}/release`, { as: other }), "not-found");
    expect((await readCart(cart, own)).body).toEqual(cart.body);
    const confirm = `/v1/carts/${cart.body.id}/confirm`;
    expectProblem(await call("POST", confirm, { as: own }), "forbidden");
    const demo = serviceWith({ SHOPPER_CONFIRM: "true" });
    expect((await demo("POST", confirm, { as: own })).status).toBe(200);
  });
});
