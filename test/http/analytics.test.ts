import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { analyticsView } from "../../src/contracts/analytics.ts";
import { rollUp } from "../../src/storage/d1-rollup.ts";
import { admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

const RECORDED = { Prefer: "wait=10" };
afterEach(() => vi.useRealTimers());

async function analytics(of: string, query: Record<string, string | number> = {}) {
  const given = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const { status, body } = await call("GET", `/v1/${of}/analytics?${given}`, { as: storefront });
  expect(status).toBe(200);
  expect(analyticsView.parse(body)).toEqual(body);
  return analyticsView.parse(body);
}

const act = (sku: string, id: unknown, verb: string, body: Record<string, unknown> = {}) =>
  call("POST", `/v1/skus/${sku}/reservations/${id}/${verb}`, {
    as: storefront,
    body,
    headers: { ...RECORDED, "Idempotency-Key": crypto.randomUUID() },
  });

/** Four units: two are sold, one of them after 20 s, one is given back and taken once more, and three asked in vain. */
async function soldOut(): Promise<string> {
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 60_000) * 60_000 + 10_000 });
  const sku = await newSku(2, { perCustomerLimit: 1 });
  const first = await reserve(sku, "ann");
  const second = await reserve(sku, "bob");
  expect((await reserve(sku, "ann")).body.code).toBe("limit-exceeded");
  expect((await reserve(sku, "cat")).body).toMatchObject({ code: "insufficient-stock", state: "held_elsewhere" });
  await act(sku, second.body.id, "release");
  vi.setSystemTime(Date.now() + 20_000);
  await act(sku, first.body.id, "confirm");
  const third = await reserve(sku, "cat");
  vi.setSystemTime(Date.now() + 60_000);
  await act(sku, third.body.id, "confirm");
  expect((await reserve(sku, "dan")).body).toMatchObject({ code: "insufficient-stock", state: "sold_out" });
  return sku;
}

