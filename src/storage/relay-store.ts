/** The Relays that a SKU object feeds. */
export class RelayStore {
  readonly #sql: SqlStorage;
  /** The rows, cached: there is no other writer. */
  #names: string[] | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Their names. */
  names(): string[] {
    this.#names ??= Array.from(this.#sql.exec<{ name: string }>("SELECT name FROM relay"), ({ name }) => name);
    return this.#names;
  }

  /** Adds a Relay. */
  add(name: string): void {
    if (this.names().includes(name)) return;
    this.#sql.exec("INSERT INTO relay (name) VALUES (?)", name);
    this.#names = null;
  }

  /** Removes a Relay. */
  remove(name: string): void {
    this.#sql.exec("DELETE FROM relay WHERE name = ?", name);
    this.#names = null;
  }
}
