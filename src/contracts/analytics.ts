import { z } from "zod";
import { ANALYTICS_BUCKETS_MAX, BUCKET_SECONDS_DEFAULT, DURATION_SECONDS_MAX } from "../domain/bounds.ts";
import { decimal } from "./page.ts";
import { instant } from "./sku.ts";

const MINUTE = 60;

/** Which time, in stretches of how long. Without a beginning, 60 of them up to the end. */
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

/** What happened. A hold that the waitlist was offered counts as an offer alone; attempts are holds and refusals. */
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
  /** Holds and offers that were made in this time, and what has become of them by now. */
  claims: count,
  claimsSold: count,
  /** Lapsed or given back, and not paid late. One that another claim of its customer superseded is neither. */
  claimsAbandoned: count,
});
const shares = {
  /** Of these claims, the share that was sold. */
  conversion: share,
  /** Of these claims, the share that was abandoned. */
  abandonment: share,
};
const levels = { stock: z.int(), held: z.int(), sold: z.int() };

/** How a sale went: in total, bucket by bucket, and in the figures that people ask for. */
export const analyticsView = z
  .object({
    from: instant,
    to: instant,
    bucketSeconds: z.int(),
    totals: activity,
    ...shares,
    /** Of the stock at the end, the share that is sold. */
    sellThrough: share,
    /** From the last opening before the first sell-out until then; null while there was always something left. */
    secondsToSellOut: z.number().min(0).nullable(),
    /** Confirmations by the seconds since their hold: those up to each bound and above the one before; null: longer. */
    holdToConfirm: z.array(z.object({ upToSeconds: z.int().nullable(), count })),
    /** Each with the counts at its end, and the shares of all claims since `from`. */
    buckets: z.array(activity.extend({ at: instant, ...levels, ...shares })).max(ANALYTICS_BUCKETS_MAX),
  })
  .meta({ id: "Analytics" });
