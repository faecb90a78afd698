import type { Refusal } from "./command.ts";
import type { SaleState, SkuEvent } from "./model.ts";

/** Counts of one minute or many, by name: how often each type of event happened, and what follows from that. */
export type Metrics = Record<string, number>;

/** Why a reserve was refused: the code, and of stock whether the rest is sold or may come back. */
export type RefusalReason = Refusal["code"] | SaleState;

/** The reason of a refusal, as it is counted. */
export function reasonOf(refusal: Refusal): RefusalReason {
  return refusal.code === "insufficient-stock" ? refusal.state : refusal.code;
}

/** What happened in a stretch of time. */
export interface Activity {
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

/** Counts of a SKU, or of several together. */
export interface Levels {
  stock: number;
  held: number;
  sold: number;
}

/** How long it took from the hold to the payment: how many confirmations took at most so many seconds, and no less. */
export type Histogram = { upToSeconds: number | null; count: number }[];

/** How the sale went, as shares of 1; null where nothing was to be divided. */
export interface Ratios {
  /** Of what was held or offered, how much was sold. */
  conversion: number | null;
  /** Of what was held or offered, how much was given back or ran out. */
  abandonment: number | null;
  /** Of all units, how many are sold. */
  sellThrough: number | null;
}

const NOTHING: Levels = { stock: 0, held: 0, sold: 0 };

/** What these metrics and refusals say of their time. */
export function activityOf(metrics: Metrics, refusals: Metrics): Activity {
  const count = (type: SkuEvent["type"]) => metrics[type] ?? 0;
  const holds = count("reservation.held");
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
    offers: count("waitlist.offered"),
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

/** How much of what was held was sold, and how much of the stock. */
export function ratiosOf({ holds, offers, confirms, expiries, releases }: Activity, { stock, sold }: Levels): Ratios {
  const claims = holds + offers;
  return {
    conversion: claims === 0 ? null : confirms / claims,
    abandonment: claims === 0 ? null : (expiries + releases) / claims,
    sellThrough: stock === 0 ? null : sold / stock,
  };
}

/** One stretch of a sale, with the counts at its end. */
export interface Stretch extends Activity, Levels {
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
  for (let index = 0; index < count; index++) {
    levels = levelsAfter(levels, metrics.get(index) ?? {});
    stretches.push({ index, ...activityOf(metrics.get(index) ?? {}, refusals.get(index) ?? {}), ...levels });
  }
  return stretches;
}

/** All of these together. */
export function sumOf(all: Iterable<Metrics>): Metrics {
  const sum: Metrics = {};
  for (const metrics of all) for (const [name, value] of Object.entries(metrics)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}
