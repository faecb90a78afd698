import type { Counted } from "../domain/allowance.ts";

/** What a customer has of a drop, as its Shopper object counts it. Everything is synchronous; callers own the transaction. */
export class AllowanceStore {
  readonly #sql: SqlStorage;
  #isCreated: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#isCreated = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'counted'").toArray().length > 0;
  }

  /** Everything that is counted, and what has ended lately. */
  all(): Map<string, Counted> {
    if (!this.#isCreated) return new Map();
    const rows = this.#sql.exec<Counted & Record<string, SqlStorageValue>>(
      "SELECT id, sku, units, version FROM counted",
    );
    return new Map(Array.from(rows, (row) => [row.id, row]));
  }

  /** Remembers the state of a reservation, and forgets what ended before `endedBefore`. */
  save({ id, sku, units, version }: Counted, now: number, endedBefore: number): void {
    if (!this.#isCreated) {
      this.#isCreated = true;
      this.#sql.exec(
        `CREATE TABLE counted (
          id TEXT PRIMARY KEY, sku TEXT NOT NULL, units INTEGER NOT NULL CHECK (units >= 0), version INTEGER NOT NULL,
          at INTEGER NOT NULL
        ) WITHOUT ROWID`,
      );
    }
    this.#sql.exec(
      `INSERT INTO counted (id, sku, units, version, at) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT DO UPDATE SET units = ?3, version = ?4, at = ?5`,
      id,
      sku,
      units,
      version,
      now,
    );
    this.#sql.exec("DELETE FROM counted WHERE units = 0 AND at < ?", endedBefore);
  }
}
