import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { cartIdOf, cartObjectOf } from "../../src/domain/cart-placement.ts";
import type { CartOutcome } from "../../src/domain/cart-requests.ts";
import { ObjectSale } from "./object-sale.ts";

const CARTS = 120;
const UNITS = 30;
/** Carts that may lose though units were left, because they gave up waiting for others that failed. */
const HANDFUL = 3;

async function open(names: string[], customer: string): Promise<CartOutcome> {
  const id = cartIdOf(crypto.randomUUID());
  const lines = names.map((sku) => ({ sku, quantity: 1, reservation: crypto.randomUUID() }));
  const wanted = { id, customer, role: "storefront" as const, mode: "all_or_nothing" as const, ttlSeconds: null };
  const { outcome } = await env.CART.getByName(cartObjectOf(id) ?? "").open({ ...wanted, lines, content: "" }, 0);
  return outcome as CartOutcome;
}

describe("a hundred and twenty carts over two SKUs, half of them the other way round", () => {
  it.each([
    { first: UNITS, second: UNITS },
    { first: UNITS, second: CARTS },
    { first: CARTS, second: UNITS },
  ])(
    "[CRT4] win as often as $first and $second units allow, but for a handful",
    async ({ first, second }) => {
      const sales = [await ObjectSale.open(first), await ObjectSale.open(second)];
      const names = sales.map(({ name }) => name);
      const outcomes = await Promise.all(
        Array.from({ length: CARTS }, (_none, index) =>
          open(index % 2 === 0 ? names : names.toReversed(), `customer-${index}`),
        ),
      );
      const won = outcomes.filter(({ ok }) => ok).length;
      expect(won).toBeLessThanOrEqual(UNITS);
      expect(won).toBeGreaterThanOrEqual(UNITS - HANDFUL);
      for (const outcome of outcomes) if (!outcome.ok) expect(outcome).toHaveProperty("notHeld");
      for (const sale of sales) {
        expect(await sale.look()).toMatchObject({ held: won });
        expect(await sale.count("reservation", "attempt IS NOT NULL")).toBe(0);
        await sale.audit();
      }
    },
    30_000,
  );
});
