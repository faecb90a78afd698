import { describe, expect, it } from "vitest";
import type { Cart, Reservation } from "../../src/client/client.ts";
import { cartIn, linesLeft, type Own, type OwnBySku, ordersBeside, ownAfter } from "../../src/web/shop/own.ts";

const opened = "2026-01-01T00:00:00Z";
const line = (members: Partial<Reservation>) =>
  ({ id: "r", sku: "a", status: "held", cart: "c", createdAt: opened, ...members }) as Reservation;
const bought = line({ status: "confirmed", confirmedQuantity: 1, returnedQuantity: 0 });
const only = (reservations: Reservation[], members: Partial<Own> = {}): OwnBySku => ({
  a: { reservations, place: null, toldAtMs: 0, ...members },
});

describe("what is the visitor's", () => {
  it("follows news of reservations", () => {
    const held = ownAfter({}, { type: "reservation", event: "held", reservation: line({}) }, 0);
    expect(cartIn(held)).toBe("c");
    const expired = line({ status: "expired" });
    const ended = ownAfter(held, { type: "reservation", event: "expired", reservation: expired }, 0);
    expect(cartIn(ended)).toBeNull();
    expect(ended.a?.reservations).toHaveLength(1);
  });

  it("is the newest cart of several, and none that was there before", () => {
    const own = only([line({}), line({ id: "s", cart: "newer", createdAt: "2026-01-02T00:00:00Z" })]);
    expect(cartIn(own)).toBe("newer");
    expect(cartIn(own, opened)).toBe("newer");
    expect(cartIn(own, "2026-01-02T00:00:00Z")).toBeNull();
  });

  it("keeps a place on a waitlist that a snapshot has no word of any more", () => {
    const own = only([], { place: "e" });
    const after = ownAfter(own, { type: "snapshot", sku: "a", reservations: [], waitlist: null }, 5);
    expect(after.a).toEqual({ reservations: [], place: "e", toldAtMs: 5 });
  });
});

describe("orders beside a cart", () => {
  it("are those of other carts and of offers, together where they were bought together", () => {
    const laces = { ...bought, id: "l", sku: "b" };
    const own: OwnBySku = {
      ...only([bought, { ...bought, id: "o", cart: null }, { ...bought, id: "n", cart: "newer" }, line({ id: "h" })]),
      b: { reservations: [laces], place: null, toldAtMs: 0 },
    };
    const ids = (cart: string | null) => ordersBeside(cart, own, ["a", "b"]).map((order) => order.map(({ id }) => id));
    expect(ids("newer")).toEqual([["r", "l"], ["o"]]);
    expect(ids("c")).toEqual([["o"], ["n"]]);
    expect(ids(null)).toEqual([["r", "l"], ["o"], ["n"]]);
  });
});

describe("what is left of a cart", () => {
  const cart = {
    createdAt: opened,
    lines: [{ sku: "a", status: "confirmed", reservation: "r" }],
  } as Cart;
  const before = Date.parse(opened) - 1;
  const after = Date.parse(opened) + 1;

  it.each<[string, number, OwnBySku]>([
    ["its line while nothing is known", 1, {}],
    ["its line when it is bought", 1, only([bought], { toldAtMs: after })],
    ["its line when the news of its purchase is still on the way", 1, only([line({})], { toldAtMs: after })],
    ["its line when all was told before it was opened", 1, only([], { toldAtMs: before })],
    ["nothing when it was returned", 0, only([line({ status: "returned" })])],
    ["nothing when it is not among what was told since", 0, only([], { toldAtMs: after })],
  ])("is %s", (_name, count, own) => {
    expect(linesLeft(cart, own)).toHaveLength(count);
  });

  it("is not what was refused or given back", () => {
    const lines = ["held", "released", "refused", "expired"].map((status) => ({ sku: "a", status, reservation: null }));
    expect(linesLeft({ createdAt: opened, lines } as unknown as Cart, {})).toHaveLength(1);
  });
});