describe("the analytics of a SKU", () => {
  it("[ANA1] [ANA3] are what happened, minute by minute, and what follows from it", async () => {
    const sku = await soldOut();
    const thisMinute = Math.floor(Date.now() / 60_000);
    const minute = (offset: number) => new Date((thisMinute + offset) * 60_000).toISOString();
    // Refusals come a moment later than the rest.
    const view = await vi.waitFor(
      async () => {
        const found = await analytics(`skus/${sku}`, { from: minute(-1), to: minute(1) });
        expect(found.totals.attempts).toBe(6);
        return found;
      },
      { timeout: 15_000, interval: 200 },
    );
    expect(view.totals).toEqual({
      attempts: 6,
      holds: 3,
      refusals: { "limit-exceeded": 1, held_elsewhere: 1, sold_out: 1 },
      confirms: 2,
      expiries: 0,
      releases: 1,
      returns: 0,
      refundsRequired: 0,
      waitlistJoins: 0,
      offers: 0,
      claims: 3,
      claimsSold: 2,
      claimsAbandoned: 1,
    });
    expect(view).toMatchObject({ conversion: 2 / 3, abandonment: 1 / 3, sellThrough: 1, secondsToSellOut: 80 });
    expect(view.holdToConfirm.filter(({ count }) => count > 0)).toEqual([
      { upToSeconds: 30, count: 1 },
      { upToSeconds: 60, count: 1 },
    ]);
    expect(
      view.buckets.map(({ at, holds, confirms, stock, held, sold }) => [at, holds, confirms, stock, held, sold]),
    ).toEqual([
      [minute(-1), 3, 1, 2, 1, 1],
      [minute(0), 0, 1, 2, 0, 2],
    ]);
  }, 20_000);

  it("[ANA2] count each event once, whoever counts and however often", async () => {
    const sku = await soldOut();
    await Promise.all(Array.from({ length: 10 }, () => rollUp(env.DB)));
    const { totals } = await analytics(`skus/${sku}`);
    await Promise.all(Array.from({ length: 10 }, () => rollUp(env.DB)));
    expect((await analytics(`skus/${sku}`)).totals).toMatchObject({ holds: 3, confirms: 2, releases: 1 });
    expect(totals).toMatchObject({ holds: 3, confirms: 2, releases: 1 });
  });

  it("[ANA2] add up to the movements, in any buckets", async () => {
    const sku = await soldOut();
    const query = "SELECT SUM(d_stock) AS stock, SUM(d_held) AS held, SUM(d_sold) AS sold FROM movement WHERE sku = ?";
    const moved = await env.DB.prepare(query).bind(sku).first();
    for (const bucketSeconds of [60, 120, 3600]) {
      const { buckets } = await analytics(`skus/${sku}`, { bucketSeconds });
      expect(buckets.at(-1)).toMatchObject(moved ?? {});
      expect(buckets.reduce((sum, { holds }) => sum + holds, 0)).toBe(3);
      expect(buckets).toHaveLength(60);
    }
  });

  it("[ANA1] of a time before anything happened are nothing", async () => {
    const sku = await soldOut();
    const view = await analytics(`skus/${sku}`, { from: "2020-01-01T00:00:00Z", to: "2020-01-01T00:02:00Z" });
    expect(view).toMatchObject({ totals: { attempts: 0 }, conversion: null, abandonment: null, sellThrough: null });
    expect(view.buckets).toHaveLength(2);
  });

  it("[ANA4] are of a bounded number of whole minutes", async () => {
    const sku = await newSku(1);
    const of = (query: string) => call("GET", `/v1/skus/${sku}/analytics?${query}`, { as: admin });
    expectInvalid(await of("bucketSeconds=59"), "bucketSeconds");
    expectInvalid(await of("bucketSeconds=90"), "bucketSeconds");
    expectInvalid(await of("from=yesterday"), "from");
    expectInvalid(await of("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"), "to");
    expect((await of("from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")).status).toBe(200);
    expectInvalid(await of("from=2026-01-01T00:00:00Z&to=2026-01-02T00:01:00Z"), "bucketSeconds");
    expectProblem(await call("GET", "/v1/skus/nothing/analytics", { as: admin }), "not-found");
    const shopper = await tokenFor("shopper", "ann");
    expectProblem(await call("GET", `/v1/skus/${sku}/analytics`, { as: shopper }), "forbidden");
  });
});

