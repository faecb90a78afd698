import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  activityOf,
  histogramOf,
  type Metrics,
  ratiosOf,
  reasonOf,
  stretchesOf,
  sumOf,
} from "../../src/domain/analytics.ts";

const LEVELS = { stock: 10, held: 1, sold: 4 };
const activity = (metrics: Metrics, refusals: Metrics = {}) => activityOf(metrics, refusals);

describe("what is told of a sale", () => {
  it("[ANA1] attempts are holds and refusals, of whatever reason", () => {
    const metrics = { "reservation.held": 3, "reservation.tried": 5, "waitlist.offered": 1, "#held": 2 };
    expect(activity(metrics, { closed: 2, sold_out: 4 })).toMatchObject({ attempts: 9, holds: 3, offers: 1 });
    expect(activity({})).toMatchObject({ attempts: 0, refusals: {} });
  });

  it("[ANA1] conversion and abandonment are of what was held or offered, sell-through of the stock", () => {
    const counts = { "reservation.held": 6, "waitlist.offered": 2, "reservation.confirmed": 4 };
    const ended = { "reservation.expired": 1, "reservation.released": 1 };
    expect(ratiosOf(activity({ ...counts, ...ended }), LEVELS)).toEqual({
      conversion: 0.5,
      abandonment: 0.25,
      sellThrough: 0.4,
    });
  });

  it("[ANA1] says nothing where there is nothing to divide", () => {
    const nothing = { stock: 0, held: 0, sold: 0 };
    expect(ratiosOf(activity({}), nothing)).toEqual({ conversion: null, abandonment: null, sellThrough: null });
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
});
