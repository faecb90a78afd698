import { describe, expect, it } from "vitest";
import { REFUSED_ORDERS_MAX } from "../../src/domain/bounds.ts";
import { askConfirmation, askRelease } from "../../src/domain/cart-changes.ts";
import { refundCart, tellingsOf } from "../../src/domain/cart-refund.ts";
import { receive } from "../../src/domain/cart-steps.ts";
import { settleAndCheck } from "./cart-checks.ts";
import { CartWorld } from "./cart-world.ts";

/** A cart of one unit of `a` and two of `b`, held. */
function held(): CartWorld {
  const world = new CartWorld();
  world.addSku("a", 3);
  world.addSku("b", 3);
  world.open("cart", {
    lines: [
      { sku: "a", quantity: 1 },
      { sku: "b", quantity: 2 },
    ],
  });
  world.drive("cart");
  return world;
}

const confirm = (world: CartWorld, orderId: string) =>
  world.ask("cart", (cart) => askConfirmation(cart, orderId, world.now));

function releasedAfter(...givenBack: string[]): CartWorld {
  const world = held();
  for (const sku of givenBack) world.giveBack(sku, `cart-${sku}`);
  world.reportAll();
  world.ask("cart", askRelease);
  world.drive("cart");
  return world;
}

describe("what a cart's refund is for", () => {
  it.each([
    { name: "all lines of a cart that was given back", givenBack: [], lines: { a: [1], b: [2] }, quantity: 3 },
    { name: "not what had been taken out of it before", givenBack: ["a"], lines: { a: [], b: [2] }, quantity: 2 },
    { name: "all of it where nothing was left", givenBack: ["a", "b"], lines: { a: [1], b: [2] }, quantity: 3 },
  ])("[CRT24] is $name", ({ givenBack, lines, quantity }) => {
    const world = releasedAfter(...givenBack);
    expect(world.cart("cart")).toMatchObject({ status: "released", phase: "ended" });
    expect(confirm(world, "o")).toMatchObject({ refusal: { code: "already-released", refundRequired: true } });
    world.drive("cart");
    expect(world.cart("cart").refunds).toMatchObject([{ orderId: "o", quantity, untold: [] }]);
    for (const sku of ["a", "b"] as const) {
      const due = world.object(sku).events.flatMap(({ detail }) => detail?.refund ?? []);
      expect(due).toMatchObject(lines[sku].map((units) => ({ orderId: "o", quantity: units, cart: "cart" })));
    }
    settleAndCheck(world, 3);
  });
});

describe("what lines are told of a refund", () => {
  it("[CRT24] is told again until they have heard it, the oldest first", () => {
    const world = releasedAfter();
    for (const orderId of ["one", "two"]) confirm(world, orderId);
    const cart = world.cart("cart");
    const [first, second] = tellingsOf(cart);
    if (first === undefined || second === undefined) throw new Error("nothing to tell");
    expect([first.orderId, second.orderId]).toEqual(["one", "one"]);
    expect(receive(cart, first, { kind: "lost" }, world.now)).toBe(cart);
    const after = receive(cart, first, { kind: "yes", reservation: null, ttl: null }, world.now);
    expect(tellingsOf(after)).toEqual([{ ...first, orderId: "two" }, second]);
    expect(receive(after, first, { kind: "yes", reservation: null, ttl: null }, world.now)).toBe(after);
  });

  it("[CRT24] waits until the cart rests", () => {
    const world = held();
    confirm(world, "o");
    const locking = refundCart(world.cart("cart"), { orderId: "p", code: "hold-expired" }, world.now);
    expect(tellingsOf(locking)).toEqual([]);
  });
});

describe("what a cart remembers", () => {
  it("[CRT23] are a hundred orders, and one more is none", () => {
    const world = releasedAfter();
    const orders = Array.from({ length: REFUSED_ORDERS_MAX }, (_none, index) => `o${index}`);
    for (const orderId of orders) {
      expect(confirm(world, orderId)).toMatchObject({ refusal: { code: "already-released" } });
    }
    const before = world.cart("cart");
    expect(confirm(world, "one more")).toEqual({ kind: "refused", refusal: expect.anything() });
    expect(confirm(world, "one more")).toMatchObject({ refusal: { code: "invalid-request" } });
    for (const orderId of orders) {
      expect(confirm(world, orderId)).toMatchObject({ refusal: { code: "already-released" } });
    }
    expect(world.cart("cart")).toEqual(before);
  });
});
