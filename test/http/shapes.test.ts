import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { cartLine, cartView } from "../../src/contracts/cart.ts";
import { dropView } from "../../src/contracts/drop.ts";
import { entryView } from "../../src/contracts/waitlist.ts";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { act, heldCart, linesOf, openCart, readCart } from "./cart-client.ts";
import { join, leave, on, read, soldOut } from "./waitlist-client.ts";

/** The value is what the documentation says, with no member more. */
function expectShape(schema: z.ZodObject, value: unknown): void {
  const { error } = schema.strict().safeParse(value);
  expect(error?.issues ?? [], JSON.stringify(value)).toEqual([]);
}

function expectCart(answer: Answer): void {
  expectShape(cartView, answer.body);
  for (const line of linesOf(answer)) expectShape(cartLine, line);
}

describe("what is answered is what the documentation says", () => {
  it("[API1] of a cart in every state", async () => {
    const [a, b, gone] = [await newSku(5), await newSku(5), await newSku(0)];
    const cart = await heldCart([a, b, gone], { mode: "best_effort", ttlSeconds: 60 });
    for (const answer of [cart, await readCart(cart), await act(cart, "extend", { ttlSeconds: 600 })])
      expectCart(answer);
    expectCart(await act(cart, "confirm", { orderId: "o" }));
    const released = await heldCart([a]);
    expectCart(await act(released, "release"));
    const line = await heldCart([a, b]);
    const [first] = linesOf(line);
    await on(first?.sku, first?.reservation, "release");
    expectCart(await act(line, "confirm"));
  });

  it("[CRT11] of a cart that was not held", async () => {
    const [a, gone] = [await newSku(5), await newSku(0)];
    const refused = await openCart([a, gone, "no-such-sku"]);
    expect(refused.body.code).toBe("cart-not-held");
    for (const line of linesOf(refused)) expectShape(cartLine, line);
  });

  it("[DRP9] of a drop", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const drop = `drop-${skus[0]}`;
    const plan = { drop, name: "Noon", skus, opensAt: "2090-01-01T00:00:00Z", perCustomerLimit: 1 };
    expectShape(dropView, (await call("POST", "/v1/drops", { as: admin, body: plan })).body);
    const patched = await call("PATCH", `/v1/drops/${drop}`, { as: admin, body: { paused: true, opensAt: null } });
    expectShape(dropView, patched.body);
    expectShape(dropView, (await call("GET", `/v1/drops/${drop}`)).body);
  });

  it("[WTL12] of an entry in every state", async () => {
    const { sku, bobs } = await soldOut();
    const [ann, carol, dave] = [await join(sku, "ann"), await join(sku, "carol"), await join(sku, "dave")];
    const seen: unknown[] = [];
    const look = async (entry: Answer) => {
      const body = await read(entry);
      expectShape(entryView, body);
      seen.push(body.status);
      return body;
    };
    expectShape(entryView, ann.body);
    await on(sku, bobs.body.id, "release");
    await look(ann);
    await leave(ann);
    await look(ann);
    const { reservation } = await look(carol);
    await on(sku, reservation, "confirm");
    await look(carol);
    await leave(dave);
    await look(dave);
    expect(seen).toEqual(["offered", "declined", "offered", "accepted", "withdrawn"]);
    await reserve(sku, "eve");
    expectShape(entryView, (await join(sku, "frank")).body);
    const me = await call("GET", `/v1/skus/${sku}/me?customer=frank`, { as: storefront });
    expectShape(entryView, me.body.waitlist);
  });
});
