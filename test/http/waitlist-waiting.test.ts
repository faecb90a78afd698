import { afterEach, describe, expect, it, vi } from "vitest";
import { admin, call, newSku, reserve, storefront } from "../client.ts";
import { linesOf, openCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";
import { adjust, edit, join, on, read, soldOut, statusOf } from "./waitlist-client.ts";

afterEach(() => vi.useRealTimers());

describe("those who wait", () => {
  it("[WTL2] may want just more than there is, and never more than they may have", async () => {
    const sku = await newSku(3, { maxPerReservation: 5, perCustomerLimit: 4 });
    expectProblem(await join(sku, "ann", 3), "stock-available", { available: 3 });
    expect((await join(sku, "ann", 4)).status).toBe(201);
    expectProblem(await join(sku, "bob", 5), "limit-exceeded", { scope: "sku", limit: 4 });
    expectProblem(await join(sku, "bob", 6), "limit-exceeded", { scope: "reservation", limit: 5 });
    expect((await reserve(sku, "carol", 3)).status).toBe(201);
  });

  it("[WTL7] and are over their limit by the time of the offer are sent home, and it goes to the next", async () => {
    const { sku, bobs } = await soldOut(2, { perCustomerLimit: 2 });
    const [ann, carol] = [await join(sku, "ann", 2), await join(sku, "carol", 1)];
    await on(sku, bobs.body.id, "confirm", { quantity: 1 });
    expect(await statusOf(carol)).toBe("offered");
    await adjust(sku, 1);
    expect((await reserve(sku, "ann", 1)).status).toBe(201);
    const dave = await join(sku, "dave", 2);
    await adjust(sku, 2);
    expect(await read(ann)).toMatchObject({ status: "withdrawn", reason: "limit-exceeded", reservation: null });
    expect(await statusOf(dave)).toBe("offered");
  });

  it("[WTL8] are offered nothing while the sale is paused or put off, and then what came back meanwhile", async () => {
    const opensAt = new Date(Date.now() + 60_000).toISOString();
    for (const [stop, go] of [
      [{ paused: true }, { paused: false }],
      [{ opensAt }, { opensAt: null }],
    ]) {
      const { sku, bobs } = await soldOut();
      const entry = await join(sku, "ann");
      await edit(sku, { ...stop });
      await on(sku, bobs.body.id, "release");
      expect(await statusOf(entry)).toBe("waiting");
      await edit(sku, { ...go });
      expect(await statusOf(entry)).toBe("offered");
    }
  });

  it("[WTL8] are offered what there is at the opening by whoever looks first", async () => {
    const { sku, bobs } = await soldOut();
    const entry = await join(sku, "ann");
    const opensAt = new Date(Date.now() + 60_000).toISOString();
    await edit(sku, { opensAt });
    await on(sku, bobs.body.id, "release");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(opensAt) });
    expectProblem(await reserve(sku, "mallory"), "insufficient-stock");
    expect(await statusOf(entry)).toBe("offered");
  });

  it("[WTL2] [ALW1] are at once told of more than their drop's limit could ever allow", async () => {
    const sku = await newSku(0);
    const drop = `drop-${sku}`;
    const plan = { drop, name: "Noon", skus: [sku], perCustomerLimit: 2 };
    await call("POST", "/v1/drops", { as: admin, body: plan });
    const never = { limit: 2, used: 0, remaining: 2, scope: "drop" };
    expectProblem(await join(sku, "ann", 3), "limit-exceeded", never);
    expect((await join(sku, "ann", 2)).status).toBe(201);
    expectProblem(await join(sku, "ann", 3), "limit-exceeded", never);
    expectProblem(await join(sku, "ann", 1), "already-waiting");
    await edit(sku, { maxPerReservation: 1 });
    expectProblem(await join(sku, "bob", 3), "limit-exceeded", { limit: 1, scope: "reservation" });
  });

  it("[WTL8] [DRP4] heed what their drop says", async () => {
    const sku = await newSku(1);
    const drop = `drop-${sku}`;
    await call("POST", "/v1/drops", { as: admin, body: { drop, name: "Noon", skus: [sku] } });
    const patch = (body: object) => call("PATCH", `/v1/drops/${drop}`, { as: admin, body });
    const bobs = await reserve(sku, "bob");
    const [ann, carol] = [await join(sku, "ann"), await join(sku, "carol")];
    await patch({ paused: true });
    expectProblem(await join(sku, "dave"), "paused");
    await on(sku, bobs.body.id, "release");
    expect(await statusOf(ann)).toBe("waiting");
    await patch({ paused: false });
    expect(await statusOf(ann)).toBe("offered");
    await patch({ closesAt: "2020-01-01T00:00:00Z" });
    expect(await read(carol)).toMatchObject({ status: "waiting", position: 1 });
    await call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy: { waitlistKeptSeconds: 1 } } });
    await expect.poll(() => read(carol)).toMatchObject({ status: "withdrawn", reason: "closed", position: null });
    const { reservation } = await read(ann);
    expect((await on(sku, reservation, "confirm", { orderId: "o" })).status).toBe(200);
  });

  it("[WTL1] at the same time have different places, and one each", async () => {
    const { sku } = await soldOut();
    const customers = ["a", "b", "c", "d", "a", "b", "c", "d"];
    const answers = await Promise.all(customers.map((customer) => join(sku, customer)));
    const joined = answers.filter(({ status }) => status === 201);
    expect(joined.map(({ body }) => body.position).sort()).toEqual([1, 2, 3, 4]);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectProblem(answer, "already-waiting");
    const own = await call("GET", `/v1/skus/${sku}/me?customer=a`, { as: storefront });
    expect(own.body.waitlist).toMatchObject({ customer: "a", status: "waiting" });
  });

  it("[WTL2] may have a cart with the same SKU no sooner than others", async () => {
    const { sku } = await soldOut();
    const other = await newSku(5);
    await join(sku, "ann");
    const refused = await openCart([sku, other]);
    expectProblem(refused, "cart-not-held");
    const line = linesOf(refused).find((one) => one.sku === sku);
    expect(line?.problem).toMatchObject({ code: "insufficient-stock", available: 0 });
  });
});
