import type { Outcome, Request } from "../../src/domain/command.ts";
import type { Reservation, Sku, SkuEvent, WaitlistEntry } from "../../src/domain/model.ts";
import { Promises } from "../../src/domain/promises.ts";
import type { UnitOfWork } from "../../src/domain/unit-of-work.ts";
import { Transactions } from "../../src/objects/sku/transactions.ts";
import { entryFromRow, reservationFromRow, SKU_TABLE, skuFromRow } from "../../src/storage/rows.ts";
import { memoryHost } from "../memory/stores.ts";
import { MemoryTables, rowOf } from "../memory/tables.ts";

interface Settings {
  offerPrefix?: string;
  /** Dead holds that one transaction releases. */
  sweepMax?: number;
}

/** What a table holds, read when somebody looks. */
interface Kept<Thing> {
  get(id: string): Thing | undefined;
  has(id: string): boolean;
  keys(): Iterable<string>;
  values(): Thing[];
  size: number;
}

/** The transactions of a SKU object over tables in memory, with a clock that stands still until it is moved. */
export class MemoryObject {
  now: number;
  /** All events that there were, as they were committed. */
  readonly events: SkuEvent[] = [];
  /** Late payments that were ever told to retry, and the units that were reserved for such at each event. */
  readonly promised = new Set<string>();
  readonly promisedAt: number[] = [];
  readonly #tables = new MemoryTables();
  readonly #settings: Settings;
  readonly #known = new WeakMap<object, unknown>();
  #promises: Promises;
  #transactions: Transactions;
  #offers = 0;

  constructor(now: number, settings: Settings = {}) {
    this.now = now;
    this.#settings = settings;
    [this.#promises, this.#transactions] = this.#begin();
  }

  /** The next instance: it knows what is in the tables, and nothing else. */
  restart(): void {
    [this.#promises, this.#transactions] = this.#begin();
  }

  execute(requests: readonly Request[]): Outcome[] {
    return this.#transactions.execute(requests);
  }

  /** What the alarm does in one step: sweeps due holds, commits what the clock has changed, serves a page of the waitlist. */
  wake(): boolean {
    return this.#transactions.sweep();
  }

  get sku(): Sku | null {
    const row = this.#tables.sku;
    return row && this.#once(row, () => skuFromRow(row));
  }

  /** Puts the SKU into a state that takes long to reach. */
  set sku(sku: Sku) {
    this.#tables.putSku(rowOf(SKU_TABLE, sku));
  }

  get reservations(): Kept<Reservation> {
    return this.#read(this.#tables.reservations, reservationFromRow);
  }

  get entries(): Kept<WaitlistEntry> {
    return this.#read(this.#tables.entries, entryFromRow);
  }

  /** Those who wait, first come first. */
  get line(): WaitlistEntry[] {
    const waiting = [...this.entries.values()].filter(({ status }) => status === "waiting");
    return waiting.sort((one, other) => one.rank - other.rank);
  }

  /** Units that late payments were told to come again for. */
  get promisedUnits(): number {
    return this.#promises.at(this.now).reduce((sum, { units }) => sum + units, 0);
  }

  #begin(): [Promises, Transactions] {
    const promises = new ObservedPromises((work) => this.#observe(work));
    const tables = this.#tables;
    const alarm = { transaction: <Result>(write: () => Result) => tables.transaction(write), ensure: () => {} };
    const outside = { now: () => this.now, newId: () => this.#newId(), ...this.#settings };
    const onCommit = ({ events }: { events: SkuEvent[] }) => void this.events.push(...events);
    return [promises, new Transactions(memoryHost(tables), alarm, onCommit, outside, promises)];
  }

  #newId(): string {
    this.#offers += 1;
    return `${this.#settings.offerPrefix ?? "o"}${this.#offers}`;
  }

  #observe({ promises, newPromises, events }: UnitOfWork): void {
    for (const { id } of newPromises) this.promised.add(id);
    const units = [...promises, ...newPromises].reduce((sum, one) => sum + one.units, 0);
    for (const _event of events) this.promisedAt.push(units);
  }

  /** What a row says, read once: rows are never changed in place. */
  #once<Row extends object, Thing>(row: Row, read: () => Thing): Thing {
    const known = this.#known.get(row) ?? read();
    this.#known.set(row, known);
    return known as Thing;
  }

  #read<Row extends object, Thing>(
    rows: ReadonlyMap<string, Row>,
    thingOf: (sku: string, row: Row) => Thing,
  ): Kept<Thing> {
    const sku = this.#tables.sku?.sku ?? "";
    const read = (row: Row) => this.#once(row, () => thingOf(sku, row));
    return {
      get: (id) => {
        const row = rows.get(id);
        return row && read(row);
      },
      has: (id) => rows.has(id),
      keys: () => rows.keys(),
      size: rows.size,
      values: () => Array.from(rows.values(), read),
    };
  }
}

class ObservedPromises extends Promises {
  readonly #onTake: (work: UnitOfWork) => void;

  constructor(onTake: (work: UnitOfWork) => void) {
    super();
    this.#onTake = onTake;
  }

  override take(work: UnitOfWork): void {
    super.take(work);
    this.#onTake(work);
  }
}
