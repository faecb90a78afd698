import { afterEach, describe, expect, it, vi } from "vitest";
import { reservationAnswer, reservationView } from "../../src/contracts/reservation.ts";
import { type Answer, admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Moves the clock of Worker and objects ahead. */
function passSeconds(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now);
}

/** A command on a reservation, by a storefront unless somebody else is named. */
function act(held: Answer, action: string, body: unknown = {}, as = storefront): Promise<Answer> {
  const { sku, id } = held.body;
  return call("POST", `/v1/skus/${sku}/reservations/${id}/${action}`, {
    as,
    body,
    headers: { Prefer: "wait=0", ...(action === "return" ? { "Idempotency-Key": crypto.randomUUID() } : {}) },
  });
}

async function sold(quantity = 3, stock = 5): Promise<Answer> {
  const held = await reserve(await newSku(stock), "ann", quantity);
  expect((await act(held, "confirm", { orderId: "order-1" })).status).toBe(200);
  return held;
}

const seconds = (from: unknown, to: unknown) => (Date.parse(String(to)) - Date.parse(String(from))) / 1000;

describe("reserving", () => {
  it("[API7] answers 201 with the reservation, its place and the stock after it", async () => {
    const sku = await newSku(6);
    const answer = await reserve(sku, "ann", 2);
    expect(answer.status).toBe(201);
    const { stock, ...reservation } = reservationAnswer.strict().parse(answer.body);
    expect(answer.headers.get("Location")).toBe(`/v1/skus/${sku}/reservations/${reservation.id}`);
    expect(reservation).toMatchObject({ sku, customer: "ann", quantity: 2, status: "held", orderId: null, cart: null });
    expect(reservation).toMatchObject({ confirmedQuantity: 0, returnedQuantity: 0, rescued: false, metadata: {} });
    expect(stock).toEqual({ state: "open", available: 4, low: true });
    const found = await call("GET", String(answer.headers.get("Location")), { as: storefront });
    expect(reservationView.strict().parse(found.body)).toEqual(reservation);
  });

  it("[RSV5] lives as long as asked, a shopper up to holdTtlSeconds, a storefront up to maxHoldSeconds", async () => {
    const sku = await newSku(50, { holdTtlSeconds: 100, maxHoldSeconds: 300 });
    const shopper = await tokenFor("shopper", `ann-${sku}`);
    const lived = async (as: string, ttlSeconds?: number) => {
      const customer = as === shopper ? {} : { customer: `bob-${ttlSeconds}` };
      const body = { quantity: 1, ...customer, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) };
      const { body: made } = await call("POST", `/v1/skus/${sku}/reservations`, { as, body });
      expect(seconds(made.createdAt, made.extendableUntil)).toBe(300);
      return seconds(made.createdAt, made.expiresAt);
    };
    expect(await Promise.all([undefined, 1, 100, 101, 604_800].map((ttl) => lived(shopper, ttl)))).toEqual([
      100, 1, 100, 100, 100,
    ]);
    expect(await Promise.all([undefined, 1, 300, 301, 604_800].map((ttl) => lived(storefront, ttl)))).toEqual([
      100, 1, 300, 300, 300,
    ]);
  });

  it("[RSV4] for more than there is says how many are left and why", async () => {
    const sku = await newSku(3);
    const held = await reserve(sku, "ann", 3);
    expectProblem(await reserve(sku, "bob"), "insufficient-stock", { available: 0, state: "held_elsewhere" });
    await act(held, "confirm");
    expectProblem(await reserve(sku, "bob"), "insufficient-stock", { available: 0, state: "sold_out" });
    const short = await reserve(await newSku(3), "bob", 4);
    expectProblem(short, "insufficient-stock", { available: 3, state: "sold_out" });
  });

  it("[LIM1] for more than a reservation may have says so", async () => {
    const sku = await newSku(50, { maxPerReservation: 4, perCustomerLimit: 5 });
    const members = { scope: "reservation", limit: 4, used: 0, remaining: 4 };
    expectProblem(await reserve(sku, "ann", 5), "limit-exceeded", members);
    expect((await reserve(sku, "ann", 4)).status).toBe(201);
    expectProblem(await reserve(sku, "ann", 2), "limit-exceeded", { scope: "sku", limit: 5, used: 4, remaining: 1 });
  });

  it("[LIM4] holds the limit against calls that come together", async () => {
    const sku = await newSku(50, { perCustomerLimit: 3 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => reserve(sku, "ann")));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectProblem(answer, "limit-exceeded");
  });

  it("[RSV2] while the sale is paused, scheduled or closed is refused", async () => {
    expectProblem(await reserve(await newSku(5, { paused: true }), "ann"), "paused");
    expectProblem(await reserve(await newSku(5, { closesAt: "2020-01-01T00:00:00Z" }), "ann"), "closed");
    const opensAt = new Date(Date.now() + 90_000).toISOString();
    const early = await reserve(await newSku(5, { opensAt }), "ann");
    expectProblem(early, "not-open", { opensAt });
    const wait = Number(early.headers.get("Retry-After"));
    expect(wait).toBeGreaterThan(60);
    expect(wait).toBeLessThanOrEqual(90);
  });
});

