import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { act, clockTo, countsOf, heldCart, linesOf, openCart, reservationOf } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

const key = () => ({ "Idempotency-Key": crypto.randomUUID() });

/** Types of the events of a cart that D1 has. */
async function recordedEvents(cart: Answer): Promise<unknown[]> {
  const events = env.DB.prepare("SELECT type FROM event WHERE stream = ? ORDER BY sequence").bind(
    `cart/${cart.body.id}`,
  );
  return (await events.all()).results.map(({ type }) => type);
}

describe("the key of a cart", () => {
  it("[IDM1] is its caller's: others with the same key have carts of their own", async () => {
    const sku = await newSku(9);
    const headers = key();
    const body = { customer: "ann", lines: [{ sku, quantity: 1 }] };
    const callers = [storefront, await tokenFor("storefront", "other-shop"), await tokenFor("shopper", "shop")];
    const carts = [];
    for (const [index, as] of callers.entries()) {
      const own = index < 2 ? body : { lines: body.lines };
      carts.push(await call("POST", "/v1/carts", { as, body: own, headers }));
    }
    expect(carts.map(({ status, headers }) => [status, headers.get("Idempotency-Replayed")])).toEqual(
      Array(3).fill([201, null]),
    );
    expect(new Set(carts.map(({ body }) => body.id)).size).toBe(3);
    expect(await countsOf(sku)).toMatchObject({ held: 3 });
  });

  it.each(["release", "confirm"] as const)("[IDM2] gives its first answer again after a %s", async (action) => {
    const sku = await newSku(5);
    const headers = key();
    const first = await heldCart([sku], {}, headers);
    expect((await act(first, action)).status).toBe(200);
    const counts = await countsOf(sku);
    const again = await openCart([sku], {}, headers);
    expect([again.status, again.body, again.headers.get("Idempotency-Replayed")]).toEqual([201, first.body, "true"]);
    expect(again.headers.get("Location")).toBe(first.headers.get("Location"));
    expect(await countsOf(sku)).toEqual(counts);
  });

  it("[CRT14] that failed may be used for other content", async () => {
    const [sku, gone] = [await newSku(5), await newSku(0)];
    const headers = key();
    expectProblem(await openCart([sku, gone], {}, headers), "cart-not-held");
    await heldCart([sku], {}, headers);
    expectProblem(await openCart([sku, gone], {}, headers), "idempotency-key-reused");
  });

  it("[CRT14] leaves no trace of a cart that failed", async () => {
    const [sku, gone] = [await newSku(5), await newSku(0)];
    const customer = `nobody-${sku}`;
    expectProblem(await openCart([sku, gone], { customer }), "cart-not-held");
    const own = await call("GET", `/v1/skus/${sku}/me?customer=${customer}`, { as: storefront });
    expect(own.body).toMatchObject({ myUnits: 0, reservations: [] });
    const list = await call("GET", `/v1/reservations?customer=${customer}`, { as: storefront });
    expect(list.body.items).toEqual([]);
  });
});

describe("the record of a cart", () => {
  it("[REC5] may be waited for", async () => {
    const sku = await newSku(5);
    const answer = await openCart([sku], {}, { Prefer: "wait=5" });
    expect(answer.headers.get("Holdfast-Recorded")).toBe("d1");
    expect(answer.headers.get("Preference-Applied")).toBe("wait=5");
    expect(await recordedEvents(answer)).toEqual(["cart.held"]);
  });

  it("[CRT20] [CRT21] of payments that came too late says so once for each order, however often it is asked for", async () => {
    const [a, b] = [await newSku(5), await newSku(1)];
    const cart = await heldCart([a, b], { ttlSeconds: 60 });
    clockTo(cart.body.expiresAt, 1000);
    const other = await reserve(b, "bob");
    const refund = { refundRequired: true };
    const headers = { ...key(), Prefer: "wait=5" };
    expectProblem(await act(cart, "confirm", { orderId: "one" }, headers), "hold-expired", refund);
    expectProblem(await act(cart, "confirm", { orderId: "two" }, key()), "hold-expired", refund);
    await call("POST", `/v1/skus/${b}/reservations/${other.body.id}/release`, { as: storefront });
    for (const again of [{ orderId: "one" }, { orderId: "two" }]) {
      expectProblem(await act(cart, "confirm", again, headers), "hold-expired", refund);
      expectProblem(await act(cart, "confirm", again, key()), "hold-expired", refund);
    }
    expectProblem(await act(cart, "extend"), "hold-expired", refund);
    expect((await act(cart, "release")).body).toMatchObject({ status: "expired" });
    await expect
      .poll(() => recordedEvents(cart), { timeout: 5000 })
      .toEqual(["cart.held", "cart.expired", "cart.refund_required", "cart.refund_required"]);
    expect([await countsOf(a), await countsOf(b)]).toMatchObject([{ available: 5 }, { available: 1 }]);
  });
});

