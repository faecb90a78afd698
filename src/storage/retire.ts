import { RETENTION_ROWS_MAX } from "../domain/bounds.ts";
import { AbandonStore } from "./abandon-store.ts";

/**
 * Removes what is older than `before` and recorded up to `recorded`: events, with the keys of their transactions and the
 * reservations that ended without a sale. At most RETENTION_ROWS_MAX events with their dependents; returns their number.
 */
export function retireRows(sql: SqlStorage, before: number, recorded: number, now: number): number {
  // Sequences have no gaps, so old events come first: only one portion is looked at. It ends before the first young event; an
  // event with a time in the future was made by a wrong clock and counts as old as the next one.
  const { last, count } = sql
    .exec<{ last: number | null; count: number }>(
      `WITH portion AS (SELECT sequence, time FROM event
        WHERE sequence < (SELECT MIN(sequence) FROM event) + ?1 AND sequence <= ?2),
      old AS (SELECT MAX(sequence) AS last FROM portion WHERE time < ?3 AND sequence <
        (SELECT COALESCE(MIN(sequence), ?2 + 1) FROM portion WHERE time BETWEEN ?3 AND ?4))
      SELECT last, (SELECT COUNT(*) FROM portion WHERE sequence <= last) AS count FROM old`,
      RETENTION_ROWS_MAX,
      recorded,
      before,
      now,
    )
    .one();
  if (last === null) return 0;
  sql.exec(
    `DELETE FROM reservation WHERE status IN ('released', 'expired') AND id IN
      (SELECT reservation ->> '$.id' FROM event WHERE sequence <= ?1 AND reservation IS NOT NULL) AND version <= ?1`,
    last,
  );
  sql.exec(
    `DELETE FROM waitlist WHERE status NOT IN ('waiting', 'offered') AND id IN
      (SELECT entry ->> '$.id' FROM event WHERE sequence <= ?1 AND entry IS NOT NULL) AND version <= ?1`,
    last,
  );
  // An answer belongs to its event and is removed with it.
  sql.exec("DELETE FROM command WHERE sequence <= ?", last);
  new AbandonStore(sql).retire(last, before);
  sql.exec("DELETE FROM event WHERE sequence <= ?", last);
  return count;
}
