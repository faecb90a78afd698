import type { Abandons } from "../domain/turns.ts";

/** What the customers of one SKU object gave back. Synchronous; callers own the transaction. */
export class AbandonStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** What each of these customers gave back in the last recorded hour; null if nothing is known. */
  of(customers: readonly string[]): Map<string, Abandons | null> {
    const found = new Map<string, Abandons | null>(customers.map((customer) => [customer, null]));
    const rows = this.#sql.exec<{ customer: string; since: number; count: number }>(
      "SELECT customer, since, count FROM abandon WHERE customer IN (SELECT value FROM json_each(?))",
      JSON.stringify(customers),
    );
    for (const { customer, since, count } of rows) found.set(customer, { since, count });
    return found;
  }

  /** Writes what a customer has given back. */
  save(customer: string, { since, count }: Abandons): void {
    this.#sql.exec("INSERT OR REPLACE INTO abandon (customer, since, count) VALUES (?, ?, ?)", customer, since, count);
  }

  /** Removes counts from before `before` that were made by events up to `last`, which are about to be removed. */
  retire(last: number, before: number): void {
    this.#sql.exec(
      `DELETE FROM abandon WHERE since < ?2 AND customer IN
        (SELECT COALESCE(reservation, entry) ->> '$.customer' FROM event
          WHERE sequence <= ?1 AND (reservation IS NOT NULL OR entry IS NOT NULL))`,
      last,
      before,
    );
  }
}
