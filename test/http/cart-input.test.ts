import { describe, expect, it } from "vitest";
import { admin, call, newSku, storefront, tokenFor } from "../client.ts";
import { act, countsOf, heldCart, linesOf, openCart } from "./cart-client.ts";
import { bodyWith, JUNK, ODD_TEXTS, routeNamed } from "./junk.ts";
import { newPlace, send } from "./routes.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

const one = { sku: "some-sku", quantity: 1 };

describe("the lines of a cart", () => {
  it("[CRT15] are a list of SKUs and quantities, whatever else comes", async () => {
    const route = routeNamed("open a cart");
    const place = await newPlace();
    for (const raw of JUNK)
      expectInvalid(await send(route, place, storefront, bodyWith(route, place, "lines", raw)), "lines");
    for (const raw of JUNK) {
      const body = bodyWith(route, place, "lines", `[{"sku":"s","quantity":${raw}}]`);
      expectInvalid(await send(route, place, storefront, body), "lines.0.quantity");
    }
    for (const text of ODD_TEXTS) expectInvalid(await openCart([one, { sku: text, quantity: 1 }]), "lines.1.sku");
    for (const name of ["a/b", "-a", "é", "x".repeat(65)]) expectInvalid(await openCart([name]), "lines.0.sku");
  });

  it.each([
    ["a quantity", { sku: "s" }, "lines.0.quantity"],
    ["a SKU", { quantity: 1 }, "lines.0.sku"],
    ["a quantity in bounds", { sku: "s", quantity: 10_001 }, "lines.0.quantity"],
    ["no price", { sku: "s", quantity: 1, price: 9 }, "price"],
  ])("[CRT15] have each %s", async (_name, line, member) => {
    const body = { customer: "ann", lines: [line] };
    expectInvalid(await call("POST", "/v1/carts", { as: storefront, body }), member);
  });

  it("[CRT13] are counted before they are summed, and their sum is judged as one quantity", async () => {
    const sku = await newSku(30_000, { maxPerReservation: 10_000, perCustomerLimit: null });
    const many = (count: number, quantity: number) => Array.from({ length: count }, () => ({ sku, quantity }));
    expectInvalid(await openCart(many(21, 1)), "lines");
    expect(linesOf(await heldCart(many(20, 500)))).toMatchObject([{ sku, quantity: 10_000 }]);
    const refused = await openCart(many(2, 10_000));
    expectProblem(refused, "cart-not-held");
    const scope = { code: "limit-exceeded", scope: "reservation", limit: 10_000 };
    expect(linesOf(refused)).toMatchObject([{ quantity: 20_000, problem: scope }]);
    expect(await countsOf(sku)).toMatchObject({ held: 10_000 });
  });
});

describe("what is asked of a cart", () => {
  it.each([
    ["extend", { ttlSeconds: 604_801 }, "ttlSeconds"],
    ["extend", { ttlSeconds: 0 }, "ttlSeconds"],
    ["extend", { until: "2030-01-01T00:00:00Z" }, "until"],
    ["release", { lines: [] }, "lines"],
    ["confirm", { quantity: 1 }, "quantity"],
    ["confirm", { orderId: "" }, "orderId"],
    ["confirm", { orderId: null }, "orderId"],
    ["confirm", { orderId: "x".repeat(129) }, "orderId"],
  ] as const)("[API2] to %s with %j is refused, and nothing has happened", async (action, body, member) => {
    const cart = await heldCart([await newSku(5)]);
    expectInvalid(await act(cart, action, body), member);
    const now = await call("GET", `/v1/carts/${cart.body.id}`, { as: storefront });
    expect(now.body).toEqual(cart.body);
  });

  it("[CRT15] may be a time to live at either bound", async () => {
    const sku = await newSku(5, { holdTtlSeconds: 604_800, maxHoldSeconds: 604_800 });
    const [short, long] = [await heldCart([sku], { ttlSeconds: 1 }), await heldCart([sku], { ttlSeconds: 604_800 })];
    const until = ({ body }: typeof short) => Date.parse(String(body.expiresAt)) - Date.parse(String(body.createdAt));
    expect([Math.round(until(short) / 1000), Math.round(until(long) / 1000)]).toEqual([1, 604_800]);
    for (const ttlSeconds of [0, 604_801]) expectInvalid(await openCart([sku], { ttlSeconds }), "ttlSeconds");
  });

  it.each(["release", "return", "cancel", "lines"])(
    "[API1] %s of a cart that there is not: not found",
    async (action) => {
      const path = `/v1/carts/${crypto.randomUUID()}/${action}`;
      expectProblem(await call("POST", path, { as: storefront, body: {} }), "not-found");
    },
  );

  it.each(["x", "0", "constructor", "..%2Fdrops", "👟", "x".repeat(128), "cart%2F1", "%7B%7D"])(
    "[API1] of the cart %s, which is no id of ours, is not found, whatever its form",
    async (id) => {
      expectProblem(await call("GET", `/v1/carts/${id}`, { as: storefront }), "not-found");
      expectProblem(await call("POST", `/v1/carts/${id}/confirm`, { as: admin, body: {} }), "not-found");
    },
  );
});

describe("whom a cart is for", () => {
  it("[SEC2] says a storefront, and a shopper does not but for itself", async () => {
    const sku = await newSku(5);
    const lines = [{ sku, quantity: 1 }];
    const open = (as: string, body: object) => call("POST", "/v1/carts", { as, body: { lines, ...body } });
    expectInvalid(await open(storefront, {}), "customer");
    const own = `ann-${sku}`;
    const shopper = await tokenFor("shopper", own);
    expectProblem(await open(shopper, { customer: "bob" }), "forbidden");
    expect(await countsOf(sku)).toMatchObject({ held: 0 });
    expect((await open(shopper, { customer: own })).body.customer).toBe(own);
    expect((await open(shopper, {})).body.customer).toBe(own);
    expectProblem(await open(admin, { customer: "ann" }), "forbidden");
  });
});

describe("the plan of a drop", () => {
  it("[DRP8] names its SKUs in a list, whatever else comes, and times as times", async () => {
    const route = routeNamed("create a drop");
    const place = await newPlace();
    for (const raw of JUNK) expectInvalid(await send(route, place, admin, bodyWith(route, place, "skus", raw)), "skus");
    for (const name of ["a/b", "-a", "é", "", "x".repeat(65)]) {
      const body = bodyWith(route, place, "skus", JSON.stringify([place.fresh, name]));
      expectInvalid(await send(route, place, admin, body), "skus.1");
    }
    const times = ["2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "", "0"];
    for (const member of ["opensAt", "closesAt"]) {
      for (const time of times) {
        const body = bodyWith(route, place, member, JSON.stringify(time));
        expectInvalid(await send(route, place, admin, body), member);
      }
    }
    expect((await call("GET", `/v1/skus/${place.fresh}`)).body).toMatchObject({ drop: null, version: 1 });
  });

  it("[API10] has the name of a drop in its path, which is the name of one or of none", async () => {
    for (const name of ["a%2Fb", "-a", ".a", "a%20b", "%00", "é", "x".repeat(65)]) {
      expectInvalid(await call("GET", `/v1/drops/${name}`), "drop");
      expectInvalid(await call("PATCH", `/v1/drops/${name}`, { as: admin, body: {} }), "drop");
    }
    for (const name of ["a", "constructor", "x".repeat(64)]) {
      expectProblem(await call("GET", `/v1/drops/${name}`), "not-found");
    }
  });
});
