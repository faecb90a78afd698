import { describe, expect, it } from "vitest";
import { keep, keepOf, readKept, readKeptOf } from "../../src/web/shop/kept.ts";

function storage() {
  const texts = new Map<string, string>();
  return {
    getItem: (name: string) => texts.get(name) ?? null,
    setItem: (name: string, text: string) => void texts.set(name, text),
  };
}

describe("what the page remembers", () => {
  it("of one drop is not what it remembers of another", () => {
    const shelf = storage();
    keep({ token: "t" }, shelf);
    keepOf("one", { cart: "a", refunded: "a" }, shelf);
    keepOf("two", { cart: "b" }, shelf);
    keepOf("one", { cart: null }, shelf);
    expect(readKeptOf("one", shelf)).toEqual({ cart: null, refunded: "a" });
    expect(readKeptOf("two", shelf)).toEqual({ cart: "b", refunded: null });
    expect(readKept(shelf).token).toBe("t");
  });

  it("is nothing where what is there is not ours", () => {
    const shelf = { ...storage(), getItem: () => "no JSON" };
    expect(readKeptOf("one", shelf)).toEqual({ cart: null, refunded: null });
  });
});
