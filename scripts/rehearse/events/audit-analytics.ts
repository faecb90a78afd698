import { type Check, counted, readable } from "../evidence.ts";
import type { Analytics } from "./analytics.ts";
import type { News, SkuNews } from "./evidence.ts";
import type { Logged } from "./log.ts";

/** What each figure counts, where it counts the events of one type. */
const countedTypes = {
  confirms: "reservation.confirmed",
  expiries: "reservation.expired",
  releases: "reservation.released",
  returns: "reservation.returned",
  refundsRequired: "reservation.refund_required",
  waitlistJoins: "waitlist.joined",
  offers: "waitlist.offered",
} satisfies Partial<Record<keyof Analytics["totals"], Logged["type"]>>;

type Figure = keyof typeof countedTypes | "holds";
const figures = [...Object.keys(countedTypes), "holds"] as Figure[];
const claimFigures = ["claims", "claimsSold", "claimsAbandoned"] as const;
const levels = ["stock", "held", "sold"] as const;

/** The figures count every event once, in total and minute by minute. */
export function checkCounts({ skus }: News): Check {
  let counts = 0;
  const offenders = [...skus].flatMap(([name, news]) => {
    counts += figures.length + claimFigures.length;
    return [...miscounts(news), ...misplaced(news)].map((what) => `${name}: ${what}`);
  });
  const events = [...skus.values()].reduce((sum, { feed }) => sum + feed.length, 0);
  const shown = `${counted(counts, "figure")} of ${counted(events, "event")}`;
  return { promise: "analytics count every event once", figures: shown, offenders };
}

function miscounts({ feed, analytics: { totals } }: SkuNews): string[] {
  const claims = claimsOf(feed);
  const happened = [
    ...figures.map((figure) => [figure, countOf(feed, figure)] as const),
    ...claimFigures.map((figure) => [figure, claims[figure]] as const),
  ];
  return happened.flatMap(([figure, count]) =>
    totals[figure] === count ? [] : [`${figure} are ${totals[figure]}, but ${count} happened`],
  );
}

/** Every stretch has what happened in it, and the counts at its end; the last one's are those of the SKU. */
function misplaced({ feed, record, analytics: { buckets, bucketSeconds } }: SkuNews): string[] {
  const counts = { stock: 0, held: 0, sold: 0 };
  let next = 0;
  const wrong = buckets.flatMap((bucket) => {
    const end = Date.parse(bucket.at) + bucketSeconds * 1000;
    const until = feed.findIndex(({ time }, index) => index >= next && Date.parse(time) >= end);
    const within = feed.slice(next, until === -1 ? feed.length : until);
    next += within.length;
    for (const { data } of within) {
      counts.stock += Number(data.dStock);
      counts.held += Number(data.dHeld);
      counts.sold += Number(data.dSold);
    }
    return [
      ...figures.filter((figure) => bucket[figure] !== countOf(within, figure)),
      ...levels.filter((level) => bucket[level] !== counts[level]),
    ].map((name) => `${name} are wrong in the minute from ${bucket.at}: ${bucket[name]}`);
  });
  const last = levels.filter((level) => buckets.at(-1)?.[level] !== record.sku[level]);
  return [...wrong, ...last.map((level) => `${level} ends on ${buckets.at(-1)?.[level]}, not on ${record.sku[level]}`)];
}

/** An offer is held, too, and is no hold that anybody asked for. */
function countOf(events: readonly Logged[], figure: Figure): number {
  const count = (type: Logged["type"]) => events.filter((event) => event.type === type).length;
  return figure === "holds" ? count("reservation.held") - count("waitlist.offered") : count(countedTypes[figure]);
}

/** What became of the claims of all time, from the state that each reservation ended in. */
function claimsOf(feed: readonly Logged[]): Pick<Analytics["totals"], "claims" | "claimsSold" | "claimsAbandoned"> {
  const held = new Set<string>();
  const last = new Map<string, Logged>();
  for (const event of feed) {
    const { reservation } = event.data;
    if (reservation === undefined || reservation === null) continue;
    const { id } = reservation as { id: string };
    if (event.type === "reservation.held") held.add(id);
    if (ENDS.has(event.type)) last.set(id, event);
  }
  const ends = [...held].flatMap((id) => last.get(id) ?? []);
  return {
    claims: held.size,
    claimsSold: ends.filter(({ type }) => type === "reservation.confirmed").length,
    claimsAbandoned: ends.filter(({ type, data }) => type !== "reservation.confirmed" && data.reason !== "superseded")
      .length,
  };
}

const ENDS: ReadonlySet<string> = new Set(["reservation.confirmed", "reservation.released", "reservation.expired"]);

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
