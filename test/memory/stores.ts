import type { Outcome } from "../../src/domain/command.ts";
import type { Reservation, WaitlistEntry } from "../../src/domain/model.ts";
import { type Abandons, noShortages } from "../../src/domain/turns.ts";
import type { StoredAnswer } from "../../src/domain/unit-of-work.ts";
import type { StoreHost, Stores } from "../../src/objects/sku/stores.ts";
import { type CommandRow, ENTRY_TABLE, type EntryRow, entryFromRow } from "../../src/storage/rows.ts";
import { MemorySkuStore } from "./sku-store.ts";
import { check, isActive, type MemoryTables, rowOf, savedRow } from "./tables.ts";

class MemoryWaitlist implements Pick<Stores["waitlist"], keyof Stores["waitlist"]> {
  readonly #tables: MemoryTables;

  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  entries(sku: string, ids: readonly string[]): WaitlistEntry[] {
    return this.#read(
      sku,
      [...new Set(ids)].flatMap((id) => this.#tables.entries.get(id) ?? []),
    );
  }

  active(sku: string, customers: readonly string[]): WaitlistEntry[] {
    const rows = [...this.#tables.entries.values()];
    return this.#read(
      sku,
      rows.filter((row) => isActive(row) && customers.includes(row.customer)),
    );
  }

  line(sku: string, units: number, limit: number): WaitlistEntry[] {
    const rows = this.#waiting.filter(({ quantity, reservation }) => quantity <= units && reservation === null);
    return this.#read(sku, rows.slice(0, limit));
  }

  front(sku: string, limit: number): WaitlistEntry[] {
    return this.#read(sku, this.#waiting.slice(0, limit));
  }

  position(rank: number): number {
    return this.#waiting.filter((row) => row.rank <= rank).length;
  }

  add(entry: WaitlistEntry): void {
    check(!this.#tables.entries.has(entry.id), "id");
    this.#tables.putEntry(rowOf(ENTRY_TABLE, entry));
  }

  save(entry: WaitlistEntry): void {
    const row = this.#tables.entries.get(entry.id);
    if (row !== undefined) this.#tables.putEntry(savedRow(ENTRY_TABLE, row, entry));
  }

  get #waiting(): EntryRow[] {
    const rows = [...this.#tables.entries.values()].filter(({ status }) => status === "waiting");
    return rows.sort((one, other) => one.rank - other.rank);
  }

  #read(sku: string, rows: readonly EntryRow[]): WaitlistEntry[] {
    return rows.map((row) => entryFromRow(sku, row));
  }
}

type AboutReservation = Extract<Outcome, { type: "reservation" | "try" }>;

/** Answers in memory: that about a reservation hangs on its event, and metadata is in the reservation alone. */
class MemoryAnswers implements Pick<Stores["answers"], keyof Stores["answers"]> {
  readonly #tables: MemoryTables;

  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  of(keys: readonly string[]): Map<string, StoredAnswer> {
    const rows = [...new Set(keys)].flatMap((key) => this.#tables.commands.get(key) ?? []);
    return new Map(rows.map((row) => [row.key, { content: row.content, outcome: this.#restored(row) }]));
  }

  save(key: string, { content, outcome }: StoredAnswer, sequence: number, at: number): void {
    const row = { key, content, at, outcome: JSON.stringify(outcome) };
    this.#tables.commands.set(key, {
      ...row,
      sequence: isAbout(outcome) ? outcome.reservation.version : sequence,
    });
  }

  remove(key: string): void {
    this.#tables.commands.delete(key);
  }

  #restored({ outcome, sequence }: CommandRow): Outcome {
    const kept = JSON.parse(outcome) as Outcome;
    if (isAbout(kept)) return this.#withReservation(kept, sequence);
    if (!kept.ok || kept.type !== "batch") return kept;
    return { ...kept, outcomes: kept.outcomes.map((part) => (isAbout(part) ? this.#withMetadata(part) : part)) };
  }

  #withReservation(outcome: AboutReservation, sequence: number): AboutReservation {
    const event = this.#tables.events.get(sequence);
    if (!event?.reservation) throw new Error("the event of this answer is missing");
    const { metadata, ...then } = JSON.parse(event.reservation) as Reservation;
    const { reservation } = this.#withMetadata({ ...outcome, reservation: { ...then, metadata: {} } });
    return { ...outcome, reservation: { ...reservation, ...(metadata ? { metadata } : {}) } };
  }

  #withMetadata(outcome: AboutReservation): AboutReservation {
    const row = this.#tables.reservations.get(outcome.reservation.id);
    return { ...outcome, reservation: { ...outcome.reservation, metadata: JSON.parse(row?.metadata ?? "{}") } };
  }
}

function isAbout(outcome: Outcome): outcome is AboutReservation {
  return outcome.ok && (outcome.type === "reservation" || outcome.type === "try");
}

class MemoryAbandons implements Pick<Stores["abandons"], keyof Stores["abandons"]> {
  readonly #tables: MemoryTables;

  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  of(customers: readonly string[]): Map<string, Abandons | null> {
    return new Map(customers.map((customer) => [customer, this.#tables.abandons.get(customer) ?? null]));
  }

  save(customer: string, { since, count }: Abandons): void {
    this.#tables.abandons.set(customer, { since, count });
  }

  retire(last: number, before: number): void {
    this.#tables.retireAbandons(last, before);
  }
}

/** The stores of a SKU object in memory. */
export function memoryStores(tables: MemoryTables): Stores {
  return {
    sku: new MemorySkuStore(tables),
    waitlist: new MemoryWaitlist(tables),
    answers: new MemoryAnswers(tables),
    abandons: new MemoryAbandons(tables),
    shortages: noShortages(),
  };
}

/** Where the stores of a SKU object in memory come from. */
export function memoryHost(tables: MemoryTables): StoreHost {
  return {
    open: () => (tables.sku === null ? null : memoryStores(tables)),
    create: () => memoryStores(tables),
  };
}