describe("confirming", () => {
  it("[CNF1] sells the units", async () => {
    const held = await reserve(await newSku(5), "ann", 3);
    const { status, body } = await act(held, "confirm", { orderId: "order-1" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "confirmed", confirmedQuantity: 3, orderId: "order-1", rescued: false });
    expect(body.stock).toEqual({ state: "open", available: 2, low: true });
    expect((await call("GET", `/v1/skus/${body.sku}`, { as: admin })).body).toMatchObject({ held: 0, sold: 3 });
  });

  it("[CNF2] of a part puts the rest back on sale", async () => {
    const held = await reserve(await newSku(5), "ann", 3);
    const { body } = await act(held, "confirm", { quantity: 1 });
    expect(body).toMatchObject({ quantity: 3, confirmedQuantity: 1, stock: { available: 4 } });
  });

  it("[CNF3] of more than is held is refused", async () => {
    expectInvalid(await act(await reserve(await newSku(5), "ann", 3), "confirm", { quantity: 4 }), "quantity");
  });

  it("[CNF4] again is the same answer for the same content, and a refund for another order", async () => {
    const held = await sold();
    const again = await act(held, "confirm", { orderId: "order-1", quantity: 3 });
    expect(again).toMatchObject({ status: 200, body: { status: "confirmed", orderId: "order-1" } });
    const members = (refundRequired: boolean) => ({ orderId: "order-1", refundRequired });
    expectProblem(await act(held, "confirm", { orderId: "order-2" }), "already-confirmed", members(true));
    expectProblem(await act(held, "confirm", { orderId: "order-1", quantity: 1 }), "already-confirmed", members(false));
    expectProblem(await act(held, "confirm"), "already-confirmed", members(false));
  });

  it("[CNF9] what was released asks for a refund", async () => {
    const held = await reserve(await newSku(5), "ann", 3);
    await act(held, "release");
    expectProblem(await act(held, "confirm"), "already-released", { refundRequired: true });
  });
});

describe("extending", () => {
  it("[EXT1] moves the expiry to now and the time asked for", async () => {
    const held = await reserve(await newSku(5, { holdTtlSeconds: 60, maxHoldSeconds: 300 }), "ann");
    const { status, body } = await act(held, "extend", { ttlSeconds: 120 });
    expect([status, body.extendableUntil]).toEqual([200, held.body.extendableUntil]);
    expect(seconds(held.body.expiresAt, body.expiresAt)).toBeGreaterThanOrEqual(60);
    expect(body.stock).toEqual({ state: "open", available: 4, low: true });
  });

  it("[EXT2] never passes extendableUntil, and [EXT3] is refused where nothing is gained", async () => {
    const held = await reserve(await newSku(5, { holdTtlSeconds: 60, maxHoldSeconds: 90 }), "ann");
    const { extendableUntil } = held.body;
    expect((await act(held, "extend", { ttlSeconds: 604_800 })).body).toMatchObject({ expiresAt: extendableUntil });
    for (const body of [{}, { ttlSeconds: 1 }, { ttlSeconds: 604_800 }]) {
      expectProblem(await act(held, "extend", body), "extension-limit", { extendableUntil });
    }
  });

  it("[STA1] what has ended is refused", async () => {
    const members = { orderId: "order-1", refundRequired: false };
    expectProblem(await act(await sold(), "extend"), "already-confirmed", members);
    const held = await reserve(await newSku(5, { holdTtlSeconds: 5 }), "ann");
    const other = await reserve(String(held.body.sku), "bob");
    await act(other, "release");
    expectProblem(await act(other, "extend"), "already-released", { refundRequired: false });
    passSeconds(6);
    expectProblem(await act(held, "extend"), "hold-expired", { refundRequired: false });
  });
});

