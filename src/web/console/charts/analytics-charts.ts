import type { Analytics } from "../../../client/client.ts";
import { count, duration, rate, share, shortCount, words } from "../format.ts";
import type { Chart, Line } from "./chart.ts";

type Buckets = Pick<Analytics, "buckets" | "bucketSeconds">;
type Bucket = Analytics["buckets"][number];

/** Reasons with a color of their own; the rest share one. */
const REASONS_SHOWN_MAX = 5;

function timesOf({ buckets }: Buckets): number[] {
  return buckets.map(({ at }) => Date.parse(at) / 1000);
}

/** After leaving out the empty time before the first activity, at least this many buckets remain, so that a line is visible. */
const BUCKETS_SHOWN_MIN = 10;

/** The analytics from the first bucket with activity on. */
export function sinceBirth(analytics: Analytics): Analytics {
  const { buckets } = analytics;
  const birth = buckets.findIndex(({ stock, attempts }) => stock > 0 || attempts > 0);
  const from = Math.min(Math.max(0, birth - 1), Math.max(0, buckets.length - BUCKETS_SHOWN_MIN));
  return { ...analytics, buckets: buckets.slice(from) };
}

/** Available, held and sold units at the end of each bucket. */
export function stockChart(analytics: Buckets): Chart {
  const { buckets } = analytics;
  return {
    kind: "area",
    isStacked: true,
    isWhole: true,
    at: timesOf(analytics),
    lines: [
      { label: "Sold", tone: "sold", values: buckets.map(({ sold }) => sold) },
      { label: "Held", tone: "held", values: buckets.map(({ held }) => held) },
      {
        label: "Available",
        tone: "available",
        values: buckets.map(({ stock, sold, held }) => stock - sold - held),
      },
    ],
    format: count,
    short: shortCount,
  };
}

/** A rate over a shorter time would be noise. */
const RATE_SECONDS_MIN = 5;

/** Attempts, holds and sales per second, averaged over each bucket; for the last one, over the time so far. */
export function flowChart(analytics: Buckets, countedAt: number): Chart {
  const { buckets, bucketSeconds } = analytics;
  const secondsOf = ({ at }: Bucket) =>
    Math.min(bucketSeconds, Math.max(RATE_SECONDS_MIN, (countedAt - Date.parse(at)) / 1000));
  const ratesOf = (read: (bucket: Bucket) => number) => buckets.map((bucket) => read(bucket) / secondsOf(bucket));
  return {
    kind: "line",
    isStacked: false,
    isWhole: false,
    at: timesOf(analytics),
    lines: [
      { label: "Attempts", tone: "attempts", values: ratesOf(({ attempts }) => attempts) },
      { label: "Holds", tone: "held", values: ratesOf(({ holds }) => holds) },
      { label: "Confirms", tone: "sold", values: ratesOf(({ confirms }) => confirms) },
    ],
    format: rate,
    short: rate,
  };
}

/** Refusals by reason, the most frequent first. */
export function refusalsChart(analytics: Buckets & Pick<Analytics, "totals">): Chart {
  const { buckets, totals } = analytics;
  const reasons = Object.entries(totals.refusals)
    .filter(([, refused]) => refused > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([reason]) => reason);
  const shown = reasons.slice(0, REASONS_SHOWN_MAX);
  const rest = reasons.slice(REASONS_SHOWN_MAX);
  const of = (names: readonly string[]) =>
    buckets.map(({ refusals }) => names.reduce((sum, name) => sum + (refusals[name] ?? 0), 0));
  const lines: Line[] = shown.map((reason, index) => ({
    label: words(reason),
    tone: `reason-${index + 1}`,
    values: of([reason]),
  }));
  if (rest.length > 0) lines.push({ label: "others", tone: "reason-6", values: of(rest) });
  return {
    kind: "bars",
    isStacked: true,
    isWhole: true,
    at: timesOf(analytics),
    lines,
    format: count,
    short: shortCount,
  };
}

/** Shares of all claims so far that were bought and that were abandoned, as the service computes them. */
export function conversionChart(analytics: Buckets): Chart {
  const { buckets } = analytics;
  return {
    kind: "line",
    isStacked: false,
    isWhole: false,
    at: timesOf(analytics),
    lines: [
      { label: "Bought", tone: "sold", values: buckets.map(({ conversion }) => conversion ?? 0) },
      { label: "Abandoned", tone: "lost", values: buckets.map(({ abandonment }) => abandonment ?? 0) },
    ],
    top: 1,
    format: share,
    short: share,
  };
}

/** Time from hold to confirmation. */
export function holdToConfirmChart({ holdToConfirm }: Pick<Analytics, "holdToConfirm">): Chart {
  return {
    kind: "bars",
    isStacked: false,
    isWhole: true,
    at: holdToConfirm.map((_, index) => index),
    places: holdToConfirm.map(({ upToSeconds }) => (upToSeconds === null ? "more" : shortDuration(upToSeconds))),
    lines: [{ label: "Confirmations", tone: "sold", values: holdToConfirm.map((each) => each.count) }],
    format: count,
    short: shortCount,
  };
}

function shortDuration(seconds: number): string {
  return duration(seconds).replace(" min", "m").replace(" s", "s").replace(" h", "h");
}
