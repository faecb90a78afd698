import { describe, expect, it } from "vitest";
import { askConfirmation } from "../../src/domain/cart-changes.ts";
import type { Outcome } from "../../src/domain/command.ts";
import type { Reservation } from "../../src/domain/model.ts";
import { settleAndCheck } from "./cart-checks.ts";
import { CartWorld } from "./cart-world.ts";
import type { Fate } from "./loans.ts";
import { request } from "./sale.ts";

const LIMIT = 1;
const POLICY = { holdTtlSeconds: 20, maxHoldSeconds: 60, lateConfirmSeconds: 604_800 };
const LONG = { ...POLICY, holdTtlSeconds: 3_000, maxHoldSeconds: 6_000 };

/** Somebody pays late, while something newer of his stands in the way. */
interface Story {
  name: string;
  prepare(world: CartWorld): void;
  /** One try of the storefront; true when it was told how it ends. */
  pay(world: CartWorld, fateOf?: (step: number) => Fate): boolean;
  expectEnd(world: CartWorld): void;
}

/** x and y are short, z is plenty; c and d are sizes of a drop with a limit. */
function open(): CartWorld {
  const world = new CartWorld();
  world.addSku("x", 1, null, POLICY);
  world.addSku("y", 1, null, POLICY);
  world.addSku("z", 5, null, LONG);
  world.addSku("c", 5, LIMIT, POLICY);
  world.addSku("d", 5, LIMIT, LONG);
  return world;
}

/** What is held ends, and whoever counts hears of it. */
function lapse(world: CartWorld): void {
  world.pass(21_000);
  world.reportAll();
}

function openCart(world: CartWorld, id: string, skus: string[]): void {
  world.open(id, { lines: skus.map((sku) => ({ sku, quantity: 1 })) });
  world.drive(id);
  expect(world.cart(id).status).toBe("held");
}

function payCart(world: CartWorld, id: string, fateOf?: (step: number) => Fate): boolean {
  const asked = world.ask(id, (cart) => askConfirmation(cart, "late", world.now));
  if (asked.kind === "refused" && asked.refusal.code === "overloaded") return false;
  world.drive(id, fateOf);
  return world.cart(id).phase === "ended";
}

function payHold(world: CartWorld, sku: string, id: string, fateOf?: (step: number) => Fate): boolean {
  world.claimFate = fateOf ?? (() => "fine");
  const outcome = world.pay(sku, "ann", id, "late");
  world.claimFate = () => "fine";
  return isTold(outcome);
}

function isTold(outcome: Outcome | null): boolean {
  return outcome !== null && (outcome.ok || outcome.refusal.code !== "overloaded");
}

function kept(world: CartWorld, sku: string, id: string): Reservation {
  const reservation = world.object(sku).reservations.get(id);
  if (reservation === undefined) throw new Error(`there is no ${id} of ${sku}`);
  return reservation;
}

function sellToBob(world: CartWorld, sku: string): void {
  world.hold(sku, "bob");
  world.pay(sku, "bob");
}

/** The cart and its lines as they were before anybody borrowed them, as far as anybody can see. */
function likeness(world: CartWorld, id: string): unknown {
  const { status, phase, expiresAt, lines } = world.cart(id);
  return { status, phase, expiresAt, lines: lines.map(({ sku, state }) => [sku, state]), loans: loansOf(world, id) };
}

function loansOf(world: CartWorld, id: string): unknown[] {
  return world.linesOf(id).map(({ status, expiresAt, lentTo }) => [status, expiresAt, lentTo]);
}

function cartAgainstCart(isSoldOut: boolean): Pick<Story, "prepare" | "pay"> {
  return {
    prepare(world) {
      openCart(world, "older", ["x", "y"]);
      lapse(world);
      world.object("x").execute([request({ type: "update", policy: LONG })]);
      openCart(world, "newer", ["x", "z"]);
      if (isSoldOut) sellToBob(world, "y");
    },
    pay: (world, fateOf) => payCart(world, "older", fateOf),
  };
}

let before: unknown;

