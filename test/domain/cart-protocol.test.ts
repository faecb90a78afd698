import { describe, expect, it } from "vitest";
import { askConfirmation, askExtension, askRelease, type Cart } from "../../src/domain/cart.ts";
import { assertConserved, isDead } from "../../src/domain/stock.ts";
import { CartWorld, type Fate } from "./cart-world.ts";

/** A cart of three lines, the middle one under the limit of a drop, and what is asked of it one after the other. */
interface Scenario {
  name: string;
  short?: string;
  mode?: Cart["mode"];
  asks: ((world: CartWorld) => void)[];
  /** What becomes of it when nothing goes wrong. */
  ends: string;
}

const ORDER = "order-1";
const confirm = (world: CartWorld) => void world.ask("cart", (cart) => askConfirmation(cart, ORDER));
const release = (world: CartWorld) => void world.ask("cart", askRelease);
const extend = (world: CartWorld) => {
  world.pass(200_000);
  world.ask("cart", (cart) => askExtension(cart, null, world.now));
};
const wait = (ms: number) => (world: CartWorld) => world.pass(ms);
const takeAll = (world: CartWorld) => {
  const command = { type: "adjust" as const, delta: -3, reason: "gone" };
  world.object("c").execute([{ actor: { role: "admin" }, key: null, content: "", command }]);
};

const SCENARIOS: Scenario[] = [
  { name: "hold", asks: [], ends: "held" },
  { name: "one line short", short: "c", asks: [], ends: "released" },
  { name: "best effort", short: "c", mode: "best_effort", asks: [], ends: "held" },
  { name: "extend", asks: [extend], ends: "held" },
  { name: "confirm", asks: [confirm], ends: "confirmed" },
  { name: "release", asks: [release], ends: "released" },
  { name: "expire", asks: [wait(1_000_000)], ends: "expired" },
  { name: "a late payment that can be rescued", asks: [wait(1_000_000), confirm], ends: "confirmed" },
  { name: "a late payment that cannot", asks: [wait(1_000_000), takeAll, confirm], ends: "expired" },
];

function play(scenario: Scenario, fateOf?: (step: number) => Fate, stop?: { at: number; forMs: number }): CartWorld {
  const world = new CartWorld();
  world.addSku("a", 3);
  world.addSku("b", 3, 1);
  world.addSku("c", scenario.short === "c" ? 0 : 3);
  world.open("cart", {
    mode: scenario.mode ?? "all_or_nothing",
    lines: ["c", "a", "b"].map((sku) => ({ sku, quantity: 1 })),
  });
  const drive = () => {
    world.drive("cart", fateOf, stop?.at);
    if (stop !== undefined && world.steps >= stop.at) {
      world.pass(stop.forMs);
      checkOnTheWay(world);
    }
    // Its alarm takes up what was left, and the network is sound again.
    world.drive("cart", stop === undefined ? fateOf : undefined);
    world.reportAll();
    checkOnTheWay(world);
  };
  drive();
  for (const ask of scenario.asks) {
    if (world.cart("cart").version < 0 || world.cart("cart").status === "pending") break;
    ask(world);
    drive();
  }
  return world;
}

/** What must never be seen, at any moment: a line that died under a cart that was told "held", or under its confirmation. */
function checkOnTheWay(world: CartWorld): void {
  const cart = world.cart("cart");
  const lines = world.linesOf("cart");
  if (cart.status === "held" && cart.expiresAt !== null && world.now < cart.expiresAt) {
    const held = cart.lines.filter(({ state }) => state === "held").length;
    expect(lines.filter((line) => line.status === "held" && !isDead(line, world.now))).toHaveLength(held);
  }
  for (const line of lines) if (line.lockedUntil !== null) expect(line.status).toBe("held");
  for (const { sku } of world.skus.values()) if (sku !== null) assertConserved(sku);
}

/** Wholly held, wholly sold or wholly gone; no unit stranded, no allowance leaked. */
function checkEnd(world: CartWorld): void {
  // What was late arrives. What it set aside lapses by itself, and what it locked is asked about.
  world.deliverLate();
  world.pass(60_000);
  world.drive("cart");
  world.reportAll();
  const cart = world.cart("cart");
  expect(["held", "ended"]).toContain(cart.phase);
  const lines = world.linesOf("cart");
  const live = lines.filter(({ status }) => status === "held" || status === "confirmed");
  const expected = cart.lines.filter(({ state }) => state !== "refused" && state !== "gone").length;
  switch (cart.status) {
    case "held":
      expect(live.map(({ status, attempt, expiresAt }) => ({ status, attempt, expiresAt }))).toEqual(
        Array.from({ length: expected }, () => ({ status: "held", attempt: null, expiresAt: cart.expiresAt })),
      );
      break;
    case "confirmed":
      expect(live.map(({ status, orderId }) => ({ status, orderId }))).toEqual(
        Array.from({ length: expected }, () => ({ status: "confirmed", orderId: ORDER })),
      );
      break;
    default:
      expect(live).toEqual([]);
  }
  for (const object of world.skus.values()) {
    const held = [...object.reservations.values()].filter(({ status }) => status === "held");
    expect(object.sku?.held).toBe(held.reduce((sum, { quantity }) => sum + quantity, 0));
    expect(held.every(({ attempt, lockedUntil }) => attempt === null && lockedUntil === null)).toBe(true);
  }
  expect(world.countedUnitsOf("ann")).toBe(world.liveUnitsOf("ann"));
  expect(world.countedUnitsOf("ann")).toBeLessThanOrEqual(1);
}

describe.each(SCENARIOS)("a cart: $name", (scenario) => {
  const total = play(scenario).steps;

  it(`[CRT1] ends ${scenario.ends} when nothing goes wrong`, () => {
    const world = play(scenario);
    expect(world.cart("cart").status).toBe(scenario.ends);
    expect(world.cart("cart").refundRequired).toBe(scenario.name === "a late payment that cannot");
    checkEnd(world);
  });

  it.each([0, 5_000, 12_000, 70_000])(
    "[CRT2] ends whole when its coordinator stops after any step, for %i ms",
    (forMs) => {
      for (let at = 0; at <= total; at++) checkEnd(play(scenario, undefined, { at, forMs }));
    },
  );

  it.each(["lost", "answer lost", "twice", "late"] as const)("[CRT2] ends whole when any one message is %s", (fate) => {
    for (let step = 0; step < total; step++) checkEnd(play(scenario, (one) => (one === step ? fate : "fine")));
  });

  it("[CRT2] ends whole when a message is late and its coordinator stops as well", () => {
    for (let step = 0; step < total; step++) {
      const world = play(scenario, (one) => (one === step ? "late" : "fine"), { at: step + 1, forMs: 9_000 });
      checkEnd(world);
    }
  });
});
