import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CartCase } from "./cart-case.ts";
import { breakD1 } from "./d1-state.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function eventsOf(made: CartCase): Promise<{ sequence: number; type: string; sku: string | null }[]> {
  const query = "SELECT sequence, type, sku FROM event WHERE stream = ? ORDER BY sequence";
  return (await env.DB.prepare(query).bind(`cart/${made.id}`).all<{ sequence: number; type: string; sku: null }>())
    .results;
}

async function rowOf(made: CartCase): Promise<Record<string, unknown> | null> {
  return env.DB.prepare("SELECT customer, status, version FROM cart WHERE id = ?").bind(made.id).first();
}

describe("what D1 has of a cart", () => {
  it("[CRT21] is every event in order, without gaps, and its newest state", async () => {
    const made = await CartCase.make();
    await made.open();
    await made.act({ type: "confirm", orderId: "o" });
    await expect
      .poll(() => eventsOf(made))
      .toEqual([
        { sequence: 1, type: "cart.held", sku: null },
        { sequence: 2, type: "cart.confirmed", sku: null },
      ]);
    expect(await rowOf(made)).toEqual({ customer: made.customer, status: "confirmed", version: 2 });
  });

  it("[CRT21] is nothing when it was never held", async () => {
    const made = await CartCase.make();
    await made.plain.run({ type: "adjust", delta: -2, reason: "gone" });
    expect(await made.open()).toHaveProperty("notHeld");
    expect(await made.look()).toBeNull();
    expect([await eventsOf(made), await rowOf(made)]).toEqual([[], null]);
  });

  it("[CRT21] [REC4] catches up by the cart's alarm when D1 was down, which stops no cart", async () => {
    const made = await CartCase.make();
    const outage = breakD1();
    expect(await made.open()).toMatchObject({ ok: true });
    expect(await made.act({ type: "release" })).toMatchObject({ ok: true });
    outage.mockRestore();
    await made.pass(60_000);
    await expect.poll(() => eventsOf(made)).toMatchObject([{ type: "cart.held" }, { type: "cart.released" }]);
  });
});