describe("a late payment of a cart", () => {
  it.each([
    [59_999, "confirmed"],
    // A line lasts as long as its cart, from when it heard of it.
    [62_000, "refunded"],
  ])("[CRT20] %i ms after its end is %s, where one of its lines allows a minute", async (lateMs, ends) => {
    const skus = [await newSku(5), await newSku(5, { lateConfirmSeconds: 60 })];
    const cart = await heldCart(skus, { ttlSeconds: 60 });
    clockTo(cart.body.expiresAt, lateMs);
    const answer = await act(cart, "confirm", { orderId: "late" });
    if (ends === "confirmed") expect(answer.body).toMatchObject({ status: "confirmed", rescued: true });
    else expectProblem(answer, "hold-expired", { refundRequired: true });
    const sold = ends === "confirmed" ? 1 : 0;
    for (const sku of skus) expect(await countsOf(sku)).toEqual({ available: 5 - sold, held: 0, sold });
  });

  it("[CRT20] is refunded when one of its lines is over the customer's limit by now", async () => {
    const [a, b] = [await newSku(5), await newSku(5, { perCustomerLimit: 1 })];
    const cart = await heldCart([a, b], { customer: "twice", ttlSeconds: 60 });
    clockTo(cart.body.expiresAt, 2_000);
    const bought = await reserve(b, "twice");
    const path = `/v1/skus/${b}/reservations/${bought.body.id}/confirm`;
    expect((await call("POST", path, { as: storefront, body: {} })).status).toBe(200);
    expectProblem(await act(cart, "confirm", { orderId: "o" }), "hold-expired", { refundRequired: true });
    expect([await countsOf(a), await countsOf(b)]).toMatchObject([
      { held: 0, sold: 0 },
      { held: 0, sold: 1 },
    ]);
  });

  it("[CRT20] [POL8] does not mind that its sale is paused or over", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const cart = await heldCart(skus, { ttlSeconds: 60 });
    const [a, b] = skus;
    await call("PATCH", `/v1/skus/${a}`, { as: admin, body: { policy: { paused: true } } });
    await call("PATCH", `/v1/skus/${b}`, { as: admin, body: { policy: { closesAt: "2020-01-01T00:00:00Z" } } });
    clockTo(cart.body.expiresAt, 1000);
    expect((await act(cart, "confirm", { orderId: "o" })).body).toMatchObject({ status: "confirmed", rescued: true });
  });

  it("[CRT18] [CRT20] that was rescued is the same answer again, and another order's money goes back", async () => {
    const cart = await heldCart([await newSku(5)], { ttlSeconds: 60 });
    clockTo(cart.body.expiresAt, 1000);
    const rescued = await act(cart, "confirm", { orderId: "late" });
    expect((await act(cart, "confirm", { orderId: "late" })).body).toEqual(rescued.body);
    const other = { orderId: "late", refundRequired: true };
    expectProblem(await act(cart, "confirm", { orderId: "other" }), "already-confirmed", other);
  });
});

describe("calls of one cart at once", () => {
  const rounds = Array.from({ length: 8 }, (_none, index) => index);

  it.each(rounds)("[CRT18] a sale and a release: one of them has all lines (round %i)", async () => {
    const skus = [await newSku(1), await newSku(1)];
    const cart = await heldCart(skus);
    const [sale, release] = await Promise.all([act(cart, "confirm", { orderId: "o" }), act(cart, "release")]);
    const isSold = sale.status === 200;
    if (isSold) expectProblem(release, "already-confirmed", { orderId: "o" });
    else expectProblem(sale, "already-released", { refundRequired: true });
    for (const sku of skus) expect(await countsOf(sku)).toMatchObject({ held: 0, sold: isSold ? 1 : 0 });
  });

  it.each(rounds)("[CRT18] two orders: one is it, the other's money goes back (round %i)", async () => {
    const cart = await heldCart([await newSku(1), await newSku(1)]);
    const answers = await Promise.all(["one", "two"].map((orderId) => act(cart, "confirm", { orderId })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [won] = answers.filter(({ status }) => status === 200);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expectProblem(answer, "already-confirmed", { orderId: won?.body.orderId, refundRequired: true });
    }
  });

  it.each(rounds)("[CRT6] [CRT8] a sale and the release of a line: cart and SKU say the same (round %i)", async () => {
    const cart = await heldCart([await newSku(1), await newSku(1)]);
    const [line] = linesOf(cart);
    const path = `/v1/skus/${line?.sku}/reservations/${line?.reservation}/release`;
    const [sale, release] = await Promise.all([
      act(cart, "confirm", { orderId: "o" }),
      call("POST", path, { as: storefront }),
    ]);
    expect(sale.status).toBe(200);
    const status = release.status === 200 ? "released" : "confirmed";
    if (release.status !== 200) expect(["part-of-cart", "already-confirmed"]).toContain(release.body.code);
    expect(linesOf(sale).map((one) => one.status)).toEqual([status, "confirmed"]);
    for (const one of linesOf(sale)) expect((await reservationOf(one)).status).toBe(one.status);
  });
});
