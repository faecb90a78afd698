import { KEY_KEPT_MS } from "../domain/bounds.ts";

/** Those of these reservations or places on the waitlist that a SKU's object does not have, and may have had. */
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
 * Whether what has this id may have left. What leaves does so with its events, the oldest first, and ids begin with
 * the time at which they were made: nobody makes D1 work by asking for what never was, as long as anything tells. A day is
 * for clocks that went wrong; ids of another form are looked for.
 */
function mayHaveLeft(id: string, oldest: { sequence: number; time: number } | undefined, now: number): boolean {
  if (oldest === undefined) return true;
  const madeAt = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
  const isYoung = madeAt > oldest.time + KEY_KEPT_MS && madeAt < now + KEY_KEPT_MS;
  return oldest.sequence > 1 && !isYoung;
}
