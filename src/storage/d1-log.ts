import type { LoggedEvent } from "../domain/log.ts";
import { type AsOfRow, type Page, pageOf } from "./d1-read.ts";
import { EVENT_TABLE, type LoggedRow, loggedFromRow } from "./rows.ts";

const COLUMNS = `position, stream, sku, ${EVENT_TABLE.columns}`;

/** The events of a SKU after a sequence, in order: all of them, or those that moved stock. */
export async function readSkuEvents(
  db: D1Database,
  from: "event" | "movement",
  sku: string,
  after: number,
  limit: number,
): Promise<Page<LoggedEvent>> {
  const [rows, newest] = await db.batch<LoggedRow | AsOfRow>([
    db
      .prepare(`SELECT ${COLUMNS} FROM ${from} WHERE stream = 'sku/' || ? AND sequence > ? ORDER BY sequence LIMIT ?`)
      .bind(sku, after, limit + 1),
    db.prepare("SELECT updated_at AS as_of FROM sku WHERE sku = ?").bind(sku),
  ]);
  return pageOf((rows?.results ?? []) as LoggedRow[], limit, newest, loggedFromRow);
}

/**
 * The events of all streams after a position, in the order in which D1 recorded them. Within a stream they are in sequence
 * without a gap; nothing ever appears before a position that was read.
 */
export async function readLog(db: D1Database, after: number, limit: number): Promise<Page<LoggedEvent>> {
  const [rows, newest] = await db.batch<LoggedRow | AsOfRow>([
    db.prepare(`SELECT ${COLUMNS} FROM event WHERE position > ? ORDER BY position LIMIT ?`).bind(after, limit + 1),
    db.prepare("SELECT MAX(updated_at) AS as_of FROM sku"),
  ]);
  return pageOf((rows?.results ?? []) as LoggedRow[], limit, newest, loggedFromRow);
}

/** The last position before all events that happened at `since` (milliseconds) or later. */
export async function positionBefore(db: D1Database, since: number): Promise<number> {
  const first = db.prepare("SELECT MIN(position) AS position FROM event WHERE time >= ?").bind(since);
  const last = db.prepare("SELECT MAX(position) AS position FROM event");
  const [from, end] = await db.batch<{ position: number | null }>([first, last]);
  const position = from?.results[0]?.position ?? null;
  return position === null ? (end?.results[0]?.position ?? 0) : position - 1;
}