describe("what becomes of claims", () => {
  const join = async (sku: string, customer: string) =>
    (await call("POST", `/v1/skus/${sku}/waitlist`, { as: storefront, body: { customer, quantity: 1 } })).body.id;
  const offerOf = async (sku: string, entry: unknown) => {
    const { body } = await call("GET", `/v1/skus/${sku}/waitlist/${entry}`, { as: storefront });
    expect(body.status).toBe("offered");
    return body.reservation;
  };

  it("[ANA1] [ANA5] is that all are sold: a hold and an offer, of which one was asked for", async () => {
    const sku = await newSku(1);
    const first = await reserve(sku, "ann");
    const entry = await join(sku, "bob");
    await act(sku, first.body.id, "confirm");
    expect((await act(sku, first.body.id, "return")).status).toBe(200);
    expect((await act(sku, await offerOf(sku, entry), "confirm")).status).toBe(200);
    const view = await analytics(`skus/${sku}`);
    expect(view).toMatchObject({
      conversion: 1,
      abandonment: 0,
      totals: { attempts: 1, holds: 1, offers: 1, claims: 2 },
    });
  });

  it("[ANA5] is that all are abandoned: a hold and five offers, each given back for the next", async () => {
    const sku = await newSku(1);
    let claim = (await reserve(sku, "ann")).body.id;
    const entries = [];
    for (const customer of ["b", "c", "d", "e", "f"]) entries.push(await join(sku, customer));
    for (const entry of entries) {
      await act(sku, claim, "release");
      claim = await offerOf(sku, entry);
    }
    await act(sku, claim, "release");
    const view = await analytics(`skus/${sku}`);
    expect(view).toMatchObject({
      conversion: 0,
      abandonment: 1,
      totals: { attempts: 1, claims: 6, claimsAbandoned: 6 },
    });
  });

  it("[ANA5] is that a hold which lapsed and was paid late is sold, and not abandoned, also where it was counted before", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 60_000) * 60_000 });
    const sku = await newSku(1, { holdTtlSeconds: 10 });
    const { body } = await reserve(sku, "ann");
    vi.setSystemTime(Date.now() + 61_000);
    expect((await call("GET", `/v1/skus/${sku}`, { as: admin })).body).toMatchObject({ held: 0 });
    await vi.waitFor(async () => expect((await analytics(`skus/${sku}`)).abandonment).toBe(1), { timeout: 10_000 });
    expect((await act(sku, body.id, "confirm")).body).toMatchObject({ rescued: true });
    const view = await analytics(`skus/${sku}`);
    expect(view).toMatchObject({ conversion: 1, abandonment: 0, totals: { expiries: 1, claimsAbandoned: 0 } });
    // It counts where it was made: a minute before it was paid.
    expect(view.buckets.filter(({ claims }) => claims > 0)).toMatchObject([{ claimsSold: 1, confirms: 0 }]);
  });

  it("[ANA5] is that a hold which gave way to an earlier one, paid late, is neither sold nor abandoned until it is paid", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 60_000) * 60_000 });
    const sku = await newSku(5, { perCustomerLimit: 1, holdTtlSeconds: 10 });
    const first = await reserve(sku, "ann");
    vi.setSystemTime(Date.now() + 11_000);
    const second = await reserve(sku, "ann");
    expect(second.status).toBe(201);
    expect((await act(sku, first.body.id, "confirm")).body).toMatchObject({ rescued: true });
    expect(await analytics(`skus/${sku}`)).toMatchObject({
      conversion: 0.5,
      abandonment: 0,
      totals: { claims: 2, claimsSold: 1, claimsAbandoned: 0, releases: 1 },
    });
    expect((await act(sku, first.body.id, "return")).status).toBe(200);
    expect((await act(sku, second.body.id, "confirm")).body).toMatchObject({ rescued: true });
    const totals = { claims: 2, claimsSold: 2, claimsAbandoned: 0 };
    expect(await analytics(`skus/${sku}`)).toMatchObject({ conversion: 1, abandonment: 0, totals });
  });

  it("[ANA3] an offer that a drop's limit does not allow is no attempt, and no refusal", async () => {
    const [own, other] = [await newSku(1), await newSku(5)];
    const drop = `drop-${crypto.randomUUID()}`;
    const body = { drop, name: "One each", skus: [own, other], perCustomerLimit: 1 };
    expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
    const first = await reserve(own, "ann");
    const entry = await join(own, "bob");
    await reserve(other, "bob");
    await act(own, first.body.id, "release");
    await vi.waitFor(async () => {
      const { body } = await call("GET", `/v1/skus/${own}/waitlist/${entry}`, { as: storefront });
      expect(body).toMatchObject({ status: "withdrawn", reason: "limit-exceeded" });
    });
    // A refusal that is counted comes after those that would have been counted before it.
    expect((await reserve(own, "dan", 2)).body).toMatchObject({ code: "insufficient-stock", state: "sold_out" });
    await vi.waitFor(async () => expect((await analytics(`skus/${own}`)).totals.refusals.sold_out).toBe(1), {
      timeout: 10_000,
      interval: 200,
    });
    expect((await analytics(`skus/${own}`)).totals.refusals).toEqual({ sold_out: 1 });
    expect((await analytics(`skus/${own}`)).totals).toMatchObject({ attempts: 2, holds: 1, offers: 0 });
  });
});

