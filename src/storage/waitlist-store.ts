import type { WaitlistEntry } from "../domain/model.ts";
import { ENTRY_TABLE, type EntryRow, entryFromRow } from "./rows.ts";
import { STRETCH_RANKS } from "./sku-schema.ts";

const COLUMNS = ENTRY_TABLE.columns;

const FREE = "status = 'waiting' AND reservation IS NULL";

/** For each quantity that somebody waits for and that fits, the first few: work grows with the units, never with the line. */
const LINE = `WITH RECURSIVE fitting (quantity) AS (
    SELECT MIN(quantity) FROM waitlist WHERE ${FREE} AND quantity <= ?1
    UNION ALL
    SELECT (SELECT MIN(quantity) FROM waitlist WHERE ${FREE} AND quantity > fitting.quantity AND quantity <= ?1)
      FROM fitting WHERE fitting.quantity IS NOT NULL
  )
  SELECT ${COLUMNS} FROM waitlist WHERE id IN (
    SELECT first.value FROM fitting, json_each((
      SELECT json_group_array(id) FROM (
        SELECT id FROM waitlist WHERE ${FREE} AND quantity = fitting.quantity ORDER BY rank LIMIT ?2)
    )) AS first WHERE fitting.quantity IS NOT NULL
  ) ORDER BY rank LIMIT ?2`;

// A bound number is a real one to SQLite, and would be divided as such.
const STRETCH = `CAST(?1 AS INTEGER) / ${STRETCH_RANKS}`;

const POSITION = `SELECT
  (SELECT COALESCE(SUM(waiting), 0) FROM waitlist_stretch WHERE stretch < ${STRETCH})
  + (SELECT COUNT(*) FROM waitlist WHERE status = 'waiting' AND rank >= ${STRETCH} * ${STRETCH_RANKS} AND rank <= ?1)
  AS position`;

/** The waitlist of one SKU object. Synchronous; callers own the transaction. */
export class WaitlistStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Those of these entries that exist. */
  entries(sku: string, ids: readonly string[]): WaitlistEntry[] {
    const query = `SELECT ${COLUMNS} FROM waitlist WHERE id IN (SELECT value FROM json_each(?))`;
    return this.#entries(sku, query, JSON.stringify(ids));
  }

  /** The active entries of these customers. */
  active(sku: string, customers: readonly string[]): WaitlistEntry[] {
    const query = `SELECT ${COLUMNS} FROM waitlist
      WHERE status IN ('waiting', 'offered') AND customer IN (SELECT value FROM json_each(?))`;
    return this.#entries(sku, query, JSON.stringify(customers));
  }

  /** Waiting entries for at most `units` without a try for an offer, first come first, at most `limit`. */
  line(sku: string, units: number, limit: number): WaitlistEntry[] {
    return this.#entries(sku, LINE, units, limit);
  }

  /** Entries at the front of the line, at most `limit`. */
  front(sku: string, limit: number): WaitlistEntry[] {
    return this.#entries(sku, `SELECT ${COLUMNS} FROM waitlist WHERE status = 'waiting' ORDER BY rank LIMIT ?`, limit);
  }

  /** Number of waiting entries up to this rank: the position of the entry with that rank. */
  position(rank: number): number {
    return this.#sql.exec<{ position: number }>(POSITION, rank).one().position;
  }

  /** Writes a new entry. Throws if its customer already has an active one. */
  add(entry: WaitlistEntry): void {
    this.#sql.exec(ENTRY_TABLE.insert, ...ENTRY_TABLE.valuesOf(entry));
  }

  /** Writes the changeable columns of an entry. */
  save(entry: WaitlistEntry): void {
    this.#sql.exec(ENTRY_TABLE.update, ...ENTRY_TABLE.changesOf(entry), entry.id);
  }

  #entries(sku: string, query: string, ...bindings: (string | number)[]): WaitlistEntry[] {
    return Array.from(this.#sql.exec<EntryRow>(query, ...bindings), (row) => entryFromRow(sku, row));
  }
}
