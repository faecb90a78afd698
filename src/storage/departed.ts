import { KEY_KEPT_MS } from "../domain/bounds.ts";

/** Those of these reservations or waitlist entries that are not in a SKU's object, but may have been. */
export function departed(
  sql: SqlStorage,
  table: "reservation" | "waitlist",
  ids: readonly string[],
  now: number,
): string[] {
  if (ids.length === 0) return [];
  const query = `SELECT value AS id FROM json_each(?) AS named
    WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE id = named.value)`;
  const missing = Array.from(sql.exec<{ id: string }>(query, JSON.stringify(ids)), ({ id }) => id);
  if (missing.length === 0) return [];
  const oldest = sql
    .exec<{ sequence: number; time: number }>("SELECT sequence, time FROM event ORDER BY sequence LIMIT 1")
    .toArray()[0];
  return missing.filter((id) => mayHaveLeft(id, oldest, now));
}

/**
 * Whether the item with this id may have been removed. Items are removed with their events, oldest first, and ids begin with
 * their creation time; so a made-up id usually causes no D1 query. A day of tolerance is for wrong clocks; ids of another form
 * are looked up.
 */
function mayHaveLeft(id: string, oldest: { sequence: number; time: number } | undefined, now: number): boolean {
  if (oldest === undefined) return true;
  const madeAt = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
  const isYoung = madeAt > oldest.time + KEY_KEPT_MS && madeAt < now + KEY_KEPT_MS;
  return oldest.sequence > 1 && !isYoung;
}
