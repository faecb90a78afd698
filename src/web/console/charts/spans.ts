import type { AnalyticsQuery } from "../../../client/client.ts";

/** The time ranges of the charts, with the size of their buckets. */
export const SPANS = [
  { name: "15 min", seconds: 15 * 60, bucketSeconds: 60 },
  { name: "1 h", seconds: 60 * 60, bucketSeconds: 60 },
  { name: "6 h", seconds: 6 * 60 * 60, bucketSeconds: 5 * 60 },
  { name: "24 h", seconds: 24 * 60 * 60, bucketSeconds: 20 * 60 },
  { name: "7 d", seconds: 7 * 24 * 60 * 60, bucketSeconds: 2 * 60 * 60 },
] as const;
export type Span = (typeof SPANS)[number];

/** The query whose last bucket contains the present. */
export function queryOf({ seconds, bucketSeconds }: Span, now: number): AnalyticsQuery {
  const bucketMs = bucketSeconds * 1000;
  const last = Math.floor(now / bucketMs) * bucketMs;
  return { from: new Date(last - (seconds - bucketSeconds) * 1000).toISOString(), bucketSeconds };
}
