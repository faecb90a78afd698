import { describe, expect, it } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { expectProblem } from "./verdict.ts";

const POST = (path: string, as: string, body: unknown = {}) => call("POST", path, { as, body });

/** A SKU of one pair that ann holds and bob was refused; `letGo` is how she loses it. */
async function wanted(letGo: (path: string, ann: string) => Promise<Answer>, policy: Record<string, unknown> = {}) {
  const sku = await newSku(1, policy);
  const path = `/v1/skus/${sku}`;
  const ann = await tokenFor("shopper", `ann-${sku}`);
  const held = await POST(`${path}/reservations`, ann, { quantity: 1 });
  expectProblem(await reserve(sku, "bob"), "insufficient-stock", { state: "held_elsewhere" });
  expect((await letGo(`${path}/reservations/${held.body.id}`, ann)).status).toBe(200);
  return { sku, path, ann, reserves: () => POST(`${path}/reservations`, ann, { quantity: 1 }) };
}

describe("a shopper who let go of what others were refused", () => {
  it("[LGO2] is told when to come again, may wait meanwhile, and others go first", async () => {
    const { sku, path, ann, reserves } = await wanted((one, as) => POST(`${one}/release`, as), { reholdSeconds: 20 });
    const refused = await reserves();
    const seconds = Number(refused.headers.get("Retry-After"));
    const members = { scope: "rehold", limit: 20, used: 5, remaining: 0, retryAfterSeconds: seconds };
    expectProblem(refused, "limit-exceeded", members);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(20);
    expect((await call("GET", `${path}/me`, { as: ann })).body).toMatchObject({ availableToMe: 0 });
    expect((await call("GET", `${path}/me?customer=bob`, { as: storefront })).body).toMatchObject({ availableToMe: 1 });
    expect((await reserve(sku, "bob")).status).toBe(201);
    expect((await POST(`${path}/waitlist`, ann, { quantity: 1 })).status).toBe(201);
  });

  it("[LGO2] is refused in a cart as well, whose lines say when to come again", async () => {
    const { sku, ann } = await wanted((one, as) => POST(`${one}/release`, as));
    const answer = await POST("/v1/carts", ann, { lines: [{ sku, quantity: 1 }] });
    const problem = { code: "limit-exceeded", scope: "rehold", limit: 30 };
    expectProblem(answer, "cart-not-held", {
      lines: [expect.objectContaining({ problem: expect.objectContaining(problem) })],
    });
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
  });

  it.each([
    { who: "a storefront whose payment failed", as: storefront, body: { reason: "payment" } },
    { who: "an admin", as: admin, body: {} },
  ])("[LGO3] has not let go of what $who released", async ({ as, body }) => {
    const { reserves } = await wanted((one) => POST(`${one}/release`, as, body));
    expect((await reserves()).status).toBe(201);
  });

  it("[LGO3] has not let go of what a batch released after a failed payment", async () => {
    const { reserves } = await wanted((one) => {
      const [sku, id] = [one.split("/")[3], one.split("/")[5]];
      return POST(`/v1/skus/${sku}/batch`, storefront, { commands: [{ type: "release", id, reason: "payment" }] });
    });
    expect((await reserves()).status).toBe(201);
  });

  it.each([
    { who: "she herself", actor: "ann", body: {}, status: 409 },
    { who: "an admin", actor: "admin", body: {}, status: 201 },
    { who: "a storefront whose payment failed", actor: "storefront", body: { reason: "payment" }, status: 201 },
  ])("[LGO3] reserves after $who released her cart: $status", async ({ actor, body, status }) => {
    const sku = await newSku(1);
    const ann = await tokenFor("shopper", `ann-${sku}`);
    const cart = await POST("/v1/carts", ann, { lines: [{ sku, quantity: 1 }] });
    expectProblem(await reserve(sku, "bob"), "insufficient-stock");
    const as = { ann, admin, storefront }[actor] ?? "";
    expect((await POST(`/v1/carts/${cart.body.id}/release`, as, body)).status).toBe(200);
    const again = () => POST(`/v1/skus/${sku}/reservations`, ann, { quantity: 1 });
    await expect.poll(async () => (await call("GET", `/v1/skus/${sku}`, { as: admin })).body.held).toBe(0);
    expect((await again()).status).toBe(status);
  });

  it("[API2] a release takes no other reason", async () => {
    const sku = await newSku(1);
    const held = await reserve(sku, "ann");
    const answer = await POST(`/v1/skus/${sku}/reservations/${held.body.id}/release`, storefront, { reason: "undone" });
    expectProblem(answer, "invalid-request");
  });
});
