import { describe, expect, it } from "vitest";
import { ownView } from "../../src/contracts/reservation.ts";
import { call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { expectProblem } from "./verdict.ts";

/** A SKU of ten units whose public sees four at most, and a shopper of it. */
async function capped(policy: Record<string, unknown> = {}) {
  const sku = await newSku(10, { displayCap: 4, ...policy });
  return { sku, path: `/v1/skus/${sku}`, shopper: await tokenFor("shopper", `ann-${sku}`) };
}

describe("a display cap", () => {
  it("[API5] cuts what the public reads, not what a storefront reads", async () => {
    const { path, shopper } = await capped();
    for (const as of [undefined, shopper]) {
      const { body } = await call("GET", path, as === undefined ? {} : { as });
      expect(body).toMatchObject({ available: 4, capped: true, low: false });
    }
    const { body } = await call("GET", path, { as: storefront });
    expect(body).toMatchObject({ available: 10 });
    expect(body).not.toHaveProperty("capped");
  });

  it("[API5] says nothing once no more than that is there", async () => {
    const { sku, path, shopper } = await capped();
    await reserve(sku, "bob", 6);
    const { body } = await call("GET", path, { as: shopper });
    expect(body).toMatchObject({ available: 4 });
    expect(body).not.toHaveProperty("capped");
  });

  it("[API5] cuts the stock in the answers to a shopper's commands", async () => {
    const { path, shopper } = await capped();
    const held = await call("POST", `${path}/reservations`, { as: shopper, body: { quantity: 1 } });
    const one = `${path}/reservations/${held.body.id}`;
    const cut = { state: "open", available: 4, capped: true, low: false };
    expect(held.body.stock).toEqual(cut);
    const extended = await call("POST", `${one}/extend`, { as: storefront, body: { ttlSeconds: 1200 } });
    expect(extended.body.stock).toEqual({ state: "open", available: 9, low: false });
    expect((await call("POST", `${one}/release`, { as: shopper })).body.stock).toEqual(cut);
  });

  it("[API5] cuts the refusals to a shopper", async () => {
    const { sku, path, shopper } = await capped({ maxPerReservation: 20, perCustomerLimit: null });
    const members = { available: 4, capped: true, state: "sold_out" };
    const refused = await call("POST", `${path}/reservations`, { as: shopper, body: { quantity: 11 } });
    expectProblem(refused, "insufficient-stock", members);
    expectProblem(await reserve(sku, "bob", 11), "insufficient-stock", { available: 10 });
    expect(JSON.stringify(refused.body)).not.toContain("10");
  });

  it("[API5] keeps the answer to a key as it was shown", async () => {
    const { path, shopper } = await capped();
    const options = { as: shopper, body: { quantity: 1 }, headers: { "Idempotency-Key": "k" } };
    const first = await call("POST", `${path}/reservations`, options);
    expect((await call("POST", `${path}/reservations`, options)).body).toEqual(first.body);
  });

  it("[API5] [WTL13] is not found out by joining the waitlist, nor by a threshold above it", async () => {
    const { sku, path, shopper } = await capped({
      lowStockThreshold: 10,
      maxPerReservation: 20,
      perCustomerLimit: null,
    });
    expect((await call("GET", path)).body).toMatchObject({ available: 4, capped: true, low: false });
    expect((await call("GET", path, { as: storefront })).body).toMatchObject({ available: 10, low: true });
    const join = (as: string, quantity: number, customer?: string) =>
      call("POST", `${path}/waitlist`, { as, body: { quantity, ...(customer === undefined ? {} : { customer }) } });
    expectProblem(await join(shopper, 4), "stock-available", { available: 4, capped: true });
    expectProblem(await join(storefront, 10, "bob"), "stock-available", { available: 10 });
    const waiting = await join(shopper, 11);
    expect(waiting).toMatchObject({ status: 201, body: { status: "waiting", position: 1 } });
    await call("DELETE", `${path}/waitlist/${waiting.body.id}`, { as: shopper });
    expect(await join(shopper, 10)).toMatchObject({ status: 201, body: { status: "offered", position: null } });
    expect((await call("GET", `/v1/skus/${sku}`, { as: storefront })).body).toMatchObject({ held: 10, waiting: 0 });
  });

  it("[API5] tells nobody by the tag how many there are", async () => {
    const { path } = await capped();
    const tag = (await call("GET", path)).headers.get("ETag");
    expect(tag).not.toContain("10");
  });
});

describe("what is mine", () => {
  it("[API8] is my units, my reservations newest first, and what I may still take", async () => {
    const sku = await newSku(20, { perCustomerLimit: 6, maxPerReservation: 4 });
    const me = `ann-${sku}`;
    const as = await tokenFor("shopper", me);
    const path = `/v1/skus/${sku}/me`;
    const none = { availableToMe: 4, myUnits: 0, reservations: [], waitlist: null };
    expect((await call("GET", path, { as })).body).toEqual(none);
    const one = (await reserve(sku, me, 2)).body;
    const two = (await reserve(sku, me, 3)).body;
    await reserve(sku, "bob", 3);
    await call("POST", `/v1/skus/${sku}/reservations/${one.id}/confirm`, { as: storefront });
    const { body } = await call("GET", path, { as });
    const own = ownView.strict().parse(body);
    expect(own).toMatchObject({ availableToMe: 1, myUnits: 5 });
    expect(own.reservations.map(({ id, status }) => [id, status])).toEqual([
      [two.id, "held"],
      [one.id, "confirmed"],
    ]);
    expect((await call("GET", `${path}?customer=${me}`, { as: storefront })).body).toEqual(body);
    await call("POST", `/v1/skus/${sku}/reservations/${two.id}/release`, { as });
    expect((await call("GET", path, { as })).body).toMatchObject({ availableToMe: 4, myUnits: 2 });
  });

  it.each([{ paused: true }, { opensAt: "2098-01-01T00:00:00Z" }, { closesAt: "2020-01-01T00:00:00Z" }])(
    "[API8] lets me take nothing while nothing is sold: %j",
    async (policy) => {
      const sku = await newSku(20, policy);
      const { body } = await call("GET", `/v1/skus/${sku}/me?customer=ann`, { as: storefront });
      expect(body).toMatchObject({ availableToMe: 0, myUnits: 0 });
    },
  );

  it("[API8] is bound by what there is", async () => {
    const sku = await newSku(2);
    const own = await call("GET", `/v1/skus/${sku}/me?customer=ann`, { as: storefront });
    expect(own.body).toMatchObject({ availableToMe: 2 });
  });

  it("[API5] is cut for a shopper, and whole for a storefront", async () => {
    const { sku, path, shopper } = await capped();
    expect((await call("GET", `${path}/me`, { as: shopper })).body).toMatchObject({ availableToMe: 4, capped: true });
    const trusted = await call("GET", `${path}/me?customer=ann-${sku}`, { as: storefront });
    expect(trusted.body).toMatchObject({ availableToMe: 10 });
    expect(trusted.body).not.toHaveProperty("capped");
  });

  it("[API2] takes no other parameter than customer", async () => {
    const sku = await newSku(2);
    const answer = await call("GET", `/v1/skus/${sku}/me?customer=ann&limit=5`, { as: storefront });
    expectProblem(answer, "invalid-request");
    expect(answer.body.detail).toContain("limit");
  });
});
