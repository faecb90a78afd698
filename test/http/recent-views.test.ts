import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PUBLIC_READ_MS, RECENT_VIEWS_MAX } from "../../src/domain/isolate-memory.ts";
import type { SkuView } from "../../src/domain/model.ts";
import { RecentViews } from "../../src/http/recent-views.ts";
import { admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a caller sees as available, after somebody else took one through another isolate. */
async function seenBy(as: string | undefined): Promise<unknown[]> {
  const sku = await newSku(5);
  const path = `/v1/skus/${sku}`;
  const read = async () => (await call("GET", path, as === undefined ? {} : { as })).body.available;
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now);
  const seen = [await read()];
  const command = { type: "reserve" as const, id: crypto.randomUUID(), customer: "ann", quantity: 1, metadata: {} };
  await env.SKU.getByName(sku).execute([{ actor: { role: "storefront" }, key: null, content: "", command }], 0);
  for (const later of [PUBLIC_READ_MS - 1, PUBLIC_READ_MS]) {
    vi.spyOn(Date, "now").mockReturnValue(now + later);
    seen.push(await read());
  }
  return seen;
}

describe("a read of a SKU", () => {
  it("[API15] of the public is a quarter of a second old at most", async () => {
    expect(await seenBy(undefined)).toEqual([5, 5, 4]);
    expect(await seenBy(await tokenFor("shopper", "bob"))).toEqual([5, 5, 4]);
  });

  it("[API15] of a storefront or an admin is always fresh", async () => {
    expect(await seenBy(storefront)).toEqual([5, 4, 4]);
    expect(await seenBy(admin)).toEqual([5, 4, 4]);
  });

  it.each<[string, (sku: string) => Promise<unknown>]>([
    ["a reserve", (sku) => reserve(sku, "ann")],
    ["an edit", (sku) => call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { name: "Another" } })],
    [
      "a cart",
      (sku) => call("POST", "/v1/carts", { as: storefront, body: { customer: "ann", lines: [{ sku, quantity: 1 }] } }),
    ],
  ])("[API15] shows %s that went through this isolate at once", async (_what, change) => {
    const sku = await newSku(5);
    const read = async () => (await call("GET", `/v1/skus/${sku}`)).body;
    const before = await read();
    expect(await read()).toEqual(before);
    await change(sku);
    expect(await read()).not.toEqual(before);
  });
});

describe("what an isolate remembers", () => {
  const view = { sku: "shoe" } as SkuView;

  it("[API15] is nothing that a change has overtaken", async () => {
    const views = new RecentViews();
    const looking = views.find("shoe", async () => {
      views.forget("shoe");
      return view;
    });
    expect(await looking).toBe(view);
    const look = vi.fn(async () => view);
    await views.find("shoe", look);
    await views.find("shoe", look);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it("[API15] is bounded, and holds neither failures nor missing names", async () => {
    const views = new RecentViews();
    await expect(views.find("shoe", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(await views.find("shoe", async () => null)).toBeNull();
    expect(await views.find("shoe", async () => view)).toBe(view);
    for (let index = 0; index < RECENT_VIEWS_MAX; index++) await views.find(`other-${index}`, async () => view);
    const look = vi.fn(async () => view);
    await views.find("shoe", look);
    expect(look).toHaveBeenCalledTimes(1);
  });
});
