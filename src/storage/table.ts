type Value = string | number | null;

/** For each column of a table what it holds of a thing. JSON columns are text, booleans are 0 and 1. */
export type Columns<Thing> = Record<string, (thing: Thing) => Value>;

/** A row of such a table as SQLite returns it. */
export type RowOf<Named extends Columns<never>> = { [Name in keyof Named]: ReturnType<Named[Name]> };

/** A table whose columns are spelled once: its statements are built when the module is loaded, never for a call. */
export class Table<Thing> {
  readonly names: readonly string[];
  /** For `SELECT`. */
  readonly columns: string;
  readonly insert: string;
  /** Writes, by its id, what can change about a thing. */
  readonly update: string;
  /** The columns that can change. */
  readonly changing: readonly string[];
  /** For an insert that meets the thing: takes over what can change. */
  readonly takeOver: string;
  readonly #all: Columns<Thing>[string][];
  readonly #changing: Columns<Thing>[string][];

  /** `fixed` are the columns that are written once, the id among them. */
  constructor(name: string, columns: Columns<Thing>, fixed: readonly string[]) {
    this.names = Object.keys(columns);
    this.columns = this.names.join(", ");
    const changing = Object.entries(columns).filter(([column]) => !fixed.includes(column));
    this.changing = changing.map(([column]) => column);
    this.#all = Object.values(columns);
    this.#changing = changing.map(([, value]) => value);
    this.insert = `INSERT INTO ${name} (${this.columns}) VALUES (${this.names.map(() => "?").join(", ")})`;
    this.update = `UPDATE ${name} SET ${this.changing.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`;
    this.takeOver = this.changing.map((column) => `${column} = excluded.${column}`).join(", ");
  }

  /** What `insert` writes. */
  valuesOf(thing: Thing): Value[] {
    return this.#all.map((value) => value(thing));
  }

  /** What `update` writes, but for the id. */
  changesOf(thing: Thing): Value[] {
    return this.#changing.map((value) => value(thing));
  }
}
