import type { WaitlistEntry } from "../domain/model.ts";
import { ENTRY_TABLE, type EntryRow, entryFromRow } from "./rows.ts";

const COLUMNS = ENTRY_TABLE.columns;

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
    const query = `SELECT ${COLUMNS} FROM waitlist
      WHERE status = 'waiting' AND quantity <= ? AND reservation IS NULL ORDER BY rank LIMIT ?`;
    return this.#entries(sku, query, units, limit);
  }

  /** Entries at the front of the line, at most `limit`. */
  front(sku: string, limit: number): WaitlistEntry[] {
    return this.#entries(sku, `SELECT ${COLUMNS} FROM waitlist WHERE status = 'waiting' ORDER BY rank LIMIT ?`, limit);
  }

  /** Number of waiting entries up to this rank: the position of the entry with that rank. */
  position(rank: number): number {
    return this.#sql
      .exec<{ position: number }>(
        "SELECT COUNT(*) AS position FROM waitlist WHERE status = 'waiting' AND rank <= ?",
        rank,
      )
      .one().position;
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
