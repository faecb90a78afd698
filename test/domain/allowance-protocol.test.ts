import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMIT, Protocol, SKUS } from "./allowance-world.ts";

const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant("reserve" as const), fc.constantFrom(...SKUS), fc.constantFrom(1, 2)) },
  {
    weight: 10,
    arbitrary: fc.tuple(
      fc.constant("arrive" as const),
      fc.nat(9),
      fc.constantFrom("once" as const, "again" as const, "lost" as const),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constant("act" as const),
      fc.nat(20),
      fc.constantFrom("release" as const, "confirm" as const),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant("pass" as const), fc.constantFrom(500, 5_000, 31_000)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("tell" as const)) },
);

describe("claims of one customer in several SKUs at once, on a bad network", () => {
  it("[ALW5] never pass the limit together, and leak nothing", () => {
    let most = 0;
    const ends = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: "max" }), (steps) => {
        const protocol = new Protocol();
        for (const one of steps) {
          if (one[0] === "reserve") protocol.reserve(one[1], one[2]);
          else if (one[0] === "arrive") protocol.arrive(one[1], one[2]);
          else if (one[0] === "act") protocol.act(one[1], one[2]);
          else if (one[0] === "pass") protocol.pass(one[1]);
          else protocol.tell();
          expect(protocol.told).toBeLessThanOrEqual(LIMIT);
          most = Math.max(most, protocol.told);
        }
        protocol.pass(10_000);
        protocol.tell();
        while (!protocol.isQuiet) protocol.arrive(0, "once");
        expect(protocol.allowance.units).toBe(protocol.live);
        for (const end of protocol.ends) ends.add(end);
      }),
      { numRuns: 300 },
    );
    expect(most).toBe(LIMIT);
    expect(ends).toEqual(new Set(["held", "confirmed", "rescued", "refunded", "released", "expired"]));
  });
});
