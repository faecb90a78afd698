/** The Relays that have themselves fed by a SKU object. */
export class RelayStore {
  readonly #sql: SqlStorage;
  /** The rows, once they were read: nobody else writes them. */
  #names: string[] | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Their names. */
  names(): string[] {
    this.#names ??= Array.from(this.#sql.exec<{ name: string }>("SELECT name FROM relay"), ({ name }) => name);
    return this.#names;
  }

  /** Feeds one more from now on. */
  add(name: string): void {
    if (this.names().includes(name)) return;
    this.#sql.exec("INSERT INTO relay (name) VALUES (?)", name);
    this.#names = null;
  }

  /** Does not feed it any more. */
  remove(name: string): void {
    this.#sql.exec("DELETE FROM relay WHERE name = ?", name);
    this.#names = null;
  }
}
