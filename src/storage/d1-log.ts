import { ROLLUP_EVENTS_MAX } from "../domain/bounds.ts";
import type { LoggedEvent } from "../domain/log.ts";
import { type AsOfRow, type Page, pageOf } from "./d1-read.ts";
import { EVENT_TABLE, type LoggedRow, loggedFromRow } from "./rows.ts";

const COLUMNS = `position, stream, sku, ${EVENT_TABLE.columns}`;

/** A page of a feed. `oldest`: number of the first event that there still is or will be; those before it were removed. */
export interface FeedPage extends Page<LoggedEvent> {
  oldest: number;
}

/** The events of a SKU after a sequence, in order: all of them, or those that moved stock. */
export async function readSkuEvents(
  db: D1Database,
  from: "event" | "movement",
  sku: string,
  after: number,
  limit: number,
): Promise<FeedPage> {
  const [rows, newest, first] = await db.batch<LoggedRow | AsOfRow | FirstRow>([
    db
      .prepare(`SELECT ${COLUMNS} FROM ${from} WHERE stream = 'sku/' || ? AND sequence > ? ORDER BY sequence LIMIT ?`)
      .bind(sku, after, limit + 1),
    db.prepare("SELECT updated_at AS as_of FROM sku WHERE sku = ?").bind(sku),
    db
      .prepare(
        `SELECT COALESCE((SELECT MIN(sequence) FROM event WHERE stream = 'sku/' || ?1),
          (SELECT version + 1 FROM sku WHERE sku = ?1), 1) AS oldest`,
      )
      .bind(sku),
  ]);
  return feedOf(rows, limit, newest, first);
}

type FirstRow = { oldest: number };

function feedOf(
  rows: D1Result<unknown> | undefined,
  limit: number,
  newest: D1Result<unknown> | undefined,
  first: D1Result<unknown> | undefined,
): FeedPage {
  const page = pageOf((rows?.results ?? []) as LoggedRow[], limit, newest, loggedFromRow);
  return { ...page, oldest: (first?.results[0] as FirstRow | undefined)?.oldest ?? 1 };
}

/**
 * The events of all streams after a position, in the order in which D1 recorded them. Within a stream they are in sequence
 * without a gap; nothing ever appears before a position that was read.
 */
export async function readLog(db: D1Database, after: number, limit: number): Promise<FeedPage> {
  const [rows, newest, first] = await db.batch<LoggedRow | AsOfRow | FirstRow>([
    db.prepare(`SELECT ${COLUMNS} FROM event WHERE position > ? ORDER BY position LIMIT ?`).bind(after, limit + 1),
    db.prepare("SELECT MAX(updated_at) AS as_of FROM sku"),
    db.prepare("SELECT COALESCE((SELECT MIN(position) FROM event), 1) AS oldest"),
  ]);
  return feedOf(rows, limit, newest, first);
}

/** The last position of the log, 0 while it is empty. */
export async function lastPosition(db: D1Database): Promise<number> {
  return (await db.prepare(`SELECT ${LAST} AS position`).first<{ position: number }>())?.position ?? 0;
}

const LAST = "COALESCE((SELECT MAX(position) FROM event), 0)";

/**
 * The last position before all events that happened at `since` (milliseconds) or later. Minutes after that of `since` are known
 * from the counts; of what is not counted yet one portion is read, and the rest may be older. The minutes
 * of removed events are removed too; that of the first event that is left is not, so nothing after it is missed.
 */
export async function positionBefore(db: D1Database, since: number): Promise<number> {
  const minute = Math.floor(since / MINUTE_MS);
  const [row] = await db.batch<{ position: number }>([
    db
      .prepare(
        `SELECT COALESCE(MIN(position), ${LAST} + 1) - 1 AS position FROM (
          SELECT MIN(position) AS position FROM event WHERE time >= ?1 AND time < ?2
          UNION ALL SELECT MIN(position) FROM log_minute WHERE minute > ?3
          UNION ALL SELECT MIN(position) FROM (${UNCOUNTED}) WHERE time >= ?1
          UNION ALL SELECT position + ?4 + 1 FROM rollup_cursor WHERE position + ?4 < ${LAST}
        )`,
      )
      .bind(since, (minute + 1) * MINUTE_MS, minute, ROLLUP_EVENTS_MAX),
  ]);
  return row?.results[0]?.position ?? 0;
}

const MINUTE_MS = 60_000;

const UNCOUNTED = `SELECT position, time FROM event
  WHERE position > (SELECT position FROM rollup_cursor) ORDER BY position LIMIT ?4`;
