import { describe, expect, it } from "vitest";
import type { Analytics } from "../../src/client/client.ts";
import {
  conversionChart,
  flowChart,
  holdToConfirmChart,
  refusalsChart,
  sinceBirth,
  stockChart,
} from "../../src/web/console/charts/analytics-charts.ts";
import { drawn } from "../../src/web/console/charts/chart.ts";
import { queryOf, SPANS } from "../../src/web/console/charts/spans.ts";

type Bucket = Analytics["buckets"][number];

const NOTHING = {
  attempts: 0,
  holds: 0,
  refusals: {},
  confirms: 0,
  expiries: 0,
  releases: 0,
  returns: 0,
  refundsRequired: 0,
  waitlistJoins: 0,
  offers: 0,
  claims: 0,
  claimsSold: 0,
  claimsAbandoned: 0,
};
const NO_SHARES = { conversion: null, abandonment: null };

function analytics(buckets: Partial<Bucket>[], totals: Partial<Analytics["totals"]> = {}): Analytics {
  const levels = { stock: 0, held: 0, sold: 0 };
  const begin = Date.parse("2026-11-24T12:00:00.000Z");
  return {
    from: "2026-11-24T12:00:00.000Z",
    to: "2026-11-24T13:00:00.000Z",
    bucketSeconds: 120,
    totals: { ...NOTHING, ...totals },
    ...NO_SHARES,
    sellThrough: null,
    secondsToSellOut: null,
    holdToConfirm: [
      { upToSeconds: 60, count: 4 },
      { upToSeconds: null, count: 1 },
    ],
    buckets: buckets.map((bucket, index) => ({
      ...NOTHING,
      ...levels,
      ...NO_SHARES,
      at: new Date(begin + index * 120_000).toISOString(),
      ...bucket,
    })),
  };
}

describe("charts", () => {
  it("stack sold, held and available up to the stock", () => {
    const chart = stockChart(analytics([{ stock: 10, held: 2, sold: 3 }]));
    expect(chart.lines.map(({ values }) => values)).toEqual([[3], [2], [5]]);
    expect(drawn(chart)).toEqual([[3], [5], [10]]);
  });

  it("show what flows per second, whatever the buckets", () => {
    const chart = flowChart(
      analytics([{ attempts: 12, holds: 6, confirms: 2 }]),
      Date.parse("2026-11-24T13:00:00.000Z"),
    );
    expect(chart.lines.map(({ values }) => values)).toEqual([[0.1], [0.05], [1 / 60]]);
    expect(drawn(chart)).toEqual([[0.1], [0.05], [1 / 60]]);
  });

  it.each([
    ["as long as it has lasted", "2026-11-24T12:02:20.000Z", 3],
    ["at least a few seconds", "2026-11-24T12:02:00.500Z", 12],
    ["at least a few seconds, whatever the clock says", "2026-11-24T12:01:00.000Z", 12],
  ])("divide the last bucket, which has just begun, by %s", (_, now, rate) => {
    const [attempts] = flowChart(analytics([{ attempts: 120 }, { attempts: 60 }]), Date.parse(now)).lines;
    expect(attempts?.values.at(-1)).toBe(rate);
  });

  it("show five reasons, the most frequent first, and the others together", () => {
    const refusals = { a: 1, b: 9, c: 8, d: 7, e: 6, f: 5, g: 2, never: 0 };
    const chart = refusalsChart(analytics([{ refusals }, { refusals: { b: 1 } }], { refusals }));
    expect(chart.lines.map(({ label }) => label)).toEqual(["b", "c", "d", "e", "f", "others"]);
    expect(chart.lines.at(0)?.values).toEqual([9, 1]);
    expect(chart.lines.at(-1)?.values).toEqual([3, 0]);
  });

  it("show the shares of the claims so far as the service has them, and none of none", () => {
    const shares = [{}, { conversion: 0.5, abandonment: 0.25 }];
    const [bought, lost] = conversionChart(analytics([...shares, { claims: 9, claimsSold: 9, ...shares[1] }])).lines;
    expect(bought?.values).toEqual([0, 0.5, 0.5]);
    expect(lost?.values).toEqual([0, 0.25, 0.25]);
  });

  it("name the bars from hold to confirmation", () => {
    const chart = holdToConfirmChart(analytics([]));
    expect(chart.places).toEqual(["1m", "more"]);
    expect(chart.lines[0]?.values).toEqual([4, 1]);
  });

  it("leave out the time before there was anything", () => {
    const buckets = Array.from({ length: 60 }, (_, index) => ({ stock: index < 30 ? 0 : 5 }));
    expect(sinceBirth(analytics(buckets)).buckets).toHaveLength(31);
    expect(sinceBirth(analytics(buckets.slice(0, 31))).buckets).toHaveLength(10);
    expect(sinceBirth(analytics(buckets.slice(30))).buckets).toHaveLength(30);
  });
});

it.each(SPANS)("asks for whole buckets up to this very one: $name", (span) => {
  const now = Date.parse("2026-11-24T12:34:56.789Z");
  const { from = "", bucketSeconds } = queryOf(span, now);
  const spanned = (now - Date.parse(from)) / 1000;
  expect(spanned).toBeLessThanOrEqual(span.seconds);
  expect(spanned).toBeGreaterThan(span.seconds - span.bucketSeconds);
  expect(Date.parse(from) % (span.bucketSeconds * 1000)).toBe(0);
  expect(bucketSeconds).toBe(span.bucketSeconds);
});
