import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, call, newSku, tokenFor } from "../client.ts";
import { act, heldCart, readCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

describe("more time for a cart", () => {
  const policy = { holdTtlSeconds: 60, maxHoldSeconds: 1800 };
  const seconds = ({ body }: Answer) => Math.round((Date.parse(String(body.expiresAt)) - Date.now()) / 1000);

  it("[CRT16] [RSV5] is what the shopper may have who asks, whoever opened it", async () => {
    const cart = await heldCart([await newSku(5, policy)], { customer: "ann-extends", ttlSeconds: 10 });
    const as = await tokenFor("shopper", "ann-extends");
    const extended = await call("POST", `/v1/carts/${cart.body.id}/extend`, { as, body: { ttlSeconds: 1500 } });
    expect([extended.status, seconds(extended)]).toEqual([200, 60]);
  });

  it("[CRT16] [RSV5] is what the storefront may have that asks, whoever opened it", async () => {
    const as = await tokenFor("shopper", "ann-pays");
    const body = { lines: [{ sku: await newSku(5, policy), quantity: 1 }] };
    const cart = await call("POST", "/v1/carts", { as, body });
    const extended = await act(cart, "extend", { ttlSeconds: 1500 });
    expect([extended.status, seconds(extended)]).toEqual([200, 1500]);
  });

  it("[CRT16] is the lines' usual time when none is named, and gains nothing twice in the same moment", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const cart = await heldCart([await newSku(5), await newSku(5, policy)], { ttlSeconds: 10 });
    const extended = await act(cart, "extend");
    expect(seconds(extended)).toBe(60);
    expectProblem(await act(cart, "extend"), "extension-limit");
    expect((await readCart(cart)).body).toEqual(extended.body);
  });
});
