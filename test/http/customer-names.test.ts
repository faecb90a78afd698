import { describe, expect, it } from "vitest";
import { call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { heldCart } from "./cart-client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

const COMPOSED = "Jos\u00e9";
const DECOMPOSED = "Jose\u0301";
const UNFIT = ["", " ann", "ann ", "\u00a0ann", "an\u200bn", "ann\u00ad", "\ufeffann", "an\nn", "x".repeat(256)];

const me = (sku: string, customer: string) =>
  call("GET", `/v1/skus/${sku}/me?customer=${encodeURIComponent(customer)}`, { as: storefront });

describe("a customer's name", () => {
  it("[API12] is one person however it was composed: body, query and token", async () => {
    const sku = await newSku(9, { perCustomerLimit: 3 });
    const held = await reserve(sku, DECOMPOSED, 1, { Prefer: "wait=10" });
    expect(held.body.customer).toBe(COMPOSED);
    const path = `/v1/skus/${sku}/reservations/${held.body.id}`;
    for (const [index, name] of [COMPOSED, DECOMPOSED].entries()) {
      const as = await tokenFor("shopper", name);
      expect((await me(sku, name)).body.myUnits).toBe(index + 1);
      expect((await call("GET", path, { as })).status).toBe(200);
      const list = await call("GET", `/v1/reservations?sku=${sku}&customer=${encodeURIComponent(name)}`, { as });
      expect((list.body.items as unknown[]).length).toBeGreaterThanOrEqual(1);
      await call("POST", `/v1/skus/${sku}/reservations`, { as, body: { quantity: 1, customer: DECOMPOSED } });
    }
    expectProblem(await reserve(sku, COMPOSED), "limit-exceeded", { used: 3 });
    expect((await me(sku, "jos\u00e9")).body.myUnits).toBe(0);
  });

  it("[API12] is the same content under a key, however it was composed", async () => {
    const sku = await newSku(9);
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const first = await reserve(sku, COMPOSED, 1, key);
    const again = await reserve(sku, DECOMPOSED, 1, key);
    expect(again.body.id).toBe(first.body.id);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  });

  it("[API12] is normalised in carts and on waitlists too", async () => {
    const sku = await newSku(1);
    expect((await heldCart([sku], { customer: DECOMPOSED })).body.customer).toBe(COMPOSED);
    const join = { quantity: 1, customer: DECOMPOSED };
    const joined = await call("POST", `/v1/skus/${sku}/waitlist`, { as: storefront, body: join });
    expect(joined.body.customer).toBe(COMPOSED);
    expect((await me(sku, COMPOSED)).body.waitlist).toMatchObject({ id: joined.body.id });
  });

  it.each(UNFIT)("[API12] is not %j: 400 in bodies and queries, 401 in a token", async (name) => {
    const sku = await newSku(3);
    const [joining, line] = [
      { quantity: 1, customer: name },
      { sku, quantity: 1 },
    ];
    const as = storefront;
    expectInvalid(await reserve(sku, name), "customer");
    expectInvalid(await call("POST", `/v1/skus/${sku}/waitlist`, { as, body: joining }), "customer");
    expectInvalid(await call("POST", "/v1/carts", { as, body: { customer: name, lines: [line] } }), "customer");
    const commands = [{ type: "reserve", ...joining }];
    expectInvalid(await call("POST", `/v1/skus/${sku}/batch`, { as, body: { commands } }), "customer");
    expectInvalid(await me(sku, name), "customer");
    expectInvalid(await call("GET", `/v1/reservations?customer=${encodeURIComponent(name)}`, { as }), "customer");
    expectProblem(await call("GET", `/v1/skus/${sku}/me`, { as: await tokenFor("shopper", name) }), "unauthenticated");
  });

  it.each(["x".repeat(255), "👟".repeat(255), "__proto__", "Zoë 👟", "O'Neil, Bob"])(
    "[API12] may be %s, everywhere",
    async (name) => {
      const sku = await newSku(3);
      expect((await reserve(sku, name)).body.customer).toBe(name);
      expect((await me(sku, name)).body.myUnits).toBe(1);
      const as = await tokenFor("shopper", name);
      expect((await call("GET", `/v1/skus/${sku}/me`, { as })).body.myUnits).toBe(1);
    },
  );
});
