import { z } from "zod";
import { analyticsQuery, analyticsView } from "../contracts/analytics.ts";
import { dropName, skuName } from "../contracts/names.ts";
import { instantToWire } from "../contracts/present.ts";
import {
  activityOf,
  histogramOf,
  levelsAfter,
  secondsToSellOut,
  sellThroughOf,
  sharesOf,
  stretchesOf,
  sumOf,
} from "../domain/analytics.ts";
import { ANALYTICS_BUCKETS_DEFAULT, ANALYTICS_BUCKETS_MAX, HOLD_TO_CONFIRM_SECONDS } from "../domain/bounds.ts";
import { readRolledUp, rollUp } from "../storage/d1-rollup.ts";
import type { App } from "./auth.ts";
import { notFound } from "./auth.ts";
import { CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { fail, json } from "./responses.ts";

const MINUTE_MS = 60_000;
const ANSWER = {
  200: { description: "Counts in D1; refusals arrive up to two seconds late", schema: analyticsView },
};

type Query = z.infer<typeof analyticsQuery>;

/** Analytics of a SKU and of a drop, from the same events as the feed. */
export function addAnalytics(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/skus/{sku}/analytics",
      operationId: "readSkuAnalytics",
      summary: "Read the analytics of a SKU",
      callers: ["storefront", "admin"],
      params: z.object({ sku: skuName }),
      query: analyticsQuery,
      answers: ANSWER,
      problems: CALL_PROBLEMS,
    },
    async ({ context, audience, params, query }) => {
      const sku = await context.env.SKU.getByName(params.sku).look();
      return sku === null ? notFound(context, audience) : answer(context.env.DB, [params.sku], query);
    },
  );
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/drops/{drop}/analytics",
      operationId: "readDropAnalytics",
      summary: "Read the analytics of a drop",
      callers: ["storefront", "admin"],
      params: z.object({ drop: dropName }),
      query: analyticsQuery,
      answers: ANSWER,
      problems: CALL_PROBLEMS,
    },
    async ({ context, audience, params, query }) => {
      const drop = await context.env.DROP.getByName(params.drop).look();
      return drop === null ? notFound(context, audience) : answer(context.env.DB, drop.skus, query);
    },
  );
}

/** The requested span, in whole minutes. */
function spanOf({ from, to, bucketSeconds }: Query): { fromMinute: number; toMinute: number; bucketMinutes: number } {
  const bucketMinutes = bucketSeconds / 60;
  const toMinute = Math.ceil((to === undefined ? Date.now() + 1 : Date.parse(to)) / MINUTE_MS);
  const earliest = toMinute - ANALYTICS_BUCKETS_DEFAULT * bucketMinutes;
  const fromMinute = from === undefined ? Math.max(0, earliest) : Math.floor(Date.parse(from) / MINUTE_MS);
  return { fromMinute, toMinute, bucketMinutes };
}

async function answer(db: D1Database, skus: readonly string[], query: Query): Promise<Response> {
  const span = spanOf(query);
  const { fromMinute, toMinute, bucketMinutes } = span;
  const buckets = Math.ceil((toMinute - fromMinute) / bucketMinutes);
  if (buckets <= 0) return fail("invalid-request", "to: not after from");
  if (buckets > ANALYTICS_BUCKETS_MAX) {
    return fail("invalid-request", `bucketSeconds: more than ${ANALYTICS_BUCKETS_MAX} buckets in this span`);
  }
  // Count everything in the log first: the queue may be late.
  await rollUp(db);
  const { metrics, refusals, before, sellOuts } = await readRolledUp(db, skus, span);
  const total = sumOf(metrics.values());
  const totals = activityOf(total, sumOf(refusals.values()));
  const levels = levelsAfter(levelsAfter({ stock: 0, held: 0, sold: 0 }, before), total);
  return json(200, {
    from: instantToWire(fromMinute * MINUTE_MS),
    to: instantToWire(toMinute * MINUTE_MS),
    bucketSeconds: query.bucketSeconds,
    totals,
    ...sharesOf(totals),
    sellThrough: sellThroughOf(levels),
    secondsToSellOut: secondsToSellOut(sellOuts),
    holdToConfirm: histogramOf(total, HOLD_TO_CONFIRM_SECONDS),
    buckets: stretchesOf(buckets, metrics, refusals, before).map(({ index, ...stretch }) => ({
      at: instantToWire((fromMinute + index * bucketMinutes) * MINUTE_MS),
      ...stretch,
    })),
  });
}
