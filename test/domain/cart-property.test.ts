import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askConfirmation, askExtension, askRelease } from "../../src/domain/cart-changes.ts";
import { checkOnTheWay, settleAndCheck } from "./cart-checks.ts";
import { CartWorld } from "./cart-world.ts";
import type { Fate } from "./loans.ts";
import { ADMIN, request } from "./sale.ts";

const CARTS = ["one", "two", "three", "four"];
const LIMIT = 2;

const cartId = fc.constantFrom(...CARTS);
const fate = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fate>("fine") },
  { weight: 1, arbitrary: fc.constantFrom<Fate>("lost", "answer lost", "twice", "late") },
);
const step = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ type: fc.constant("say" as const), id: cartId, fate, claimFate: fate, pick: fc.nat(5) }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("drive" as const), id: cartId }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom("confirm" as const, "release" as const, "extend" as const),
      id: cartId,
      order: fc.nat(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(30, 900, 4_000, 11_000, 70_000) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constant(950_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom("late" as const, "report" as const, "sell out" as const) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("one late" as const), pick: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("hear" as const), pick: fc.nat(9), isAgain: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom("crash" as const, "give back" as const), id: cartId }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function openAll(): CartWorld {
  const world = new CartWorld();
  world.addSku("a", 3);
  world.addSku("b", 3, LIMIT);
  world.addSku("c", 4, LIMIT);
  const lines = [
    ["a", "b"],
    ["b", "a"],
    ["c", "b", "a"],
    ["b", "c"],
  ];
  for (const [index, id] of CARTS.entries()) {
    const named = (lines[index] ?? []).map((sku) => ({ sku, quantity: 1 }));
    const mode = index === 3 ? ("best_effort" as const) : ("all_or_nothing" as const);
    world.open(id, { lines: named, customer: index % 2 === 0 ? "ann" : "bob", mode });
  }
  return world;
}

function take(world: CartWorld, one: Step): void {
  switch (one.type) {
    case "say": {
      const messages = world.messages(one.id);
      const message = messages[one.pick % Math.max(1, messages.length)];
      world.claimFate = () => one.claimFate;
      if (message) world.say(one.id, message, one.fate);
      return;
    }
    case "drive":
      world.drive(one.id);
      return;
    case "pass":
      world.pass(one.ms);
      return;
    case "late":
      world.deliverLate();
      return;
    case "one late":
      world.deliverLate(one.pick);
      return;
    case "report":
      world.reportAll("last");
      return;
    case "hear":
      world.gatherNews();
      world.hear(one.pick, one.isAgain);
      return;
    case "crash":
      world.crash(one.id);
      return;
    case "give back":
      giveBack(world, one.id);
      return;
    case "sell out":
      sellOut(world);
      return;
    default: {
      // Whoever asks waits for what is under way, as the cart's object does.
      if (world.messages(one.id).length > 0) return;
      const { id, type } = one;
      if (type === "confirm") world.ask(id, (cart) => askConfirmation(cart, `order ${one.order} of ${id}`, world.now));
      if (type === "release") world.ask(id, askRelease);
      if (type === "extend") world.ask(id, (cart) => askExtension(cart, "storefront", null, world.now));
    }
  }
}

/** The customer gives the first line back that it can see. */
function giveBack(world: CartWorld, id: string): void {
  const seen = world.linesOf(id).find(({ status, attempt }) => status === "held" && attempt === null);
  if (seen) world.giveBack(seen.sku, seen.id);
}

/** What is free of `a` goes. */
function sellOut(world: CartWorld): void {
  const object = world.object("a");
  const { stock, held, sold } = object.sku ?? { stock: 0, held: 0, sold: 0 };
  if (stock - held - sold === 0) return;
  const command = { type: "adjust" as const, delta: held + sold - stock, reason: "gone" };
  object.execute([request(command, { actor: ADMIN })]);
}

describe("carts that want the same units, on a bad network", () => {
  it("[CRT2] [ALW1] each end whole, and nothing is stranded, leaked or over the limit", () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 150, size: "max" }), (steps) => {
        const world = openAll();
        for (const one of steps) {
          take(world, one);
          for (const id of CARTS) checkOnTheWay(world, id, LIMIT);
        }
        settleAndCheck(world, LIMIT);
        for (const cart of world.carts.values()) ends.add(cart.refunds.length > 0 ? "refund" : cart.status);
      }),
      { numRuns: 150 },
    );
    expect([...ends].sort()).toEqual(["confirmed", "expired", "held", "refund", "released"]);
  }, 60_000);
});
