import { describe, expect, it } from "vitest";
import { type DropPlan, propose, refusedPlan } from "../../src/domain/drop.ts";
import { created, DropWorld, PLAN } from "./drop-world.ts";
import { START } from "./sale.ts";

/** What an operator does, and the revision that comes of it when nothing goes wrong. */
const CHANGES: { name: string; start: () => DropWorld; plan: Partial<DropPlan>; revision: number }[] = [
  { name: "a creation", start: () => new DropWorld(), plan: PLAN, revision: 1 },
  { name: "an opening time", start: created, plan: { opensAt: START + 5_000 }, revision: 2 },
  { name: "another number of the limit", start: created, plan: { perCustomerLimit: 3 }, revision: 2 },
  { name: "the limit switched off", start: created, plan: { perCustomerLimit: null }, revision: 2 },
  { name: "a SKU more and one less", start: created, plan: { skus: ["b", "c", "d"] }, revision: 2 },
  {
    name: "a creation that one SKU refuses",
    start: () => {
      const world = new DropWorld();
      world.hold("c");
      return world;
    },
    plan: PLAN,
    revision: 0,
  },
  {
    name: "a limit that one SKU refuses to drop",
    start: () => {
      const world = created({ perCustomerLimit: null });
      world.hold("b");
      return world;
    },
    plan: { perCustomerLimit: 1 },
    revision: 1,
  },
  { name: "a SKU that there is not", start: created, plan: { skus: ["a", "b", "c", "x"] }, revision: 1 },
];

describe.each(CHANGES)("$name", ({ start, plan, revision }) => {
  function begun(): DropWorld {
    const world = start();
    world.propose(plan);
    return world;
  }
  const whole = begun();
  whole.drive();

  it("[DRP6] reaches every SKU, or none", () => {
    expect(whole.drop().revision).toBe(revision);
    expect(whole.drop().refusal === null).toBe(revision === (start().drop().revision || 0) + 1);
    whole.check();
  });

  it("[DRP7] ends in every SKU alike when the drop stops after any step", () => {
    for (let stop = 0; stop <= whole.steps; stop++) {
      const world = begun();
      world.drive(undefined, stop);
      world.resume();
      world.settle();
      world.check();
    }
  });

  it.each(["lost", "answer lost", "twice", "late"] as const)(
    "[DRP7] ends in every SKU alike when a message is %s",
    (fate) => {
      for (let step = 0; step < whole.steps; step++) {
        const world = begun();
        world.drive((one) => (one === step ? fate : "fine"));
        world.settle();
        world.check();
        expect(world.drop().revision).toBe(revision);
      }
    },
  );
});

describe("drops that want the same SKU", () => {
  it("[DRP2] leave it to the first that asked, and the other is as it was", () => {
    const world = new DropWorld();
    world.propose(PLAN);
    world.drive(undefined, 2);
    world.propose({ ...PLAN, skus: ["d", "b"] }, "evening");
    world.drive(undefined, undefined, "evening");
    world.drive();
    world.check();
    expect(world.drop("evening").refusal).toEqual({ code: "drop-in-use", sku: "b" });
    expect(world.object("d").sku?.drop).toBeNull();
  });
});

describe("a plan", () => {
  it("[DRP8] has to close later than it opens", () => {
    const refusal = { code: "invalid-request", detail: "closesAt: must be later than opensAt" };
    expect(refusedPlan({ ...PLAN, opensAt: 5, closesAt: 5 })).toEqual(refusal);
    expect(refusedPlan({ ...PLAN, opensAt: 5, closesAt: 6 })).toBeNull();
  });

  it("[DRP8] that says what is there already is no change", () => {
    expect(propose(created().drop(), PLAN, START)).toBeNull();
  });
});
