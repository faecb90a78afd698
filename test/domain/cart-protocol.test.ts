import { describe, expect, it } from "vitest";
import type { Cart } from "../../src/domain/cart.ts";
import { askConfirmation, askExtension, askRelease } from "../../src/domain/cart-changes.ts";
import { checkOnTheWay, settleAndCheck } from "./cart-checks.ts";
import { CartWorld } from "./cart-world.ts";
import type { Fate } from "./loans.ts";

/** A cart of three lines, the middle one under the limit of a drop, and what is asked of it one after the other. */
interface Scenario {
  name: string;
  short?: string;
  /** The customer has all that the limit allows in another size before the cart is opened. */
  isOverLimit?: boolean;
  mode?: Cart["mode"];
  asks: ((world: CartWorld) => void)[];
  /** What becomes of it when nothing goes wrong. */
  ends: string;
  /** The orders that were refused for good, the newest first. */
  refunds?: string[];
}

const confirm = (world: CartWorld) => void world.ask("cart", (cart) => askConfirmation(cart, "order-1", world.now));
const release = (world: CartWorld) => void world.ask("cart", askRelease);
const extend = (world: CartWorld) => {
  world.pass(200_000);
  world.ask("cart", (cart) => askExtension(cart, "storefront", null, world.now));
};
const wait = (ms: number) => (world: CartWorld) => world.pass(ms);
const confirmOther = (world: CartWorld) =>
  void world.ask("cart", (cart) => askConfirmation(cart, "order-2", world.now));
const takeAll = (world: CartWorld) => adjustBy(world, -3);
const bringBack = (world: CartWorld) => adjustBy(world, 3);
const adjustBy = (world: CartWorld, delta: number) => {
  const command = { type: "adjust" as const, delta, reason: "counted" };
  world.object("c").execute([{ actor: { role: "admin" }, key: null, content: "", command }]);
};

const holdElsewhere = (world: CartWorld) => world.hold("d");
const payElsewhere = (world: CartWorld) => world.pay("d");

const SCENARIOS: Scenario[] = [
  { name: "hold", asks: [], ends: "held" },
  { name: "one line short", short: "c", asks: [], ends: "released" },
  { name: "best effort", short: "c", mode: "best_effort", asks: [], ends: "held" },
  { name: "extend", asks: [extend], ends: "held" },
  { name: "confirm", asks: [confirm], ends: "confirmed" },
  { name: "release", asks: [release], ends: "released" },
  { name: "expire", asks: [wait(1_000_000)], ends: "expired" },
  { name: "a late payment that can be rescued", asks: [wait(1_000_000), confirm], ends: "confirmed" },
  {
    name: "a late payment that cannot",
    asks: [wait(1_000_000), takeAll, confirm],
    ends: "expired",
    refunds: ["order-1"],
  },
  { name: "one line over the limit", isOverLimit: true, asks: [], ends: "released" },
  {
    name: "a late payment over the limit",
    asks: [wait(1_000_000), holdElsewhere, payElsewhere, confirm],
    ends: "expired",
    refunds: ["order-1"],
  },
  {
    name: "a late payment that a hold of the same customer gives way to",
    asks: [wait(1_000_000), holdElsewhere, confirm],
    ends: "confirmed",
  },
  {
    name: "two late payments, the second of which can",
    asks: [wait(1_000_000), takeAll, confirm, bringBack, confirmOther, confirm],
    ends: "confirmed",
    refunds: ["order-1"],
  },
  { name: "a second payment", asks: [confirm, confirmOther, confirm], ends: "confirmed", refunds: ["order-2"] },
  {
    name: "payments after a release",
    asks: [release, confirm, confirmOther],
    ends: "released",
    refunds: ["order-2", "order-1"],
  },
];

function play(scenario: Scenario, fateOf?: (step: number) => Fate, stop?: { at: number; forMs: number }): CartWorld {
  const world = new CartWorld();
  world.addSku("a", 3);
  world.addSku("b", 3, 1);
  world.addSku("c", scenario.short === "c" ? 0 : 3);
  world.addSku("d", 3, 1);
  if (scenario.isOverLimit) holdElsewhere(world);
  world.open("cart", {
    mode: scenario.mode ?? "all_or_nothing",
    lines: ["c", "a", "b"].map((sku) => ({ sku, quantity: 1 })),
  });
  const drive = () => {
    world.drive("cart", fateOf, stop?.at);
    if (stop !== undefined && world.steps >= stop.at) {
      world.crash("cart");
      world.pass(stop.forMs);
      checkOnTheWay(world, "cart");
    }
    // Its alarm takes up what was left, and the network is sound again.
    world.drive("cart", stop === undefined ? fateOf : undefined);
    world.reportAll();
    checkOnTheWay(world, "cart");
  };
  drive();
  for (const ask of scenario.asks) {
    if (world.cart("cart").status === "pending") break;
    ask(world);
    drive();
  }
  return world;
}

describe.each(SCENARIOS)("a cart: $name", (scenario) => {
  const total = play(scenario).steps;

  it(`[CRT1] ends ${scenario.ends} when nothing goes wrong`, () => {
    const world = play(scenario);
    expect(world.cart("cart").status).toBe(scenario.ends);
    expect(world.cart("cart").refunds.map(({ orderId }) => orderId)).toEqual(scenario.refunds ?? []);
    settleAndCheck(world);
  });

  it.each([0, 5_000, 12_000, 70_000])(
    "[CRT2] ends whole when its coordinator stops after any step, for %i ms",
    (forMs) => {
      for (let at = 0; at <= total; at++) settleAndCheck(play(scenario, undefined, { at, forMs }));
    },
  );

  it.each(["lost", "answer lost", "twice", "late"] as const)("[CRT2] ends whole when any one message is %s", (fate) => {
    for (let step = 0; step < total; step++) settleAndCheck(play(scenario, (one) => (one === step ? fate : "fine")));
  });

  it("[CRT2] ends whole when a message is late and its coordinator stops as well", () => {
    for (let step = 0; step < total; step++) {
      const world = play(scenario, (one) => (one === step ? "late" : "fine"), { at: step + 1, forMs: 9_000 });
      settleAndCheck(world);
    }
  });
});
