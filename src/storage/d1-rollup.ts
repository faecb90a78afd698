import type { Metrics, RefusalReason, SellOut } from "../domain/analytics.ts";
import { HOLD_TO_CONFIRM_SECONDS, ROLLUP_EVENTS_MAX } from "../domain/bounds.ts";

const STEP = "event.position > rollup_cursor.position AND event.position <= rollup_cursor.position + ?1";

/**
 * Counts per event type, moved units, and times from hold to payment, for the events of one step. The events are read once,
 * however many metrics follow from them.
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
 * Outcomes of claims, each counted in the minute in which the claim was made: sold when paid; abandoned when lapsed or given
 * back, unless paid late. A superseded claim was never abandoned. This is a statement of its own because D1 accepts five
 * SELECTs in one.
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

/** Whether a claim was released because an earlier claim of its customer was paid late. */
function superseded(event: "event" | "lent"): string {
  return `${event}.detail ->> '$.reason' = 'superseded'`;
}

/** Steps come in the order of the log: the first event of a minute that is counted is the first that there is. */
const MARK_MINUTES = `INSERT INTO log_minute (minute, position)
  SELECT time / 60000, MIN(event.position) FROM event, rollup_cursor WHERE ${STEP} GROUP BY 1
  ON CONFLICT DO NOTHING`;

/** What the time until a SKU sold out is measured by; of interest until it has sold out for the first time. */
const MARK_MILESTONES = `INSERT INTO milestone (sku, sequence, type, time)
  SELECT sku, sequence, type, time FROM event, rollup_cursor
  WHERE ${STEP} AND type IN ('sku.created', 'sale.opened', 'stock.sold_out')
    AND NOT EXISTS (SELECT 1 FROM milestone AS known WHERE known.sku = event.sku AND known.type = 'stock.sold_out')
  ON CONFLICT DO NOTHING`;

const MOVE_ON = `UPDATE rollup_cursor SET position = MIN(position + ?1, (SELECT MAX(position) FROM event))
  WHERE position < (SELECT MAX(position) FROM event)
  RETURNING position, (SELECT MAX(position) FROM event) AS newest`;

/**
 * Counts the events that are not counted yet, each exactly once: the counts and the position are written in one transaction,
 * whoever calls and however often.
 */
export async function rollUp(db: D1Database): Promise<void> {
  for (let isBehind = true; isBehind; ) {
    const [, , , , moved] = await db.batch<{ position: number; newest: number }>([
      db.prepare(COUNT).bind(ROLLUP_EVENTS_MAX, JSON.stringify(HOLD_TO_CONFIRM_SECONDS)),
      db.prepare(COUNT_CLAIMS).bind(ROLLUP_EVENTS_MAX),
      db.prepare(MARK_MINUTES).bind(ROLLUP_EVENTS_MAX),
      db.prepare(MARK_MILESTONES).bind(ROLLUP_EVENTS_MAX),
      db.prepare(MOVE_ON).bind(ROLLUP_EVENTS_MAX),
    ]);
    const cursor = moved?.results[0];
    isBehind = cursor !== undefined && cursor.position < cursor.newest;
  }
}

/** How often a reserve was refused in a minute, as counted so far by one instance of a SKU's object. */
export interface RefusalCount {
  minute: number;
  reason: RefusalReason;
  count: number;
}

/** Records counts of refusals. They only grow, so the same or older counts change nothing. */
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

/** Counts of some SKUs together, in buckets of `bucketMinutes` over a span of minutes. */
export interface RolledUp {
  /** By number of the bucket, from 0. */
  metrics: Map<number, Metrics>;
  refusals: Map<number, Metrics>;
  /** Moved units before the span. */
  before: Metrics;
  /** For each SKU when it first sold out; null: never. */
  sellOuts: (SellOut | null)[];
}

type Row = { bucket: number; name: string; value: number };
type SellOutRow = { opened_at: number | null; sold_out_at: number | null };

/** Reads the counts of these SKUs. */
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

/**
 * For each SKU when it first sold out, and the milestone before that: its last opening, or its creation if it was never
 * scheduled. In order of sequence, whatever the clocks said.
 */
const SELL_OUTS = `SELECT sold_out.time AS sold_out_at, (
    SELECT time FROM milestone WHERE milestone.sku = named.value AND sequence < sold_out.sequence
      ORDER BY sequence DESC LIMIT 1) AS opened_at
  FROM json_each(?1) AS named LEFT JOIN milestone AS sold_out ON sold_out.sku = named.value AND sold_out.sequence = (
    SELECT sequence FROM milestone WHERE milestone.sku = named.value AND type = 'stock.sold_out'
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
