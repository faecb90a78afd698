import type { Refusal } from "./command.ts";
import type { SaleState, SkuEvent } from "./model.ts";

/**
 * Counts by name, for one minute or many: how often each type of event happened, and figures derived from it. Outcomes of
 * claims (`#claims…`) count in the minute in which the claim was made, everything else in the minute in which it happened.
 */
export type Metrics = Record<string, number>;

/** Why a reserve was refused: the code, or for stock whether the rest is sold or may come back. */
export type RefusalReason = Refusal["code"] | SaleState;

/** The reason under which a refusal is counted. */
export function reasonOf(refusal: Refusal): RefusalReason {
  return refusal.code === "insufficient-stock" ? refusal.state : refusal.code;
}

/** What happened in a span of time, and what has become of the claims that were made in it. */
export interface Activity extends Claims {
  /** Reserve calls: holds and refusals. An offer is not an attempt. */
  attempts: number;
  holds: number;
  refusals: Metrics;
  confirms: number;
  expiries: number;
  releases: number;
  returns: number;
  refundsRequired: number;
  waitlistJoins: number;
  offers: number;
}

/** Holds and offers. An open claim, or one that another claim of its customer superseded, is neither sold nor abandoned. */
export interface Claims {
  claims: number;
  /** Paid, including late payments. */
  claimsSold: number;
  /** Lapsed or given back, and not paid late. */
  claimsAbandoned: number;
}

/** Counts of one SKU, or sums over several. */
export interface Levels {
  stock: number;
  held: number;
  sold: number;
}

/** Time from hold to payment: for each bound, the number of confirmations above the previous bound and up to this one. */
export type Histogram = { upToSeconds: number | null; count: number }[];

/** How claims ended, as shares of all claims; null if there were none. */
export interface ClaimShares {
  conversion: number | null;
  abandonment: number | null;
}

const NOTHING: Levels = { stock: 0, held: 0, sold: 0 };

/** The activity that these metrics and refusals describe. */
export function activityOf(metrics: Metrics, refusals: Metrics): Activity {
  const count = (type: SkuEvent["type"]) => metrics[type] ?? 0;
  // An offer is counted as held, too.
  const offers = count("waitlist.offered");
  const holds = count("reservation.held") - offers;
  const refused = Object.values(refusals).reduce((sum, one) => sum + one, 0);
  return {
    attempts: holds + refused,
    holds,
    refusals,
    confirms: count("reservation.confirmed"),
    expiries: count("reservation.expired"),
    releases: count("reservation.released"),
    returns: count("reservation.returned"),
    refundsRequired: count("reservation.refund_required"),
    waitlistJoins: count("waitlist.joined"),
    offers,
    claims: metrics["#claims"] ?? 0,
    claimsSold: metrics["#claims-sold"] ?? 0,
    claimsAbandoned: metrics["#claims-abandoned"] ?? 0,
  };
}

/** The counts after these movements. */
export function levelsAfter(before: Levels, metrics: Metrics): Levels {
  return {
    stock: before.stock + (metrics["#stock"] ?? 0),
    held: before.held + (metrics["#held"] ?? 0),
    sold: before.sold + (metrics["#sold"] ?? 0),
  };
}

/** Times from hold to payment, one bucket per bound and one for longer times. */
export function histogramOf(metrics: Metrics, boundsSeconds: readonly number[]): Histogram {
  return [...boundsSeconds, null].map((upToSeconds) => ({
    upToSeconds,
    count: metrics[`confirm#${upToSeconds ?? "more"}`] ?? 0,
  }));
}

/** Shares of the claims that were sold and that were abandoned. */
export function sharesOf({ claims, claimsSold, claimsAbandoned }: Claims): ClaimShares {
  return { conversion: share(claimsSold, claims), abandonment: share(claimsAbandoned, claims) };
}

/** Sold share of the stock; null without stock. */
export function sellThroughOf({ stock, sold }: Levels): number | null {
  return share(sold, stock);
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** When a SKU first sold out, and when its sale had begun: at its last opening before that, else at its creation. */
export interface SellOut {
  openedAt: number;
  soldOutAt: number;
}

/**
 * Time until all of these SKUs had sold out, from the first opening to the last unit; null while one of them has not. Zero if
 * the clock went back in between.
 */
export function secondsToSellOut(sellOuts: readonly (SellOut | null)[]): number | null {
  const all = sellOuts.filter((one) => one !== null);
  if (all.length < sellOuts.length || all.length === 0) return null;
  const openedAt = Math.min(...all.map((one) => one.openedAt));
  const soldOutAt = Math.max(...all.map((one) => one.soldOutAt));
  return Math.max(0, soldOutAt - openedAt) / 1000;
}

/** One span of a sale, with the counts at its end and the shares of all claims made until then. */
export interface Stretch extends Activity, Levels, ClaimShares {
  index: number;
}

/** All spans of a sale, from the metrics of each span and the counts before the first. */
export function stretchesOf(
  count: number,
  metrics: ReadonlyMap<number, Metrics>,
  refusals: ReadonlyMap<number, Metrics>,
  before: Metrics,
): Stretch[] {
  const stretches: Stretch[] = [];
  let levels = levelsAfter(NOTHING, before);
  let claims: Claims = { claims: 0, claimsSold: 0, claimsAbandoned: 0 };
  for (let index = 0; index < count; index++) {
    const activity = activityOf(metrics.get(index) ?? {}, refusals.get(index) ?? {});
    levels = levelsAfter(levels, metrics.get(index) ?? {});
    claims = together(claims, activity);
    stretches.push({ index, ...activity, ...levels, ...sharesOf(claims) });
  }
  return stretches;
}

function together(one: Claims, other: Claims): Claims {
  return {
    claims: one.claims + other.claims,
    claimsSold: one.claimsSold + other.claimsSold,
    claimsAbandoned: one.claimsAbandoned + other.claimsAbandoned,
  };
}

/** The sum of these metrics. */
export function sumOf(all: Iterable<Metrics>): Metrics {
  const sum: Metrics = {};
  for (const metrics of all) for (const [name, value] of Object.entries(metrics)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}