const STORIES: Story[] = [
  {
    name: "a cart [x, y] against a newer cart [x, z], where y is gone",
    ...cartAgainstCart(true),
    prepare(world) {
      cartAgainstCart(true).prepare(world);
      before = likeness(world, "newer");
    },
    expectEnd(world) {
      expect(world.cart("older")).toMatchObject({ status: "expired", refunds: [{ orderId: "late" }] });
      expect(likeness(world, "newer")).toEqual(before);
    },
  },
  {
    name: "a cart [x, y] against a newer cart [x, z], where y is there",
    ...cartAgainstCart(false),
    expectEnd(world) {
      expect(world.cart("older")).toMatchObject({ status: "confirmed", rescued: true });
      expect(world.cart("newer")).toMatchObject({ status: "released", superseded: true });
    },
  },
  {
    name: "a size against a newer one of the drop",
    prepare(world) {
      world.hold("c", "ann", "older");
      lapse(world);
      world.hold("d", "ann", "newer");
    },
    pay: (world, fateOf) => payHold(world, "c", "older", fateOf),
    expectEnd(world) {
      expect(kept(world, "c", "older")).toMatchObject({ status: "confirmed", rescued: true });
      expect(kept(world, "d", "newer")).toMatchObject({ status: "released", superseded: true });
    },
  },
  {
    name: "a size against a newer cart with another one of the drop",
    prepare(world) {
      world.hold("c", "ann", "older");
      lapse(world);
      openCart(world, "newer", ["d", "z"]);
    },
    pay: (world, fateOf) => payHold(world, "c", "older", fateOf),
    expectEnd(world) {
      expect(kept(world, "c", "older")).toMatchObject({ status: "confirmed", rescued: true });
      expect(world.cart("newer")).toMatchObject({ status: "released", superseded: true });
    },
  },
  {
    name: "a size against a pair that is sold and fills the drop's limit",
    prepare(world) {
      world.hold("c", "ann", "older");
      lapse(world);
      world.hold("d", "ann", "newer");
      world.pay("d", "ann", "newer");
    },
    pay: (world, fateOf) => payHold(world, "c", "older", fateOf),
    expectEnd(world) {
      expect(kept(world, "c", "older")).toMatchObject({ status: "expired", refunds: [{ orderId: "late" }] });
      expect(kept(world, "d", "newer").status).toBe("confirmed");
    },
  },
  {
    name: "a hold against a newer cart that is being confirmed at the same time",
    prepare(world) {
      world.hold("x", "ann", "older");
      lapse(world);
      openCart(world, "newer", ["x", "z"]);
      world.ask("newer", (cart) => askConfirmation(cart, "in time", world.now));
      for (const message of world.messages("newer")) world.say("newer", message);
    },
    pay(world, fateOf) {
      const isDecided = payHold(world, "x", "older", fateOf);
      if (!isDecided) world.drive("newer", fateOf);
      return isDecided;
    },
    expectEnd(world) {
      expect(world.cart("newer")).toMatchObject({ status: "confirmed", orderId: "in time" });
      expect(kept(world, "x", "older")).toMatchObject({ status: "expired", refunds: [{ orderId: "late" }] });
    },
  },
];

const FATES: Fate[] = ["lost", "answer lost", "twice", "late", "dies"];

/** Plays a story in which one message meets its fate; the storefront comes again until it is told. */
function play(story: Story, fateOf?: (step: number) => Fate): CartWorld {
  const world = open();
  story.prepare(world);
  world.steps = 0;
  let isTold = story.pay(world, fateOf);
  const saidAt = world.steps;
  for (let tries = 0; !isTold && tries < 100; tries++) {
    world.reportAll();
    world.pass(1_000);
    isTold = story.pay(world);
  }
  expect(isTold).toBe(true);
  world.steps = saidAt;
  return world;
}

describe.each(STORIES)("$name", (story) => {
  const total = play(story).steps;

  it("[CNF13] [CNF16] ends as it should when nothing goes wrong", () => {
    const world = play(story);
    settleAndCheck(world, LIMIT);
    story.expectEnd(world);
  });

  it.each(FATES)("[CNF16] ends the same whichever one message is %s", (fate) => {
    for (let at = 0; at <= total; at++) {
      const world = play(story, (step) => (step === at ? fate : "fine"));
      settleAndCheck(world, LIMIT);
      story.expectEnd(world);
    }
  });

  it("[CNF16] ends the same when two messages are lost, and what was late comes after a try has lapsed", () => {
    for (let at = 0; at <= total; at++) {
      for (let later = at + 1; later <= total; later++) {
        const world = play(story, (step) => (step === at ? "late" : step === later ? "lost" : "fine"));
        settleAndCheck(world, LIMIT);
        story.expectEnd(world);
      }
    }
  });
});

describe("what gave way", () => {
  it("[CNF14] is sold once the pair that it gave way to came back", () => {
    const world = open();
    world.hold("c", "ann", "older");
    lapse(world);
    world.hold("d", "ann", "newer");
    payHold(world, "c", "older");
    world.reportAll();
    world.call("c", [request({ type: "return", id: "older", restock: true })]);
    world.reportAll();
    expect(isTold(world.pay("d", "ann", "newer", "newer order"))).toBe(true);
    settleAndCheck(world, LIMIT);
    expect(kept(world, "d", "newer")).toMatchObject({ status: "confirmed", orderId: "newer order" });
  });
});

describe("payments of one customer that are late one after the other", () => {
  it("[ALW5] [ALW6] are not both sold, though the limit counts anew while the second waits for its answer", () => {
    const world = open();
    for (const [sku, id] of [
      ["c", "first"],
      ["d", "second"],
    ] as const) {
      world.hold(sku, "ann", id);
      world.pass(3_600_000);
      world.reportAll();
    }
    world.hold("d", "ann", "newer");
    payHold(world, "c", "first");
    // It gave way to the first one, and the limit has not heard of that.
    world.pass(60_000);
    expect(world.pay("d", "ann", "second", "order")).toMatchObject({ refusal: { code: "hold-expired" } });
    settleAndCheck(world, LIMIT);
    expect(kept(world, "c", "first")).toMatchObject({ status: "confirmed" });
  });
});
