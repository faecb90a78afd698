import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { allowanceOf } from "../domain/sale.ts";
import { prototypeOf } from "../objects/prototype.ts";
import { expectProblem } from "./verdict.ts";
import { on } from "./waitlist-client.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function me(sku: string, customer = "ann"): Promise<Answer["body"]> {
  const answer = await call("GET", `/v1/skus/${sku}/me?customer=${customer}`, { as: storefront });
  expect(answer.status).toBe(200);
  return answer.body;
}

/** Two sizes of a drop with a limit. */
async function twoSizes(perCustomerLimit: number, policy = {}): Promise<{ drop: string; a: string; b: string }> {
  const [a, b] = [await newSku(5, policy), await newSku(5, policy)];
  const drop = `drop-${a}`;
  const body = { drop, name: "Noon", skus: [a, b], perCustomerLimit };
  expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
  return { drop, a, b };
}

/** Watches how often a customer's count is asked what it leaves. */
async function spyOnLeft(drop: string) {
  return vi.spyOn(await prototypeOf(env.ALLOWANCE.getByName(allowanceOf(drop, "ann")), "left"), "left");
}

describe("what a customer may still take in a drop with a limit", () => {
  it("[API8] [ALW1] is what the limit leaves over all sizes, and a claim agrees", async () => {
    const { a, b } = await twoSizes(3);
    expect(await me(a)).toMatchObject({ availableToMe: 3, myUnits: 0 });
    const held = await reserve(a, "ann", 2);
    expect(await me(a)).toMatchObject({ availableToMe: 1, myUnits: 2 });
    expect(await me(b)).toMatchObject({ availableToMe: 1, myUnits: 0 });
    expect(await me(b, "bob")).toMatchObject({ availableToMe: 3 });
    expectProblem(await reserve(b, "ann", 2), "limit-exceeded", { remaining: 1, scope: "drop" });
    await on(a, held.body.id, "confirm");
    expect(await me(b)).toMatchObject({ availableToMe: 1 });
    await on(a, held.body.id, "return", { quantity: 1 });
    expect(await me(b)).toMatchObject({ availableToMe: 2 });
    expect((await reserve(b, "ann", 2)).status).toBe(201);
    for (const sku of [a, b]) expect(await me(sku)).toMatchObject({ availableToMe: 0 });
  });

  it("[API8] [ALW6] is all of it at the very instant a hold in another size dies", async () => {
    const { a, b } = await twoSizes(1, { holdTtlSeconds: 60 });
    const held = await reserve(a, "ann");
    expect(await me(b)).toMatchObject({ availableToMe: 0 });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(held.body.expiresAt)) });
    expect(await me(b)).toMatchObject({ availableToMe: 1 });
  });

  it("[API8] is not asked for when there is nothing to be had", async () => {
    const { drop, a, b } = await twoSizes(1);
    for (const customer of ["carol", "dave", "eve", "fred", "gus"]) await reserve(a, customer);
    const asked = await spyOnLeft(drop);
    expect(await me(a)).toMatchObject({ availableToMe: 0 });
    expect(asked).not.toHaveBeenCalled();
    expect(await me(b)).toMatchObject({ availableToMe: 1 });
    expect(asked).toHaveBeenCalledOnce();
  });

  it("[API8] is the limit itself while nobody can say, and holds are found all the same", async () => {
    const { drop, a, b } = await twoSizes(2);
    const held = await reserve(a, "ann", 2);
    vi.spyOn(console, "warn").mockImplementation(() => {});
    (await spyOnLeft(drop)).mockRejectedValue(new Error("away"));
    expect(await me(b)).toMatchObject({ availableToMe: 2, myUnits: 0 });
    expect(await me(a)).toMatchObject({ myUnits: 2, reservations: [{ id: held.body.id }] });
  });
});

describe("a try", () => {
  it("[TRY4] [API8] is none of the customer's units, but leaves the fewer to be taken", async () => {
    const sku = await newSku(5, { perCustomerLimit: 3 });
    const own = await reserve(sku, "ann");
    const command = {
      type: "reserve" as const,
      id: crypto.randomUUID(),
      customer: "ann",
      quantity: 1,
      metadata: {},
      cart: "c",
    };
    const request = { actor: { role: "service" as const }, key: null, content: "", command };
    await env.SKU.getByName(sku).execute([request], 0);
    expect(await me(sku)).toMatchObject({ availableToMe: 1, myUnits: 1, reservations: [{ id: own.body.id }] });
    const path = `/v1/skus/${sku}/reservations/${command.id}`;
    for (const as of [admin, storefront, await tokenFor("shopper", "ann")]) {
      expect((await call("GET", path, { as })).status).toBe(404);
    }
    const settle = { type: "settle" as const, id: command.id, granted: true, of: "reserve" as const };
    await env.SKU.getByName(sku).execute([{ ...request, command: settle }], 0);
    expect(await me(sku)).toMatchObject({ availableToMe: 1, myUnits: 2 });
    expect((await call("GET", path, { as: storefront })).body).toMatchObject({ id: command.id, status: "held" });
  });
});
