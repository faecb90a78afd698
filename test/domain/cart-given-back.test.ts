import { describe, expect, it } from "vitest";
import { takeOut } from "../../src/domain/cart.ts";
import { askConfirmation, askExtension, askRelease } from "../../src/domain/cart-changes.ts";
import { cartEvents } from "../../src/domain/cart-events.ts";
import { refundCart } from "../../src/domain/cart-refund.ts";
import { checkOnTheWay, settleAndCheck } from "./cart-checks.ts";
import { CartWorld } from "./cart-world.ts";

const HELD_MS = 900_000;

type Ask = (world: CartWorld) => unknown;

const confirm: Ask = (world) => world.ask("cart", (cart) => askConfirmation(cart, "order-1", world.now));
const release: Ask = (world) => world.ask("cart", askRelease);
const expire: Ask = (world) => world.pass(HELD_MS);
const giveBack =
  (...skus: string[]): Ask =>
  (world) => {
    for (const sku of skus) world.giveBack(sku, `cart-${sku}`);
  };
const hear: Ask = (world) => world.reportAll();
const extend: Ask = (world) => {
  world.pass(1_000);
  world.ask("cart", (cart) => askExtension(cart, "storefront", null, world.now));
};

/** A cart of two lines, the second one under a limit of the drop, after these asks, with all the cart's events. */
function play(asks: Ask[], before: (world: CartWorld, step: number) => void = () => undefined) {
  const world = new CartWorld();
  world.addSku("a", 2);
  world.addSku("b", 2, 1);
  world.open("cart", { lines: ["a", "b"].map((sku) => ({ sku, quantity: 1 })) });
  const events: string[] = [];
  const watch = <Result>(act: () => Result): Result => {
    const was = world.cart("cart");
    const result = act();
    events.push(...cartEvents(was, world.cart("cart")));
    return result;
  };
  const next = () => watch(() => world.messages("cart"))[0];
  for (const ask of [() => undefined, ...asks]) {
    watch(() => ask(world));
    for (let message = next(); message; message = next()) {
      const said = message;
      watch(() => before(world, world.steps));
      watch(() => world.say("cart", said));
    }
    checkOnTheWay(world, "cart");
  }
  return { world, cart: world.cart("cart"), events };
}

const statesOf = (asks: Ask[]) => play(asks).cart.lines.map(({ state }) => state);

describe("a line that its customer gives back", () => {
  it("[CRT6] is no part of the cart any more, which goes with its last line", () => {
    const { world } = play([]);
    const one = takeOut(world.cart("cart"), "cart-a", world.now);
    expect(one).toMatchObject({ status: "held", lines: [{ state: "gone" }, { state: "held" }] });
    expect(takeOut(one, "cart-a", world.now)).toBe(one);
    expect(takeOut(one, "cart-b", world.now)).toMatchObject({ status: "released", phase: "ended" });
    expect(play([giveBack("a"), hear]).events).toEqual(["cart.held", "cart.line_released"]);
    const asks = [giveBack("a"), hear, giveBack("b"), hear];
    expect(play(asks).events).toEqual(["cart.held", "cart.line_released", "cart.released"]);
  });

  it("[CRT6] is found missing by a confirmation that comes before the news, and the rest is sold", () => {
    expect(statesOf([giveBack("a"), confirm])).toEqual(["gone", "confirmed"]);
  });

  it("[CRT6] takes a cart with it that was just extended, for it was the last", () => {
    const { cart } = play([giveBack("a", "b"), extend]);
    expect(cart).toMatchObject({ status: "released", phase: "ended" });
    expect(play([giveBack("a", "b"), extend, hear, confirm]).cart).toMatchObject({ status: "released" });
  });
});

describe("a line that was given back in time, of which the cart hears after its end", () => {
  const end = [giveBack("a"), expire];

  it("[CRT6] [CRT21] is no part of it all the same, and that is told", () => {
    const { cart, events } = play([...end, hear]);
    expect(cart).toMatchObject({ status: "expired", lines: [{ state: "gone" }, { state: "held" }] });
    expect(events).toEqual(["cart.held", "cart.expired", "cart.line_released"]);
  });

  it.each([
    { news: "before the payment", asks: [hear, confirm] },
    { news: "after the payment", asks: [confirm, hear] },
  ])("[CRT6] [CRT20] does not keep a late payment from saving the rest: news $news", ({ asks }) => {
    const { cart, events, world } = play([...end, ...asks]);
    expect(cart).toMatchObject({ status: "confirmed", rescued: true, refunds: [] });
    expect(cart.lines.map(({ state }) => state)).toEqual(["gone", "confirmed"]);
    expect(events).not.toContain("cart.refund_required");
    expect(world.linesOf("cart").map(({ status }) => status)).toEqual(["released", "confirmed"]);
    settleAndCheck(world);
  });

  it.each([
    { news: "before the payment", asks: [hear, confirm] },
    { news: "after the payment", asks: [confirm, hear] },
  ])("[CRT6] [STA] leaves a cart released when it was the last: news $news", ({ asks }) => {
    const { cart, events, world } = play([giveBack("a", "b"), expire, ...asks]);
    expect(cart).toMatchObject({
      status: "released",
      phase: "ended",
      refunds: [{ orderId: "order-1", code: "already-released" }],
    });
    expect(events.slice(-2)).toEqual(["cart.released", "cart.refund_required"]);
    expect(askConfirmation(cart, "order-2", world.now)).toMatchObject({
      kind: "refused",
      refusal: { code: "already-released", refundRequired: true },
    });
    settleAndCheck(world);
  });

  it("[CRT20] changes nothing about a cart that was refunded", () => {
    const { cart, world } = play([expire]);
    const refunded = refundCart(cart, { orderId: "o", code: "hold-expired" }, world.now);
    expect(takeOut(refunded, "cart-a", world.now)).toBe(refunded);
  });
});

describe("a line that the cart itself gave back", () => {
  /** The extension reaches one line only, for the other one has been given back under its feet. */
  it("[CRT7] [CRT20] expires with it, and a late payment is rescued", () => {
    const { world } = play([]);
    world.pass(1_000);
    world.ask("cart", (cart) => askExtension(cart, "storefront", null, world.now));
    const [first] = world.messages("cart");
    if (first === undefined) throw new Error("nothing to say");
    world.say("cart", first);
    world.pass(HELD_MS - 500);
    world.drive("cart");
    expect(world.cart("cart")).toMatchObject({ status: "expired", phase: "ended", isUneven: true });
    expect(world.linesOf("cart").map(({ status }) => status)).toEqual(["expired", "expired"]);
    confirm(world);
    world.drive("cart");
    expect(world.cart("cart")).toMatchObject({ status: "confirmed", rescued: true });
    settleAndCheck(world);
  });
});

describe("a line that its customer gives back at a bad moment", () => {
  it.each([
    { name: "committed", asks: [] },
    { name: "extended", asks: [extend] },
    { name: "confirmed", asks: [confirm] },
    { name: "released", asks: [release] },
    { name: "paid too late", asks: [expire, confirm] },
  ])("[CRT6] is missed while it is $name", ({ asks }) => {
    const { steps } = play(asks).world;
    for (let at = 0; at <= steps; at++) {
      for (let after = 0; after <= 2; after++) {
        const { world } = play(asks, (world, step) => {
          if (step === at) giveBack("a")(world);
          if (step === at + after) world.reportAll();
        });
        world.reportAll();
        settleAndCheck(world);
      }
    }
  });
});
