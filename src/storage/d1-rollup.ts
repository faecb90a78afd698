import type { Metrics, RefusalReason, SellOut } from "../domain/analytics.ts";
import { HOLD_TO_CONFIRM_SECONDS, ROLLUP_EVENTS_MAX } from "../domain/bounds.ts";

const STEP = "event.position > rollup_cursor.position AND event.position <= rollup_cursor.position + ?1";

/**
 * How often each type of event happened, what moved, and how long buyers took, of the events of one step: those are read
 * once, however many metrics come of them.
 */
const COUNT = `WITH step AS MATERIALIZED (
    SELECT sku, time / 60000 AS minute, type, d_stock, d_held, d_sold,
      CASE type WHEN 'reservation.confirmed' THEN (time - (reservation ->> '$.createdAt')) / 1000.0 END AS seconds
    FROM event, rollup_cursor WHERE ${STEP} AND sku IS NOT NULL
  )
  INSERT INTO rollup (sku, minute, metric, value)
  SELECT sku, minute, metric, SUM(value) FROM (
    SELECT sku, minute, type AS metric, COUNT(*) AS value FROM step GROUP BY sku, minute, type
    UNION ALL SELECT sku, minute, '#stock', SUM(d_stock) FROM step GROUP BY sku, minute
    UNION ALL SELECT sku, minute, '#held', SUM(d_held) FROM step GROUP BY sku, minute
    UNION ALL SELECT sku, minute, '#sold', SUM(d_sold) FROM step GROUP BY sku, minute
    UNION ALL SELECT sku, minute,
      'confirm#' || COALESCE((SELECT MIN(value) FROM json_each(?2) WHERE value >= seconds), 'more'), 1
      FROM step WHERE seconds IS NOT NULL
  ) WHERE value <> 0 GROUP BY sku, minute, metric
  ON CONFLICT DO UPDATE SET value = value + excluded.value`;

/**
 * What became of claims, each counted in the minute in which it was made: sold when it is paid; abandoned when it lapses or
 * is given back, and no more abandoned once it is paid late. One that gave way to another claim of its customer was never
 * abandoned. A statement of its own, because D1 takes five SELECTs in one.
 */
const COUNT_CLAIMS = `WITH step AS MATERIALIZED (
    SELECT sku, (reservation ->> '$.createdAt') / 60000 AS minute,
      type = 'reservation.held' AS made,
      type = 'reservation.confirmed' AS sold,
      CASE
        WHEN type = 'reservation.expired' THEN 1
        WHEN type = 'reservation.released' THEN ${superseded("event")} IS NOT TRUE
        WHEN type = 'reservation.confirmed' AND reservation ->> '$.rescued' AND NOT EXISTS (
          SELECT 1 FROM event AS lent WHERE lent.reservation ->> '$.id' = event.reservation ->> '$.id'
            AND lent.type = 'reservation.released' AND ${superseded("lent")}) THEN -1
        ELSE 0 END AS abandoned
    FROM event, rollup_cursor WHERE ${STEP}
      AND type IN ('reservation.held', 'reservation.confirmed', 'reservation.released', 'reservation.expired')
  )
  INSERT INTO rollup (sku, minute, metric, value)
  SELECT sku, minute, metric, SUM(value) AS value FROM (
    SELECT sku, minute, '#claims' AS metric, made AS value FROM step
    UNION ALL SELECT sku, minute, '#claims-sold', sold FROM step
    UNION ALL SELECT sku, minute, '#claims-abandoned', abandoned FROM step
  ) WHERE value <> 0 GROUP BY sku, minute, metric
  ON CONFLICT DO UPDATE SET value = value + excluded.value`;

/** Whether a claim was released because its customer's earlier one was paid late. */
function superseded(event: "event" | "lent"): string {
  return `${event}.detail ->> '$.reason' = 'superseded'`;
}

const MOVE_ON = `UPDATE rollup_cursor SET position = MIN(position + ?1, (SELECT MAX(position) FROM event))
  WHERE position < (SELECT MAX(position) FROM event)
  RETURNING position, (SELECT MAX(position) FROM event) AS newest`;

/**
 * Counts the events that are not counted yet, each exactly once: what is counted and how far that goes are written in one
 * transaction, whoever asks for it and however often.
 */
export async function rollUp(db: D1Database): Promise<void> {
  for (let isBehind = true; isBehind; ) {
    const [, , moved] = await db.batch<{ position: number; newest: number }>([
      db.prepare(COUNT).bind(ROLLUP_EVENTS_MAX, JSON.stringify(HOLD_TO_CONFIRM_SECONDS)),
      db.prepare(COUNT_CLAIMS).bind(ROLLUP_EVENTS_MAX),
      db.prepare(MOVE_ON).bind(ROLLUP_EVENTS_MAX),
    ]);
    const cursor = moved?.results[0];
    isBehind = cursor !== undefined && cursor.position < cursor.newest;
  }
}

