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
const activity = z
  .object({
    attempts: count,
    holds: count,
    refusals: z
      .record(z.string(), count)
      .describe("By reason: the code of the refusal, and for `insufficient-stock` its `state`."),
    confirms: count,
    expiries: count,
    releases: count,
    returns: count,
    refundsRequired: count,
    waitlistJoins: count,
    offers: count,
    claims: count.describe(
      "Holds and offers made in this time; `claimsSold` and `claimsAbandoned` say what has become of them.",
    ),
    claimsSold: count,
    claimsAbandoned: count.describe(
      "Lapsed or released, and not paid late. A claim superseded by another claim of its customer is not counted.",
    ),
  })
  .meta({ id: "SalesActivity" });
const shares = {
  conversion: share.describe("Share of these claims that was sold."),
  abandonment: share.describe("Share of these claims that was abandoned."),
};
const levels = { stock: z.int(), held: z.int(), sold: z.int() };

const bucket = activity.extend({ at: instant, ...levels, ...shares }).meta({ id: "SalesBucket" });
const confirmsByAge = z.object({ upToSeconds: z.int().nullable(), count }).meta({ id: "ConfirmsByAge" });

/** The course of a sale: totals, buckets, and derived figures. */
export const analyticsView = z
  .object({
    from: instant,
    to: instant,
    bucketSeconds: z.int(),
    totals: activity,
    ...shares,
    sellThrough: share.describe("Sold share of the stock at the end."),
    secondsToSellOut: z
      .number()
      .min(0)
      .nullable()
      .describe("From the last opening before the first sell-out until that sell-out; null if it never sold out."),
    holdToConfirm: z
      .array(confirmsByAge)
      .describe(
        "Confirmations by seconds since their hold: up to each bound and above the previous one; null: above all.",
      ),
    buckets: z
      .array(bucket)
      .max(ANALYTICS_BUCKETS_MAX)
      .describe("Each has the counts at its end, and the shares of all claims since `from`."),
  })
  .meta({ id: "Analytics" });
