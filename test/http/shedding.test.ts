import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SHED_AHEAD_MS } from "../../src/domain/load.ts";
import type { Executed } from "../../src/objects/rpc.ts";
import { call, newSku, storefront } from "../client.ts";
import { ObjectSale } from "../objects/object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const reserve = (sku: string) =>
  call("POST", `/v1/skus/${sku}/reservations`, { as: storefront, body: { customer: "ann", quantity: 1 } });

/** Lets the object shed the next reserve, as when its line is full; returns what the object is asked to execute. */
async function shedOnce(sku: string) {
  return runInDurableObject(env.SKU.getByName(sku), (instance) => {
    const prototype = Object.getPrototypeOf(instance) as typeof instance;
    const spy = vi.spyOn(prototype, "execute");
    spy.mockResolvedValueOnce({
      outcomes: [{ ok: false, refusal: { code: "overloaded", retryAfterSeconds: 3 } }],
      recorded: "object",
    } satisfies Executed);
    return spy;
  });
}

describe("a SKU that shed a reserve", () => {
  it("[TXN9] is not asked for a moment: reserves are told 503 at once, payments still reach it, and then all do", async () => {
    const sku = await newSku(5);
    const hold = await reserve(sku);
    const other = await newSku(5);
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now });
    const execute = await shedOnce(sku);
    const shed = await reserve(sku);
    expect([shed.status, shed.body.code, shed.headers.get("Retry-After")]).toEqual([503, "overloaded", "3"]);
    expect(shed.body).not.toHaveProperty("retryAfterSeconds");

    vi.setSystemTime(now + SHED_AHEAD_MS - 1);
    for (const { status, body, headers } of [await reserve(sku), await reserve(sku)]) {
      expect([status, body.code]).toEqual([503, "overloaded"]);
      expect(Number(headers.get("Retry-After"))).toBeGreaterThanOrEqual(3);
      expect(Number(headers.get("Retry-After"))).toBeLessThanOrEqual(6);
    }
    expect(execute).toHaveBeenCalledTimes(1);
    expect((await reserve(other)).status).toBe(201);
    const confirm = `/v1/skus/${sku}/reservations/${hold.body.id}/confirm`;
    expect((await call("POST", confirm, { as: storefront, body: {} })).status).toBe(200);
    // The SKU hears how many were refused for it.
    expect(execute.mock.lastCall?.[3]).toBe(2);

    vi.setSystemTime(now + SHED_AHEAD_MS);
    expect((await reserve(sku)).status).toBe(201);
    expect(await new ObjectSale(sku).look()).toMatchObject({ held: 1, sold: 1 });
    const health = await env.SKU.getByName(sku).health();
    expect(health?.counts).toContainEqual({ command: "reserve", outcome: "overloaded", count: 2 });
  });
});
