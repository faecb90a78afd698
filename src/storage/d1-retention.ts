import { RETENTION_EVENTS_MAX } from "../domain/retention.ts";

/**
 * The events at the beginning of the log that are older than a time, a portion of them, and of those the ones that are counted.
 * They end before the first young event; one with a time in the future was made by a wrong clock and counts as old as the next
 * one. The last event of all stays, because the next position follows from it.
 */
const OLD = `WITH portion AS (SELECT position, time FROM event
    WHERE position < (SELECT MAX(position) FROM event) AND position <= (SELECT position FROM rollup_cursor)
    ORDER BY position LIMIT ?3)
  SELECT COALESCE(MAX(position), 0) AS position FROM portion WHERE time < ?1 AND position <
    COALESCE((SELECT MIN(position) FROM portion WHERE time BETWEEN ?1 AND ?2), (SELECT MAX(position) + 1 FROM portion))`;

/** Position of the last event of the next portion that may be removed, as far as the counts are concerned; 0: there is none. */
export async function lastOld(db: D1Database, before: number, now: number): Promise<number> {
  const found = await db.prepare(OLD).bind(before, now, RETENTION_EVENTS_MAX).first<{ position: number }>();
  return found?.position ?? 0;
}

/** The last state of a reservation, entry or cart is that of its last event: when that is removed, so is the row. */
const REMOVALS = [
  `DELETE FROM reservation WHERE status IN ('released', 'expired') AND (id, version) IN (
    SELECT reservation ->> '$.id', reservation ->> '$.version' FROM event
    WHERE position <= ?1 AND reservation IS NOT NULL)`,
  `DELETE FROM waitlist WHERE status NOT IN ('waiting', 'offered') AND (id, version) IN (
    SELECT entry ->> '$.id', entry ->> '$.version' FROM event WHERE position <= ?1 AND entry IS NOT NULL)`,
  `DELETE FROM cart WHERE status IN ('confirmed', 'released', 'expired') AND (id, version) IN (
    SELECT detail ->> '$.id', sequence FROM event WHERE position <= ?1 AND type LIKE 'cart.%')`,
  "DELETE FROM command WHERE (sku, sequence) IN (SELECT sku, sequence FROM event WHERE position <= ?1 AND sku IS NOT NULL)",
];

const REMOVE_MINUTES = `DELETE FROM log_minute WHERE minute IN (SELECT minute FROM log_minute
  WHERE minute < MIN(?2, (SELECT time FROM event WHERE position > ?1 ORDER BY position LIMIT 1)) / 60000
  ORDER BY minute LIMIT ?3)`;

/**
 * Removes the events up to a position, and with them what ended with one of them: reservations without a sale, waitlist entries,
 * carts, keys. One transaction; safe to repeat. `before`: the time of OLD.
 */
export async function removeEvents(db: D1Database, upTo: number, before: number): Promise<void> {
  await db.batch([
    ...REMOVALS.map((removal) => db.prepare(removal).bind(upTo)),
    db.prepare(REMOVE_MINUTES).bind(upTo, before, RETENTION_EVENTS_MAX),
    db.prepare("DELETE FROM event WHERE position <= ?").bind(upTo),
  ]);
}
