import { describe, expect, it } from "vitest";
import { TRY_MS } from "../../src/domain/bounds.ts";
import { askConfirmation, askExtension, askRelease } from "../../src/domain/cart-changes.ts";
import { checkOnTheWay, settleAndCheck } from "./cart-checks.ts";
import { CartWorld } from "./cart-world.ts";
import type { Fate } from "./loans.ts";

type Ask = (world: CartWorld) => unknown;

const confirm: Ask = (world) => world.ask("cart", (cart) => askConfirmation(cart, "order-1", world.now));
const release: Ask = (world) => world.ask("cart", askRelease);
const expire: Ask = (world) => world.pass(1_000_000);
const extend: Ask = (world) => {
  world.pass(1_000);
  world.ask("cart", (cart) => askExtension(cart, "storefront", null, world.now));
};

/** A cart of two lines, the second one under a limit of the drop, that is about to be tried. */
function opened(): CartWorld {
  const world = new CartWorld();
  world.addSku("a", 2);
  world.addSku("b", 2, 1);
  world.open("cart", { lines: ["a", "b"].map((sku) => ({ sku, quantity: 1 })) });
  return world;
}

function play(asks: Ask[], fateOf: (world: CartWorld, step: number) => Fate = () => "fine"): CartWorld {
  const world = opened();
  for (const ask of [() => undefined, ...asks]) {
    ask(world);
    world.drive("cart", (step) => fateOf(world, step));
    checkOnTheWay(world, "cart");
  }
  return world;
}

/** Two messages are late. Then the network is gone until all tries are over, and both arrive after `arrival`. */
function playLate(asks: Ask[], first: number, second: number, arrival: number): CartWorld {
  return play(asks, (world, step) => {
    if (step === second + 1) world.pass(TRY_MS + 1_000);
    if (step === arrival) {
      world.deliverLate();
      world.reportAll("last");
    }
    return step === first || step === second ? "late" : "fine";
  });
}

describe("two messages of a cart that are late", () => {
  it.each([
    { name: "while it is held", asks: [] },
    { name: "while it is extended twice", asks: [extend, extend] },
    { name: "while it is confirmed", asks: [extend, confirm] },
    { name: "while it is released", asks: [release] },
    { name: "while it is paid too late", asks: [expire, confirm] },
  ])("[CRT2] do nothing that it would not do by then, $name", ({ asks }) => {
    const { steps } = play(asks);
    for (let first = 0; first < steps; first++) {
      for (let second = first; second < steps; second++) {
        for (let arrival = second + 1; arrival <= steps + 4; arrival++) {
          settleAndCheck(playLate(asks, first, second, arrival));
        }
      }
    }
  });

  it("[CRT2] [TRY6] try and commit nothing for a cart that has given up", () => {
    const world = opened();
    world.drive("cart", undefined, 2);
    for (const message of world.messages("cart")) world.say("cart", message, "late");
    world.drive("cart", undefined, 5);
    expect(world.cart("cart").phase).toBe("committing");
    for (const message of world.messages("cart")) world.say("cart", message, "late");
    world.pass(TRY_MS);
    world.drive("cart");
    world.reportAll();
    expect(world.cart("cart").status).toBe("released");
    world.deliverLate();
    expect(world.linesOf("cart").map(({ attempt }) => attempt?.purpose)).toEqual(["hold"]);
    world.pass(TRY_MS);
    expect(["a", "b"].map((sku) => world.object(sku).sku?.held)).toEqual([0, 0]);
  });
});
