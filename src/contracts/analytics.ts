import { z } from "zod";
import { ANALYTICS_BUCKETS_MAX, BUCKET_SECONDS_DEFAULT, DURATION_SECONDS_MAX } from "../domain/bounds.ts";
import { decimal } from "./page.ts";
import { instant } from "./sku.ts";

const MINUTE = 60;

/** The time span and bucket size of a query. Without `from` it covers the last 60 buckets before `to`. */
export const analyticsQuery = z.strictObject({
  from: instant.optional(),
  to: instant.optional(),
  bucketSeconds: decimal(MINUTE, DURATION_SECONDS_MAX, BUCKET_SECONDS_DEFAULT).refine(
    (seconds) => seconds % MINUTE === 0,
    "whole minutes: what happened is counted by the minute",
  ),
});

const count = z.int().min(0);
const share = z.number().min(0).nullable();

/**
 * Counts of what happened. An accepted offer of the waitlist counts as an offer only; attempts are holds and refusals.
 */
const activity = z.object({
  attempts: count,
  holds: count,
  /** By reason: the code of the refusal, and for `insufficient-stock` its `state`. */
  refusals: z.record(z.string(), count),
  confirms: count,
  expiries: count,
  releases: count,
  returns: count,
  refundsRequired: count,
  waitlistJoins: count,
  offers: count,
  /** Holds and offers made in this time, and what has become of them since. */
  claims: count,
  claimsSold: count,
  /**
   * Lapsed or released, and not paid late. A claim that was superseded by another claim of its customer is not counted.
   */
  claimsAbandoned: count,
});
const shares = {
  /** Share of these claims that was sold. */
  conversion: share,
  /** Share of these claims that was abandoned. */
  abandonment: share,
};
const levels = { stock: z.int(), held: z.int(), sold: z.int() };

/** The course of a sale: totals, buckets, and derived figures. */
export const analyticsView = z
  .object({
    from: instant,
    to: instant,
    bucketSeconds: z.int(),
    totals: activity,
    ...shares,
    /** Sold share of the stock at the end. */
    sellThrough: share,
    /** From the last opening before the first sell-out until that sell-out; null if it never sold out. */
    secondsToSellOut: z.number().min(0).nullable(),
    /**
     * Confirmations by seconds since their hold. Each bucket is up to its bound and above the previous one; null: above
     * all bounds.
     */
    holdToConfirm: z.array(z.object({ upToSeconds: z.int().nullable(), count })),
    /** Each has the counts at its end, and the shares of all claims since `from`. */
    buckets: z.array(activity.extend({ at: instant, ...levels, ...shares })).max(ANALYTICS_BUCKETS_MAX),
  })
  .meta({ id: "Analytics" });