describe("the time to sell out", () => {
  const patch = (sku: string, policy: Record<string, unknown>) =>
    call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy } });
  const at = (ms: number) => new Date(ms).toISOString();
  const buyAll = async (sku: string, customer: string) => act(sku, (await reserve(sku, customer)).body.id, "confirm");

  it("[ANA6] runs from the last opening before the first sell-out, and no opening afterwards moves it", async () => {
    const start = Math.floor(Date.now() / 60_000) * 60_000;
    vi.useFakeTimers({ toFake: ["Date"], now: start });
    // A test opening, ten minutes before the true one.
    const sku = await newSku(1, { opensAt: at(start + 60_000), closesAt: at(start + 120_000) });
    const look = (ms: number) => {
      vi.setSystemTime(start + ms);
      return call("GET", `/v1/skus/${sku}`, { as: admin });
    };
    expect((await look(60_000)).body.state).toBe("open");
    expect((await look(120_000)).body.state).toBe("closed");
    expect((await patch(sku, { opensAt: at(start + 660_000), closesAt: null })).body.state).toBe("scheduled");
    expect((await look(660_000)).body.state).toBe("open");
    vi.setSystemTime(start + 672_500);
    await buyAll(sku, "ann");
    const soldOut = async () => (await analytics(`skus/${sku}`)).secondsToSellOut;
    expect(await soldOut()).toBe(12.5);
    // More stock, a second opening, and sold out again.
    const adjusted = await call("POST", `/v1/skus/${sku}/adjustments`, {
      as: admin,
      body: { delta: 1, reason: "found" },
      headers: { "Idempotency-Key": crypto.randomUUID() },
    });
    expect(adjusted.status).toBe(200);
    await patch(sku, { opensAt: at(start + 700_000) });
    expect((await look(700_000)).body.state).toBe("open");
    expect(await soldOut()).toBe(12.5);
    await buyAll(sku, "bob");
    expect(await soldOut()).toBe(12.5);
  });
});

describe("the analytics of a drop", () => {
  it("[ANA1] are those of its SKUs together, sold out when all of them are", async () => {
    const one = await newSku(1);
    const other = await newSku(1);
    const drop = `drop-${crypto.randomUUID()}`;
    const body = { drop, name: "Both", skus: [one, other] };
    expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
    const buy = async (sku: string) => act(sku, (await reserve(sku, "ann")).body.id, "confirm");
    await buy(one);
    expect(await analytics(`drops/${drop}`)).toMatchObject({ sellThrough: 0.5, secondsToSellOut: null });
    await buy(other);
    const view = await analytics(`drops/${drop}`);
    expect(view).toMatchObject({ totals: { holds: 2, confirms: 2 }, conversion: 1, sellThrough: 1 });
    expect(view.secondsToSellOut).toBeGreaterThanOrEqual(0);
    expect(view.buckets.at(-1)).toMatchObject({ stock: 2, held: 0, sold: 2 });
    expectProblem(await call("GET", "/v1/drops/nothing/analytics", { as: admin }), "not-found");
  });

  it("[ANA3] count what its limit refuses, to single claims and to the lines of carts", async () => {
    const [own, other, laces] = [await newSku(5), await newSku(5), await newSku(5)];
    const drop = `drop-${crypto.randomUUID()}`;
    const body = { drop, name: "One each", skus: [own, other], perCustomerLimit: 1 };
    expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
    expect((await reserve(own, "ann")).status).toBe(201);
    expect((await reserve(other, "ann")).body).toMatchObject({ code: "limit-exceeded", scope: "drop" });
    const lines = [other, laces].map((sku) => ({ sku, quantity: 1 }));
    const cart = await call("POST", "/v1/carts", { as: storefront, body: { customer: "ann", lines } });
    expect(cart.body.code).toBe("cart-not-held");
    await vi.waitFor(
      async () => expect((await analytics(`skus/${other}`)).totals.refusals).toEqual({ "limit-exceeded": 2 }),
      { timeout: 5000, interval: 200 },
    );
    expect((await analytics(`skus/${laces}`)).totals.refusals).toEqual({});
  });
});