describe("releasing", () => {
  it("[REL1] gives the units back, and [REL2] may be repeated", async () => {
    const held = await reserve(await newSku(5), "ann", 3);
    const first = await act(held, "release");
    expect(first).toMatchObject({ status: 200, body: { status: "released", stock: { available: 5 } } });
    expect((await act(held, "release")).body).toEqual(first.body);
  });

  it("[STA1] what is sold is refused", async () => {
    expectProblem(await act(await sold(), "release"), "already-confirmed", {
      orderId: "order-1",
      refundRequired: false,
    });
  });
});

describe("returning", () => {
  it("[RET1] takes units back in part, [RET4] and all", async () => {
    const held = await sold();
    const part = await act(held, "return", { quantity: 2 });
    expect(part.body).toMatchObject({ status: "confirmed", returnedQuantity: 2, stock: { available: 4 } });
    expectProblem(await act(held, "return", { quantity: 2 }), "nothing-to-return", { returnable: 1 });
    const rest = await act(held, "return");
    expect(rest.body).toMatchObject({ status: "returned", returnedQuantity: 3, stock: { available: 5 } });
    expectProblem(await act(held, "return"), "nothing-to-return", { returnable: 0 });
  });

  it("[RET2] out of stock takes them off sale", async () => {
    const held = await sold();
    await act(held, "return", { quantity: 1, restock: false });
    const { body } = await call("GET", `/v1/skus/${held.body.sku}`, { as: admin });
    expect(body).toMatchObject({ stock: 4, sold: 2, available: 2 });
  });

  it("[STA1] what was not sold is refused", async () => {
    const held = await reserve(await newSku(5), "ann");
    expectProblem(await act(held, "return"), "not-confirmed");
    await act(held, "release");
    expectProblem(await act(held, "return"), "not-confirmed");
  });
});

describe("a payment after expiry", () => {
  it("[CNF5] after expiry is rescued while there are units", async () => {
    const held = await reserve(await newSku(5, { holdTtlSeconds: 5 }), "ann", 3);
    passSeconds(6);
    const found = await call("GET", String(held.headers.get("Location")), { as: storefront });
    expect(found.body).toMatchObject({ status: "expired" });
    const rescued = await act(held, "confirm", { orderId: "order-1" });
    expect(rescued).toMatchObject({ status: 200, body: { status: "confirmed", rescued: true } });
  });

  it("[CNF8] after expiry with the units gone asks for a refund, for good", async () => {
    const held = await reserve(await newSku(3, { holdTtlSeconds: 5 }), "ann", 3);
    passSeconds(6);
    const taken = await reserve(String(held.body.sku), "bob", 1);
    expect(taken.status).toBe(201);
    expectProblem(await act(held, "confirm"), "hold-expired", { refundRequired: true });
    await act(taken, "release");
    expectProblem(await act(held, "confirm"), "hold-expired", { refundRequired: true });
    expectProblem(await act(held, "extend"), "hold-expired", { refundRequired: true });
  });

  it("[REC5] a final refundRequired says truly whether D1 has it", async () => {
    const sku = await newSku(1, { holdTtlSeconds: 5 });
    const held = await reserve(sku, "ann", 1, { Prefer: "wait=10" });
    passSeconds(6);
    await reserve(sku, "bob", 1, { Prefer: "wait=10" });
    const path = `/v1/skus/${sku}/reservations/${held.body.id}/confirm`;
    const answer = await call("POST", path, { as: storefront, headers: { Prefer: "wait=0" } });
    expectProblem(answer, "hold-expired", { refundRequired: true });
    expect(answer.headers.get("Holdfast-Recorded")).toBe("object");
  });
});
