import { describe, expect, it } from "vitest";
import { CART_OBJECTS } from "../../src/domain/bounds.ts";
import { cartIdOf, cartObjectOf } from "../../src/domain/cart-placement.ts";

describe("where a cart lives", () => {
  it("[CRT28] follows from its id alone, which says how many objects there were when it was made", () => {
    const id = cartIdOf("abc");
    expect(id).toBe(`abc.${CART_OBJECTS}`);
    expect(cartObjectOf(id)).toMatch(new RegExp(`^carts-\\d+-of-${CART_OBJECTS}$`));
    expect(cartObjectOf("abc.7")).toMatch(/^carts-[0-6]-of-7$/);
  });

  it("[CRT28] is spread evenly over all objects", () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 64_000; index++) {
      const name = cartObjectOf(cartIdOf(`cart-${index}`)) ?? "";
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(counts.size).toBe(CART_OBJECTS);
    expect(Math.min(...counts.values())).toBeGreaterThan(800);
    expect(Math.max(...counts.values())).toBeLessThan(1_200);
  });

  it.each(["", "abc", "abc.", "abc.0", "abc.064", "abc.10000", "abc.64x", "abc.-1"])(
    "[CRT28] is nowhere for an id that no cart has: %o",
    (id) => {
      expect(cartObjectOf(id)).toBeNull();
    },
  );
});