/** How often a reserve was refused in a minute, as one instance of a SKU's object has counted so far. */
export interface RefusalCount {
  minute: number;
  reason: RefusalReason;
  count: number;
}

/** Records counts of refusals; they only ever grow, so that the same ones again, or older ones, change nothing. */
export async function recordRefusals(
  db: D1Database,
  sku: string,
  instance: string,
  counts: readonly RefusalCount[],
): Promise<void> {
  const values = counts.map(({ minute, reason, count }) => [minute, reason, count]);
  await db
    .prepare(
      `INSERT INTO refusal (sku, minute, reason, instance, count)
      SELECT ?1, value ->> 0, value ->> 1, ?2, value ->> 2 FROM json_each(?3) WHERE true
      ON CONFLICT DO UPDATE SET count = excluded.count WHERE excluded.count > refusal.count`,
    )
    .bind(sku, instance, JSON.stringify(values))
    .run();
}

/** What was counted of some SKUs together, in stretches of `bucketMinutes` from one minute up to another. */
export interface RolledUp {
  /** By number of the stretch, from 0. */
  metrics: Map<number, Metrics>;
  refusals: Map<number, Metrics>;
  /** What moved before. */
  before: Metrics;
  /** Of each SKU when it sold out for the first time; null: it never did. */
  sellOuts: (SellOut | null)[];
}

type Row = { bucket: number; name: string; value: number };
type SellOutRow = { opened_at: number | null; sold_out_at: number | null };

/** Reads what was counted of these SKUs. */
export async function readRolledUp(
  db: D1Database,
  skus: readonly string[],
  { fromMinute, toMinute, bucketMinutes }: { fromMinute: number; toMinute: number; bucketMinutes: number },
): Promise<RolledUp> {
  const names = JSON.stringify(skus);
  const within = "sku IN (SELECT value FROM json_each(?1)) AND minute >= ?2 AND minute < ?3";
  const [metrics, refusals, before, sellOuts] = await db.batch<Row | SellOutRow>([
    db
      .prepare(
        `SELECT CAST((minute - ?2) / ?4 AS INTEGER) AS bucket, metric AS name, SUM(value) AS value FROM rollup
        WHERE ${within} GROUP BY bucket, metric`,
      )
      .bind(names, fromMinute, toMinute, bucketMinutes),
    db
      .prepare(
        `SELECT CAST((minute - ?2) / ?4 AS INTEGER) AS bucket, reason AS name, SUM(count) AS value FROM refusal
        WHERE ${within} GROUP BY bucket, reason`,
      )
      .bind(names, fromMinute, toMinute, bucketMinutes),
    db
      .prepare(
        `SELECT 0 AS bucket, metric AS name, SUM(value) AS value FROM rollup
        WHERE sku IN (SELECT value FROM json_each(?1)) AND minute < ?2 AND metric IN ('#stock', '#held', '#sold')
        GROUP BY metric`,
      )
      .bind(names, fromMinute),
    db.prepare(SELL_OUTS).bind(names),
  ]);
  return {
    metrics: byBucket(metrics),
    refusals: byBucket(refusals),
    before: byBucket(before).get(0) ?? {},
    sellOuts: ((sellOuts?.results ?? []) as SellOutRow[]).map(sellOutOf),
  };
}

/** The events of the index `event_milestone`, in its own words: else it would not be used, and the whole log read. */
const IS_MILESTONE = "type IN ('sku.created', 'sale.opened', 'stock.sold_out')";

/**
 * Of each SKU when it sold out for the first time, and the milestone before that: its last opening, or its creation where it
 * was never waiting for one. Events are in the order of their sequence, whatever their clock said.
 */
const SELL_OUTS = `SELECT sold_out.time AS sold_out_at, (
    SELECT time FROM event WHERE event.sku = named.value AND ${IS_MILESTONE} AND sequence < sold_out.sequence
      ORDER BY sequence DESC LIMIT 1) AS opened_at
  FROM json_each(?1) AS named LEFT JOIN event AS sold_out ON sold_out.position = (
    SELECT position FROM event WHERE event.sku = named.value AND ${IS_MILESTONE} AND type = 'stock.sold_out'
      ORDER BY sequence LIMIT 1)`;

function sellOutOf({ opened_at: openedAt, sold_out_at: soldOutAt }: SellOutRow): SellOut | null {
  return openedAt === null || soldOutAt === null ? null : { openedAt, soldOutAt };
}

function byBucket(result: D1Result<unknown> | undefined): Map<number, Metrics> {
  const buckets = new Map<number, Metrics>();
  for (const { bucket, name, value } of (result?.results ?? []) as Row[]) {
    const metrics = buckets.get(bucket) ?? {};
    metrics[name] = value;
    buckets.set(bucket, metrics);
  }
  return buckets;
}
