import { type CountedClaim, type Known, knownOf } from "../domain/allowance.ts";
import { hasTable } from "./has-table.ts";

type CountedRow = CountedClaim & Record<string, SqlStorageValue>;

const COLUMNS = "id, customer, sku, units, version";

/** The reservations of customers of a drop, as an Allowance object counts them. Synchronous; callers own the transaction. */
export class AllowanceStore {
  readonly #sql: SqlStorage;
  #isCreated: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#isCreated = hasTable(this.#sql, "counted");
  }

  /** Everything that counts for these customers, and the known states of these reservations, ended ones included. */
  known(customers: readonly string[], ids: readonly string[]): Known {
    const known: Known = new Map();
    if (!this.#isCreated) return known;
    const rows = this.#sql.exec<CountedRow>(
      `SELECT ${COLUMNS} FROM counted WHERE units > 0 AND customer IN (SELECT value FROM json_each(?1))
      UNION ALL SELECT ${COLUMNS} FROM counted WHERE id IN (SELECT value FROM json_each(?2))`,
      JSON.stringify(customers),
      JSON.stringify(ids),
    );
    for (const row of rows) knownOf(known, row.customer).set(row.id, row);
    return known;
  }

  /** Stores the states of these reservations. */
  save(records: readonly CountedClaim[], now: number): void {
    if (records.length === 0) return;
    this.#create();
    const values = records.map(({ id, customer, sku, units, version }) => [id, customer, sku, units, version]);
    this.#sql.exec(
      `INSERT INTO counted (${COLUMNS}, at)
      SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?2 FROM json_each(?1) WHERE true
      ON CONFLICT DO UPDATE SET units = excluded.units, version = excluded.version, at = excluded.at`,
      JSON.stringify(values),
      now,
    );
  }

  /** When the first of the ended reservations ended, or null. */
  oldestEndAt(): number | null {
    if (!this.#isCreated) return null;
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(at) AS at FROM counted WHERE units = 0").one().at;
  }

  /** Removes reservations that ended before `endedBefore`, at most `limit`. */
  retire(endedBefore: number, limit: number): void {
    if (!this.#isCreated) return;
    this.#sql.exec(
      "DELETE FROM counted WHERE id IN (SELECT id FROM counted WHERE units = 0 AND at < ? ORDER BY at LIMIT ?)",
      endedBefore,
      limit,
    );
  }

  /** Whether it has no rows. */
  get isEmpty(): boolean {
    return !this.#isCreated || this.#sql.exec("SELECT 1 FROM counted LIMIT 1").toArray().length === 0;
  }

  /** The storage was deleted, or the transaction that may have created the tables was rolled back. */
  forget(): void {
    this.#isCreated = hasTable(this.#sql, "counted");
  }

  #create(): void {
    if (this.#isCreated) return;
    this.#isCreated = true;
    this.#sql.exec(
      `CREATE TABLE counted (
        id TEXT PRIMARY KEY, customer TEXT NOT NULL, sku TEXT NOT NULL, units INTEGER NOT NULL CHECK (units >= 0),
        version INTEGER NOT NULL, at INTEGER NOT NULL
      ) WITHOUT ROWID`,
    );
    this.#sql.exec("CREATE INDEX counted_live ON counted (customer) WHERE units > 0");
    this.#sql.exec("CREATE INDEX counted_ended ON counted (at) WHERE units = 0");
  }
}
