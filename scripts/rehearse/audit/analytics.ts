import type { Analytics } from "../events/analytics.ts";
import type { Logged } from "../events/log.ts";
import { type Check, counted, type Evidence, offendersIn, readable, type SkuEvidence, sumOf } from "./evidence.ts";

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
export function checkCounts(evidence: Evidence): Check {
  const offenders = offendersIn(evidence, (one) => [...miscounts(one), ...misplaced(one)]);
  const counts = evidence.skus.size * (figures.length + claimFigures.length);
  const events = sumOf(evidence, ({ feed }) => feed.length);
  const shown = `${counted(counts, "figure")} of ${counted(events, "event")}`;
  return { promise: "analytics count every event once", figures: shown, offenders };
}

function miscounts({ feed, analytics: { totals } }: SkuEvidence): string[] {
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
function misplaced({ feed, record, analytics: { buckets, bucketSeconds } }: SkuEvidence): string[] {
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
export function checkRefusalCounts(evidence: Evidence): Check {
  const { journal, books: all } = evidence;
  const wasKilled = all.outages.length > 0;
  /** How many calls were refused at most without anybody being told. */
  const untold = journal.lost + journal.outages.length + all.givenUp;
  const offenders = offendersIn(evidence, ({ analytics, books }) => {
    const { refusals } = analytics.totals;
    const reasons = new Set([...Object.keys(refusals), ...books.refused.keys()]);
    return [...reasons].flatMap((reason) => {
      const { least, most } = books.refused.get(reason) ?? { least: 0, most: 0 };
      const count = refusals[reason] ?? 0;
      const isRight = count <= most + untold && (wasKilled || count >= least);
      const told = least === most ? most : `${least} to ${most}`;
      return isRight ? [] : [`${reason} is ${count}, but was told ${told} times`];
    });
  });
  const told = sumOf(evidence, ({ books }) => [...books.refused.values()].reduce((sum, { most }) => sum + most, 0));
  const shown = sumOf(evidence, ({ analytics: { totals } }) =>
    Object.values(totals.refusals).reduce((sum, count) => sum + count, 0),
  );
  const died = wasKilled && shown < told ? ", the others died with the service" : "";
  return {
    promise: "analytics count refusals",
    figures: `${readable(shown)} of ${counted(told, "refusal")}${died}`,
    offenders,
  };
}
