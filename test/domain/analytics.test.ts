import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  activityOf,
  histogramOf,
  type Metrics,
  reasonOf,
  secondsToSellOut,
  sellThroughOf,
  sharesOf,
  stretchesOf,
  sumOf,
} from "../../src/domain/analytics.ts";

const activity = (metrics: Metrics, refusals: Metrics = {}) => activityOf(metrics, refusals);

describe("what is told of a sale", () => {
  it("[ANA1] attempts are holds and refusals, of whatever reason, and no offers", () => {
    const metrics = { "reservation.held": 4, "reservation.tried": 5, "waitlist.offered": 1, "#held": 2 };
    expect(activity(metrics, { closed: 2, sold_out: 4 })).toMatchObject({ attempts: 9, holds: 3, offers: 1 });
    expect(activity({})).toMatchObject({ attempts: 0, holds: 0, refusals: {} });
  });

  it("[ANA5] conversion and abandonment are shares of the claims, sell-through of the stock", () => {
    const claims = activity({ "#claims": 8, "#claims-sold": 4, "#claims-abandoned": 2 });
    expect(claims).toMatchObject({ claims: 8, claimsSold: 4, claimsAbandoned: 2 });
    expect(sharesOf(claims)).toEqual({ conversion: 0.5, abandonment: 0.25 });
    expect(sellThroughOf({ stock: 10, held: 1, sold: 4 })).toBe(0.4);
  });

  it("[ANA5] says nothing where there is nothing to divide", () => {
    expect(sharesOf(activity({}))).toEqual({ conversion: null, abandonment: null });
    expect(sellThroughOf({ stock: 0, held: 0, sold: 0 })).toBeNull();
  });

  it("[ANA6] several SKUs have sold out with the last of them, and since the first of them opened", () => {
    const [one, other] = [
      { openedAt: 5_000, soldOutAt: 7_500 },
      { openedAt: 6_000, soldOutAt: 6_250 },
    ];
    expect(secondsToSellOut([one])).toBe(2.5);
    expect(secondsToSellOut([other, one])).toBe(2.5);
    expect(secondsToSellOut([other, null])).toBeNull();
    expect(secondsToSellOut([])).toBeNull();
  });

  it("[ANA6] a clock that went back meanwhile makes it no time", () => {
    expect(secondsToSellOut([{ openedAt: 7_500, soldOutAt: 4_250 }])).toBe(0);
  });

  it("[ANA1] the histogram has every bound, and one bucket beyond", () => {
    expect(histogramOf({ "confirm#5": 2, "confirm#more": 1 }, [5, 30])).toEqual([
      { upToSeconds: 5, count: 2 },
      { upToSeconds: 30, count: 0 },
      { upToSeconds: null, count: 1 },
    ]);
  });

  it("[ANA3] tells stock that may come back from stock that will not", () => {
    const short = { code: "insufficient-stock" as const, available: 0, displayCap: null };
    expect(reasonOf({ ...short, state: "held_elsewhere" })).toBe("held_elsewhere");
    expect(reasonOf({ ...short, state: "sold_out" })).toBe("sold_out");
    expect(reasonOf({ code: "paused" })).toBe("paused");
  });
});

describe("the stretches of a sale", () => {
  const moved = fc.record({ "#stock": fc.integer(), "#held": fc.integer(), "#sold": fc.integer() });

  it("[ANA2] end with the counts that all movements add up to, quiet ones with those before", () => {
    fc.assert(
      fc.property(moved, fc.array(fc.option(moved), { minLength: 1, maxLength: 20 }), (before, minutes) => {
        const metrics = new Map(minutes.flatMap((one, index) => (one === null ? [] : [[index, one] as const])));
        const stretches = stretchesOf(minutes.length, metrics, new Map(), before);
        const total = sumOf([before, ...metrics.values()]);
        expect(stretches).toHaveLength(minutes.length);
        expect(stretches.at(-1)).toMatchObject({
          stock: total["#stock"],
          held: total["#held"],
          sold: total["#sold"],
        });
      }),
    );
  });

  it("[ANA1] each have their own counts", () => {
    const metrics = new Map([[1, { "reservation.held": 2, "#held": 2 }]]);
    const refusals = new Map([[2, { paused: 1 }]]);
    const stretches = stretchesOf(3, metrics, refusals, { "#stock": 5 });
    expect(stretches.map(({ attempts, holds, stock, held }) => [attempts, holds, stock, held])).toEqual([
      [0, 0, 5, 0],
      [2, 2, 5, 2],
      [1, 0, 5, 2],
    ]);
  });

  it("[ANA5] each have the shares of all claims up to their end", () => {
    const counted = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9));
    fc.assert(
      fc.property(fc.array(counted, { minLength: 1, maxLength: 20 }), (minutes) => {
        const metrics = minutes.map(([sold, abandoned, open]) => ({
          "#claims": sold + abandoned + open,
          "#claims-sold": sold,
          "#claims-abandoned": abandoned,
        }));
        const stretches = stretchesOf(minutes.length, new Map(metrics.entries()), new Map(), {});
        for (const { index, conversion, abandonment } of stretches) {
          const soFar = sharesOf(activityOf(sumOf(metrics.slice(0, index + 1)), {}));
          expect({ conversion, abandonment }).toEqual(soFar);
          expect((conversion ?? 0) + (abandonment ?? 0)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
