import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

function join(sku: string, customer: string, quantity = 1, headers = {}): Promise<Answer> {
  return call("POST", `/v1/skus/${sku}/waitlist`, { as: storefront, body: { customer, quantity }, headers });
}

function read({ body }: Answer, as = storefront): Promise<Answer> {
  return call("GET", `/v1/skus/${body.sku}/waitlist/${body.id}`, { as });
}

function leave({ body }: Answer, as = storefront): Promise<Answer> {
  return call("DELETE", `/v1/skus/${body.sku}/waitlist/${body.id}`, { as });
}

function on({ body }: Answer, action: string): Promise<Answer> {
  return call("POST", `/v1/skus/${body.sku}/reservations/${body.id}/${action}`, { as: storefront, body: {} });
}

/** A SKU whose units bob holds all. */
async function soldOut(stock = 1, policy = {}): Promise<{ sku: string; bobs: Answer }> {
  const sku = await newSku(stock, policy);
  return { sku, bobs: await reserve(sku, "bob", stock) };
}

describe("the waitlist", () => {
  it("[WTL12] takes a customer in, and says where it stands", async () => {
    const { sku } = await soldOut();
    const first = await join(sku, "ann");
    expect(first.status).toBe(201);
    expect(first.headers.get("Location")).toBe(`/v1/skus/${sku}/waitlist/${first.body.id}`);
    expect(first.body).toEqual({
      id: expect.any(String),
      sku,
      customer: "ann",
      quantity: 1,
      status: "waiting",
      position: 1,
      reservation: null,
      offerExpiresAt: null,
      reason: null,
      createdAt: expect.any(String),
    });
    const second = await join(sku, "carol");
    expect(second.body.position).toBe(2);
    await leave(first);
    expect((await read(second)).body).toEqual({ ...second.body, position: 1 });
    expect((await call("GET", `/v1/skus/${sku}`)).body.waiting).toBe(1);
  });

  it("[WTL2] refuses whoever can be served, waits already, or comes when nothing is sold", async () => {
    const { sku } = await soldOut(2, { displayCap: 1 });
    expectProblem(await join(await newSku(3), "ann"), "stock-available", { available: 3 });
    const entry = await join(sku, "ann");
    expectProblem(await join(sku, "ann"), "already-waiting", { entry: entry.body.id });
    expectProblem(await join(await newSku(0, { paused: true }), "ann"), "paused");
    expectProblem(await join(await newSku(0, { opensAt: "2090-01-01T00:00:00Z" }), "ann"), "not-open");
    expectProblem(await join(await newSku(0, { closesAt: "2020-01-01T00:00:00Z" }), "ann"), "closed");
    expectProblem(await join("no-such-sku", "ann"), "not-found");
    expectProblem(await join(sku, "dave", 11), "limit-exceeded", { scope: "reservation" });
    expectInvalid(
      await call("POST", `/v1/skus/${sku}/waitlist`, { as: storefront, body: { customer: "dave" } }),
      "quantity",
    );
  });

  it("[WTL3] offers what comes back, where the customer finds it", async () => {
    const { sku, bobs } = await soldOut(1, { offerTtlSeconds: 120 });
    const entry = await join(sku, "ann");
    const released = await on(bobs, "release");
    expect(released.body.stock).toEqual({ state: "held_elsewhere", available: 0, low: true });
    const offered = (await read(entry)).body;
    expect(offered).toMatchObject({ status: "offered", position: null });
    const mine = await call("GET", `/v1/skus/${sku}/me?customer=ann`, { as: storefront });
    expect(mine.body).toMatchObject({
      waitlist: offered,
      reservations: [{ id: offered.reservation, status: "held", expiresAt: offered.offerExpiresAt }],
    });
    const id = offered.reservation;
    expectProblem(
      await call("POST", `/v1/skus/${sku}/reservations/${id}/extend`, { as: storefront }),
      "extension-limit",
    );
    expect((await call("POST", `/v1/skus/${sku}/reservations/${id}/confirm`, { as: storefront })).status).toBe(200);
    expect((await read(entry)).body.status).toBe("accepted");
    expect((await call("GET", `/v1/skus/${sku}/me?customer=ann`, { as: storefront })).body.waitlist).toBeNull();
  });

  it("[WTL4] [WTL5] moves on when an offer is declined or lapses", async () => {
    const { sku, bobs } = await soldOut(1, { offerTtlSeconds: 30 });
    const [ann, carol, dave] = [await join(sku, "ann"), await join(sku, "carol"), await join(sku, "dave")];
    await on(bobs, "release");
    expect((await leave(ann)).status).toBe(204);
    expect((await read(ann)).body.status).toBe("declined");
    const offer = (await read(carol)).body;
    expect(offer.status).toBe("offered");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(offer.offerExpiresAt)) });
    expect((await read(carol)).body.status).toBe("lapsed");
    expect((await read(dave)).body.status).toBe("offered");
    expect((await join(sku, "carol")).body.position).toBe(1);
  });

  it("[WTL8] [WTL14] sends everybody home some time after the sale has closed, and says why", async () => {
    const { sku } = await soldOut();
    const entry = await join(sku, "ann");
    const patch = (policy: object) => call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy } });
    await patch({ closesAt: "2020-01-01T00:00:00Z" });
    expect((await read(entry)).body).toMatchObject({ status: "waiting", position: 1 });
    await patch({ closesAt: null, waitlistKeptSeconds: 600 });
    expect((await read(entry)).body).toMatchObject({ status: "waiting", position: 1 });
    await patch({ closesAt: "2020-01-01T00:00:00Z" });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 601_000 });
    expect((await read(entry)).body).toMatchObject({ status: "withdrawn", reason: "closed" });
  });

  it("[WTL10] is each shopper's own", async () => {
    const { sku } = await soldOut();
    const as = await tokenFor("shopper", "ann-who-waits");
    const mine = await call("POST", `/v1/skus/${sku}/waitlist`, { as, body: { quantity: 1 } });
    expect(mine.body).toMatchObject({ customer: "ann-who-waits", status: "waiting" });
    const other = await tokenFor("shopper", "mallory-who-pries");
    expectProblem(await read(mine, other), "not-found");
    expectProblem(await leave(mine, other), "not-found");
    expect((await leave(mine, as)).status).toBe(204);
    expect((await leave(mine, as)).status).toBe(204);
    expect((await read(mine, as)).body).toMatchObject({ status: "withdrawn", reason: "left" });
  });

  it("[WTL5] [EVT4] shows in the record who was offered what, in order", async () => {
    const { sku, bobs } = await soldOut(2);
    for (const customer of ["ann", "carol"]) await join(sku, customer);
    await on(bobs, "release");
    const types = async () => {
      const { body } = await call("GET", `/v1/skus/${sku}/movements`, { as: admin });
      return (body.items as { type: string; data: { reservation?: { customer: string } } }[]).map(
        ({ type, data }) => `${type} ${data.reservation?.customer ?? ""}`,
      );
    };
    await expect
      .poll(types, { timeout: 5000 })
      .toEqual([
        "sku.created ",
        "reservation.held bob",
        "reservation.released bob",
        "reservation.held ann",
        "reservation.held carol",
      ]);
  });
});
