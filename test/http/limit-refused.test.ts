import { afterEach, describe, expect, it, vi } from "vitest";
import { REFUSED_REMEMBERED_MS } from "../../src/domain/bounds.ts";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { ObjectSale } from "../objects/object-sale.ts";
import { expectProblem } from "./verdict.ts";
import { on } from "./waitlist-client.ts";

afterEach(() => vi.useRealTimers());

describe("a customer whom the limit refused", () => {
  /** Ann, who has all of her limit in another size, and was refused a moment ago. */
  async function refused(): Promise<{ sku: string; other: Answer }> {
    const [sku, size] = [await newSku(1), await newSku(5)];
    const body = { drop: `drop-${sku}`, name: "Noon", skus: [sku, size], perCustomerLimit: 1 };
    expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
    const other = await reserve(size, "ann");
    expectProblem(await reserve(sku, "ann"), "limit-exceeded", { scope: "drop", limit: 1, used: 1, remaining: 0 });
    return { sku, other };
  }

  const tries = async (sku: string) =>
    (await new ObjectSale(sku).rows("SELECT 1 FROM event WHERE type = 'reservation.tried'")).length;

  it("[ALW12] sets nothing aside for five seconds, by itself, in a batch or in a cart, and is told the same", async () => {
    const { sku } = await refused();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const over = { scope: "drop", limit: 1, used: 1, remaining: 0 };
    expectProblem(await reserve(sku, "ann"), "limit-exceeded", over);
    const commands = [{ type: "reserve", customer: "ann", quantity: 1 }];
    const batch = await call("POST", `/v1/skus/${sku}/batch`, { as: storefront, body: { commands } });
    expect(batch.body.outcomes).toMatchObject([{ status: 409, body: { code: "limit-exceeded", ...over } }]);
    const cart = { customer: "ann", lines: [{ sku, quantity: 1 }] };
    expectProblem(await call("POST", "/v1/carts", { as: storefront, body: cart }), "cart-not-held");
    vi.setSystemTime(Date.now() + REFUSED_REMEMBERED_MS - 1);
    expectProblem(await reserve(sku, "ann"), "limit-exceeded", over);
    expect(await tries(sku)).toBe(1);
    vi.setSystemTime(Date.now() + REFUSED_REMEMBERED_MS);
    expectProblem(await reserve(sku, "ann"), "limit-exceeded", over);
    expect(await tries(sku)).toBe(2);
  });

  it("[ALW12] [ALW3] is served at once when it has given the other back", async () => {
    const { sku, other } = await refused();
    expect((await on(String(other.body.sku), other.body.id, "release")).status).toBe(200);
    expect((await reserve(sku, "ann")).status).toBe(201);
  });

  it("[ALW12] [RSV2] is told of everything that comes before the drop's limit", async () => {
    const { sku } = await refused();
    expect((await reserve(sku, "bob")).status).toBe(201);
    expectProblem(await reserve(sku, "ann"), "insufficient-stock", { available: 0 });
  });
});
