import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LOCK_MS } from "../../src/domain/bounds.ts";
import type { DropPlan } from "../../src/domain/drop.ts";
import { DropWorld, type Fate, PLAN } from "./drop-world.ts";

/** What happens between two messages of a drop. */
type Act = (world: DropWorld) => void;

const plan =
  (members: Partial<DropPlan>): Act =>
  (world) =>
    world.propose(members);
const create = plan({ ...PLAN, skus: ["a", "c"] });
const leave = plan({ skus: ["a"] });
const rejoin = plan({ skus: ["a", "c"] });
const unlimited = plan({ perCustomerLimit: null });
const limited = plan({ perCustomerLimit: 1 });
const hold: Act = (world) => world.hold("c");
const empty: Act = (world) => world.empty("c");

/** One message after the other; before the given one that was late arrives, and somebody wants a unit of each SKU after it. */
function play(acts: Act[], late = -1, arrival = -1): DropWorld {
  const world = new DropWorld();
  for (const act of acts) {
    act(world);
    world.drive((step) => {
      if (step === arrival) arrive(world);
      return step === late ? "late" : "fine";
    });
  }
  if (arrival >= world.steps) arrive(world);
  return world;
}

function arrive(world: DropWorld): void {
  world.deliverLate();
  for (const sku of world.skus.keys()) world.hold(sku);
  world.checkOnTheWay();
  for (const sku of world.skus.keys()) world.empty(sku);
}

describe("a message of a drop that arrives after a later change has begun", () => {
  it.each([
    { name: "a SKU leaves", acts: [create, leave], skus: ["a"] },
    { name: "a SKU leaves and joins again", acts: [create, leave, rejoin], skus: ["a", "c"] },
    { name: "a SKU joins that could not before", acts: [hold, create, empty, create], skus: ["a", "c"] },
    { name: "the limit is switched off and on", acts: [create, unlimited, limited], skus: ["a", "c"] },
    {
      name: "the limit is switched on that could not be before",
      acts: [create, unlimited, hold, limited, empty, limited],
      skus: ["a", "c"],
    },
  ])("[DRP3] [DRP7] changes nothing: $name", ({ acts, skus }) => {
    const { steps } = play(acts);
    for (let late = 0; late < steps; late++) {
      for (let arrival = late + 1; arrival <= steps + 2; arrival++) {
        const world = play(acts, late, arrival);
        world.settle();
        world.check();
        expect(world.drop().skus).toEqual(skus);
      }
    }
  });
});

describe("a SKU that hears late", () => {
  it("[DRP3] that it was asked goes on selling, for that is decided", () => {
    const world = play([create], 0, 4);
    expect(world.object("a").sku?.membership).toMatchObject({ revision: 1, frozenAt: null });
  });

  it("[DRP1] [DRP11] what it had asked about sells nothing before the next change is decided", () => {
    const world = new DropWorld();
    create(world);
    world.sayOne("noon", 1, "late");
    world.resume();
    // It is asked when that is taken back already, and asks in turn; before it is told, there is another change.
    world.deliverLate();
    world.pass(LOCK_MS, true);
    create(world);
    world.sayOne("noon", 1, "fine");
    expect(world.drop().change?.agreed).toEqual(["c"]);
    world.deliverLate();
    hold(world);
    world.checkOnTheWay();
    world.drive();
    world.settle();
    world.check();
  });
});

const name = fc.constantFrom("noon", "evening");
const sku = fc.constantFrom("a", "b", "c", "d");
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>("fine") },
  { weight: 2, arbitrary: fc.constantFrom<Fate>("lost", "answer lost", "twice", "late") },
);
const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ type: fc.constant("say" as const), name, fate, pick: fc.nat(3) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("plan" as const),
      name,
      skus: fc.subarray(["a", "b", "c", "d"], { minLength: 1 }),
      limit: fc.constantFrom(null, 1, 2),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("drive" as const), name }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("crash" as const), name }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom("hold" as const, "empty" as const), sku }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("late" as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("pass" as const), isLate: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function take(world: DropWorld, one: Step): void {
  switch (one.type) {
    case "say":
      world.sayOne(one.name, one.pick, one.fate);
      return;
    case "plan":
      if (world.drop(one.name).change !== null) return;
      world.propose({ name: one.name, skus: one.skus, perCustomerLimit: one.limit }, one.name);
      return;
    case "drive":
      world.drive(undefined, undefined, one.name);
      return;
    case "crash":
      world.resume(one.name);
      return;
    case "hold":
      world.hold(one.sku);
      return;
    case "empty":
      world.empty(one.sku);
      return;
    case "late":
      world.deliverLate();
      return;
    case "pass":
      world.pass(LOCK_MS, one.isLate);
  }
}

describe("two drops that change all the time, on a bad network", () => {
  it("[DRP1] [DRP2] [DRP7] end in every SKU alike, and count what is in use from its first unit to its last", () => {
    let refused = 0;
    let decided = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 120, size: "max" }), (steps) => {
        const world = new DropWorld();
        for (const one of steps) {
          take(world, one);
          world.checkOnTheWay();
          for (const { refusal } of world.drops.values()) if (refusal !== null) refused += 1;
        }
        for (const drop of ["noon", "evening"]) world.drive(undefined, undefined, drop);
        world.settle();
        world.check();
        world.checkOnTheWay();
        for (const { revision } of world.drops.values()) decided += revision;
      }),
      { numRuns: 250 },
    );
    expect(Math.min(refused, decided)).toBeGreaterThan(0);
  });
});
