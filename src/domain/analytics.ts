import type { Refusal } from "./command.ts";
import type { SaleState, SkuEvent } from "./model.ts";

/**
 * Counts of one minute or many, by name: how often each type of event happened, and what follows from that. What became of
 * claims (`#claims…`) is counted in the minute in which the claim was made, everything else in which it happened.
 */
export type Metrics = Record<string, number>;

/** Why a reserve was refused: the code, and of stock whether the rest is sold or may come back. */
export type RefusalReason = Refusal["code"] | SaleState;

/** The reason of a refusal, as it is counted. */
export function reasonOf(refusal: Refusal): RefusalReason {
  return refusal.code === "insufficient-stock" ? refusal.state : refusal.code;
}

/** What happened in a stretch of time, and what has become of the claims that were made in it. */
export interface Activity extends Claims {
  /** Reserves that were asked for: holds and refusals. Nobody asks for an offer. */
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

/** Holds and offers. One that is open, or was superseded by another claim of its customer, is neither sold nor abandoned. */
export interface Claims {
  claims: number;
  /** Paid, also late. */
  claimsSold: number;
  /** Lapsed or given back, and not paid late. */
  claimsAbandoned: number;
}

/** Counts of a SKU, or of several together. */
export interface Levels {
  stock: number;
  held: number;
  sold: number;
}

/** How long it took from the hold to the payment: how many confirmations took at most so many seconds, and no less. */
export type Histogram = { upToSeconds: number | null; count: number }[];

/** How claims ended, as shares of all of them; null where there were none. */
export interface ClaimShares {
  conversion: number | null;
  abandonment: number | null;
}

const NOTHING: Levels = { stock: 0, held: 0, sold: 0 };

/** What these metrics and refusals say of their time. */
export function activityOf(metrics: Metrics, refusals: Metrics): Activity {
  const count = (type: SkuEvent["type"]) => metrics[type] ?? 0;
  // An offer is held, too.
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

/** How long buyers took, with a bucket for each bound and one for whoever took longer. */
export function histogramOf(metrics: Metrics, boundsSeconds: readonly number[]): Histogram {
  return [...boundsSeconds, null].map((upToSeconds) => ({
    upToSeconds,
    count: metrics[`confirm#${upToSeconds ?? "more"}`] ?? 0,
  }));
}

/** How many of the claims were sold, and how many were abandoned. */
export function sharesOf({ claims, claimsSold, claimsAbandoned }: Claims): ClaimShares {
  return { conversion: share(claimsSold, claims), abandonment: share(claimsAbandoned, claims) };
}

/** How much of the stock is sold; null where there is none. */
export function sellThroughOf({ stock, sold }: Levels): number | null {
  return share(sold, stock);
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** When a SKU sold out for the first time, and when its sale had begun before that: at the last opening, else at its creation. */
export interface SellOut {
  openedAt: number;
  soldOutAt: number;
}

/**
 * How long it took these SKUs together to sell out, from the first opening to the last unit; null while one of them (null)
 * has not. The clock may have gone back meanwhile, and then it took no time.
 */
export function secondsToSellOut(sellOuts: readonly (SellOut | null)[]): number | null {
  const all = sellOuts.filter((one) => one !== null);
  if (all.length < sellOuts.length || all.length === 0) return null;
  const openedAt = Math.min(...all.map((one) => one.openedAt));
  const soldOutAt = Math.max(...all.map((one) => one.soldOutAt));
  return Math.max(0, soldOutAt - openedAt) / 1000;
}

/** One stretch of a sale, with the counts at its end, and the shares of all claims that were made until then. */
export interface Stretch extends Activity, Levels, ClaimShares {
  index: number;
}

/** The stretches of a sale, all of them, from what was counted in each and what had moved before. */
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

/** All of these together. */
export function sumOf(all: Iterable<Metrics>): Metrics {
  const sum: Metrics = {};
  for (const metrics of all) for (const [name, value] of Object.entries(metrics)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}
