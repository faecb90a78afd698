import { assertConserved } from "../../src/domain/stock.ts";
import type { Abandons } from "../../src/domain/turns.ts";
import {
  type CommandRow,
  type EntryRow,
  type EventRow,
  type ReservationRow,
  type SkuRow,
  skuFromRow,
} from "../../src/storage/rows.ts";
import type { Table } from "../../src/storage/table.ts";

/** What a thing's row is. */
export function rowOf<Row, Thing>(table: Table<Thing>, thing: Thing): Row {
  const values = table.valuesOf(thing);
  return Object.fromEntries(table.names.map((column, index) => [column, values[index]])) as Row;
}

/** The row after its thing was saved again: fixed columns stay. */
export function savedRow<Row extends object, Thing>(table: Table<Thing>, row: Row, thing: Thing): Row {
  const values = table.changesOf(thing);
  return { ...row, ...Object.fromEntries(table.changing.map((column, index) => [column, values[index]])) };
}

/** Rows by their key, which are never changed in place, and remember how to undo what was done to them. */
class Rows<Key, Row> extends Map<Key, Row> {
  readonly undo: (() => void)[] = [];

  override set(key: Key, row: Row): this {
    this.#remember(key);
    return super.set(key, row);
  }

  override delete(key: Key): boolean {
    this.#remember(key);
    return super.delete(key);
  }

  /** Puts back what was there when `undo` was empty. */
  rollBack(): void {
    while (this.undo.length > 0) this.undo.pop()?.();
  }

  #remember(key: Key): void {
    const before = super.get(key);
    this.undo.push(() => (before === undefined ? super.delete(key) : super.set(key, before)));
  }
}

/** The tables of one SKU object in memory, with the constraints of its schema. */
export class MemoryTables {
  sku: SkuRow | null = null;
  readonly reservations = new Rows<string, ReservationRow>();
  readonly entries = new Rows<string, EntryRow>();
  /** By sequence. */
  readonly events = new Rows<number, EventRow>();
  readonly commands = new Rows<string, CommandRow>();
  readonly abandons = new Rows<string, Abandons>();

  /** Does all of it or, by throwing, nothing. */
  transaction<Result>(write: () => Result): Result {
    const { sku } = this;
    const tables = [this.reservations, this.entries, this.events, this.commands, this.abandons];
    for (const { undo } of tables) undo.length = 0;
    try {
      return write();
    } catch (error) {
      this.sku = sku;
      for (const table of tables) table.rollBack();
      throw error;
    }
  }

  putSku(row: SkuRow): void {
    assertConserved(skuFromRow(row));
    this.sku = row;
  }

  putReservation(row: ReservationRow): void {
    check(row.quantity >= 0, "quantity");
    check(row.confirmed_quantity >= 0 && row.confirmed_quantity <= row.quantity, "confirmed_quantity");
    check(row.returned_quantity >= 0 && row.returned_quantity <= row.confirmed_quantity, "returned_quantity");
    this.reservations.set(row.id, row);
  }

  putEntry(row: EntryRow): void {
    check(row.quantity > 0, "quantity");
    const others = [...this.entries.values()].filter(({ id }) => id !== row.id);
    check(!others.some(({ rank }) => rank === row.rank), "rank");
    check(!isActive(row) || !others.some((one) => isActive(one) && one.customer === row.customer), "customer");
    this.entries.set(row.id, row);
  }

  /** Forgets what was let go of before `before` in events up to `last`. */
  retireAbandons(last: number, before: number): void {
    for (const { sequence, reservation, entry } of this.events.values()) {
      const about = reservation ?? entry;
      if (sequence > last || about === null) continue;
      const { customer } = JSON.parse(about) as { customer: string };
      if ((this.abandons.get(customer)?.since ?? before) < before) this.abandons.delete(customer);
    }
  }
}

/** Whether an entry waits or has an offer. */
export function isActive({ status }: EntryRow): boolean {
  return status === "waiting" || status === "offered";
}

export function check(isKept: boolean, what: string): void {
  if (!isKept) throw new Error(`constraint failed: ${what}`);
}
