import { type Check, counted, readable } from "../evidence.ts";
import type { Analytics, News, SkuNews } from "./evidence.ts";
import type { Logged } from "./log.ts";

/** What each figure counts. */
const countedTypes = {
  holds: "reservation.held",
  confirms: "reservation.confirmed",
  expiries: "reservation.expired",
  releases: "reservation.released",
  returns: "reservation.returned",
  refundsRequired: "reservation.refund_required",
  waitlistJoins: "waitlist.joined",
  offers: "waitlist.offered",
} satisfies Partial<Record<keyof Analytics["totals"], Logged["type"]>>;

type Figure = keyof typeof countedTypes;
const figures = Object.keys(countedTypes) as Figure[];

/** The figures count every event once, in total and minute by minute, and end on what there is. */
export function checkCounts({ skus }: News): Check {
  let counts = 0;
  const offenders = [...skus].flatMap(([name, news]) => {
    counts += figures.length;
    return [...miscounts(news), ...mislevelled(news)].map((what) => `${name}: ${what}`);
  });
  const events = [...skus.values()].reduce((sum, { feed }) => sum + feed.length, 0);
  const shown = `${counted(counts, "figure")} of ${counted(events, "event")}`;
  return { promise: "analytics count every event once", figures: shown, offenders };
}

function miscounts({ feed, analytics: { totals, buckets } }: SkuNews): string[] {
  return figures.flatMap((figure) => {
    const happened = feed.filter(({ type }) => type === countedTypes[figure]).length;
    const inBuckets = buckets.reduce((sum, bucket) => sum + bucket[figure], 0);
    if (totals[figure] === happened && inBuckets === happened) return [];
    return [`${figure} are ${totals[figure]}, by the minute ${inBuckets}, but ${happened} happened`];
  });
}

function mislevelled({ record, analytics }: SkuNews): string[] {
  const last = analytics.buckets.at(-1);
  return (["stock", "held", "sold"] as const)
    .filter((level) => last?.[level] !== record.sku[level])
    .map((level) => `${level} ends on ${last?.[level]}, not on ${record.sku[level]}`);
}

/** Refusals are counted as they were told: none more, and none less unless the service died with its counts. */
export function checkRefusals({ skus, untold, wasKilled }: News): Check {
  let told = 0;
  let inFigures = 0;
  const offenders = [...skus].flatMap(([name, { analytics, books }]) => {
    const { refusals } = analytics.totals;
    const reasons = new Set([...Object.keys(refusals), ...books.refused.keys()]);
    return [...reasons].flatMap((reason) => {
      const { least, most } = books.refused.get(reason) ?? { least: 0, most: 0 };
      const count = refusals[reason] ?? 0;
      told += most;
      inFigures += count;
      const isRight = count <= most + untold && (wasKilled || count >= least);
      return isRight
        ? []
        : [`${name}: ${reason} is ${count}, but was told ${least === most ? most : `${least} to ${most}`} times`];
    });
  });
  const died = wasKilled ? ", the others died with the service" : "";
  const shown = `${readable(inFigures)} of ${counted(told, "refusal")}${inFigures < told ? died : ""}`;
  return { promise: "analytics count refusals", figures: shown, offenders };
}
