import { describe, expect, it } from "vitest";
import { allowanceName, countsOf, verdictOf } from "../../src/domain/allowance.ts";
import { ALLOWANCE_OBJECTS, CLAIMS_NAMED_MAX } from "../../src/domain/bounds.ts";
import { draftDrop } from "../../src/domain/drop.ts";
import { Allowance } from "./allowance-world.ts";
import { allowanceOf, Sale } from "./sale.ts";

describe("a limit over the SKUs of a drop", () => {
  it("[ALW1] grants up to the limit, and says what is used and left", () => {
    const allowance = new Allowance();
    expect(allowance.claim({ id: "one" })).toEqual({ granted: true });
    expect(allowance.claim({ id: "two", units: 2 })).toEqual({
      granted: false,
      refusal: { code: "limit-exceeded", limit: 2, used: 1, remaining: 1, scope: "drop" },
      claims: [{ id: "one", sku: "a", units: 1 }],
    });
    expect(allowance.claim({ id: "three", sku: "b" })).toEqual({ granted: true });
    expect(allowance.units).toBe(2);
  });

  it("[ALW2] counts a claim once however often it is made, and a refused one never", () => {
    const allowance = new Allowance();
    for (let again = 0; again < 3; again++) expect(allowance.claim({ id: "one", units: 2 })).toEqual({ granted: true });
    for (let again = 0; again < 3; again++) expect(allowance.claim({ id: "two" }).granted).toBe(false);
    expect(allowance.units).toBe(2);
  });

  it("[ALW3] frees what has ended, in part or whole, whatever order the news come in", () => {
    const allowance = new Allowance();
    allowance.claim({ id: "one", units: 2 });
    allowance.report({ id: "one", units: 0, version: 4 });
    allowance.report({ id: "one", units: 1, version: 3 });
    expect(allowance.units).toBe(0);
  });

  it("[ALW3] grants nothing to what has ended, however late it asks", () => {
    const allowance = new Allowance();
    allowance.report({ id: "one", version: 2 });
    expect(allowance.claim({ id: "one", version: 1 })).toEqual({ granted: false, refusal: null, claims: [] });
    expect(allowance.units).toBe(0);
    expect(verdictOf({ granted: false, refusal: null, claims: [] })).toEqual({ granted: true });
  });

  it("[ALW4] lets a late payment claim anew what had ended", () => {
    const allowance = new Allowance();
    allowance.claim({ id: "one" });
    allowance.report({ id: "one", version: 3 });
    expect(allowance.claim({ id: "one", version: 5 })).toEqual({ granted: true });
    expect(allowance.units).toBe(1);
  });
});

describe("claims of many customers in one call", () => {
  it("[ALW1] [ALW5] are judged in order, each by its own customer's count", () => {
    const allowance = new Allowance();
    const wanted = ["ann", "bob", "ann", "ann", "bob"].map((customer, index) => ({ id: `${index}`, customer }));
    expect(allowance.claimAll(wanted).map(({ granted }) => granted)).toEqual([true, true, true, false, true]);
    expect([allowance.unitsOf("ann"), allowance.unitsOf("bob")]).toEqual([2, 2]);
  });

  it("[ALW2] count nothing where they only ask ahead", () => {
    const allowance = new Allowance();
    const question = { id: "", units: 2, isQuestion: true };
    expect(allowance.claim(question)).toEqual({ granted: true });
    expect(allowance.claim({ id: "one" })).toEqual({ granted: true });
    expect(allowance.claim(question)).toMatchObject({ granted: false, refusal: { used: 1, remaining: 1 } });
    expect(allowance.units).toBe(1);
  });

  it("[ALW8] name what else is counted when they are refused, newest first, as many as the bound allows", () => {
    const allowance = new Allowance();
    const ids = Array.from({ length: CLAIMS_NAMED_MAX + 1 }, (_none, index) => `${1000 + index}`);
    allowance.claimAll(ids.map((id) => ({ id, sku: `of ${id}`, limit: 999 })));
    allowance.report({ id: "1001", units: 0 });
    const refused = (id: string) => {
      const grant = allowance.claim({ id, limit: 1 });
      return grant.granted ? [] : grant.claims;
    };
    expect(refused("9999")).toHaveLength(CLAIMS_NAMED_MAX);
    expect(refused("9999").slice(0, 1)).toEqual([{ id: ids.at(-1), sku: `of ${ids.at(-1)}`, units: 1 }]);
    expect(refused("9999").map(({ id }) => id)).not.toContain("1001");
    allowance.claim({ id: "1001", version: 3, limit: 999 });
    expect(refused("9999")).toHaveLength(CLAIMS_NAMED_MAX);
    expect(refused("9999").map(({ id }) => id)).not.toContain("1000");
  });
});

describe("what a SKU answers about claims that are counted", () => {
  it("[ALW6] leaves out a try, which its own claim decides about", () => {
    const sale = new Sale(5);
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1, allowances: 3 };
    sale.run({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } });
    const outcome = sale.reserve();
    if (!outcome.ok || outcome.type !== "try") throw new Error("no try");
    const { id, version } = outcome.reservation;
    const scene = { sku: "shoe-42", version: 9 };
    const gone = { id: "gone", sku: "shoe-42", units: 0, version: 9 };
    expect(countsOf([id, "gone"], [outcome.reservation], scene)).toEqual([gone]);
    const held = { ...outcome.reservation, attempt: null };
    expect(countsOf([id, "gone"], [held], scene)).toEqual([expect.objectContaining({ id, units: 1, version }), gone]);
  });
});

describe("the name of an Allowance object", () => {
  it("[ALW9] is one of a few for each drop, names no customer, and spreads them evenly", () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 16_000; index++) {
      const name = allowanceOf("drop", `customer-${index}`);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(
      Array.from({ length: ALLOWANCE_OBJECTS }, (_none, index) => `drop/${index}`).sort(),
    );
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  it("[ALW9] follows from the number that the drop was made with", () => {
    expect(draftDrop("drop", "Noon", 0).allowances).toBe(ALLOWANCE_OBJECTS);
    const sale = new Sale(5);
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1, allowances: 3 };
    sale.run({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } });
    const names = Array.from({ length: 5 }, (_none, index) => `customer-${index}`);
    const counted = names.map((customer) => {
      const outcome = sale.reserve({ customer });
      return outcome.ok && outcome.type === "try" ? outcome.reservation.countedBy : null;
    });
    expect(counted).toEqual(names.map((one) => allowanceName({ drop: "drop", allowances: 3 }, one)));
  });
});
