import { LOCK_MS, OPEN_CLAIMS_MAX, OWN_RESERVATIONS_MAX, RETENTION_ROWS_MAX } from "../../src/domain/bounds.ts";
import type { Reservation, Sku, SkuEvent } from "../../src/domain/model.ts";
import type { Stores } from "../../src/objects/sku/stores.ts";
import {
  EVENT_TABLE,
  type EventRow,
  eventFromRow,
  RESERVATION_TABLE,
  type ReservationRow,
  reservationFromRow,
  SKU_TABLE,
  skuFromRow,
} from "../../src/storage/rows.ts";
import { check, isActive, type MemoryTables, rowOf, savedRow } from "./tables.ts";

type Row = ReservationRow;

/** The rows of a SKU in memory: to whoever calls it the same as `SkuStore`. */
export class MemorySkuStore implements Pick<Stores["sku"], keyof Stores["sku"]> {
  readonly #tables: MemoryTables;

  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  sku(): Sku {
    if (this.#tables.sku === null) throw new Error("there is no SKU");
    return skuFromRow(this.#tables.sku);
  }

  dueHolds(sku: string, now: number, limit: number): Reservation[] {
    return this.#read(sku, this.#mortal(Number.NEGATIVE_INFINITY, now).sort(byExpiry).slice(0, limit));
  }

  reservations(sku: string, ids: readonly string[]): Reservation[] {
    return this.#read(
      sku,
      [...new Set(ids)].flatMap((id) => this.#tables.reservations.get(id) ?? []),
    );
  }

  ownReservations(sku: string, customer: string, now: number): Reservation[] {
    const own = this.#counted([customer], now).filter(({ attempt }) => attempt === null);
    return this.#read(sku, own.sort(newestFirst).slice(0, OWN_RESERVATIONS_MAX));
  }

  holdsExpiringIn(sku: string, after: number, until: number, limit: number): Reservation[] {
    const holds = this.#mortal(after, until).filter(({ attempt }) => attempt === null);
    return this.#read(sku, holds.sort(byExpiry).slice(0, limit));
  }

  knownCustomers(limit: number): string[] {
    const live = this.#all.filter(({ status }) => status === "held" || status === "confirmed");
    const claimed = live.map(({ customer }) => customer);
    return [claimed, [...this.#tables.abandons.keys()]].flatMap((known) => known.sort().slice(0, limit));
  }

  liveUnits(customers: readonly string[], now: number): Map<string, number> {
    return new Map(customers.map((customer) => [customer, sumOf(this.#counted([customer], now), countedUnits)]));
  }

  toldUnits(customer: string, now: number): number {
    const told = this.#counted([customer], now).filter(({ attempt }) => attempt === null);
    return sumOf(told, countedUnits);
  }

  openClaims(sku: string, customers: readonly string[]): Reservation[] {
    const open = this.#all.filter(({ status, customer }) => status === "held" && customers.includes(customer));
    return this.#read(sku, open.sort(newestFirst).slice(0, OPEN_CLAIMS_MAX));
  }

  overdueUnits(now: number): number {
    return sumOf(this.#mortal(Number.NEGATIVE_INFINITY, now), ({ quantity }) => quantity);
  }

  nextExpiryAt(after = 0): number | null {
    return first(this.#mortal(after, Number.POSITIVE_INFINITY).map(({ expires_at }) => expires_at));
  }

  triedUnits(): number {
    return sumOf(
      this.#all.filter(({ attempt }) => attempt !== null),
      ({ quantity }) => quantity,
    );
  }

  lockedLines(sku: string, now: number, limit: number): Reservation[] {
    const isOff = ({ locked_until: at }: Row) => at !== null && (at <= now || at > now + LOCK_MS);
    const lines = this.#all.filter(isOff).sort((one, other) => Number(one.locked_until) - Number(other.locked_until));
    return this.#read(sku, lines.slice(0, limit));
  }

  nextLockAt(): number | null {
    return first(this.#all.flatMap(({ locked_until }) => locked_until ?? []));
  }

  saveSku(sku: Sku): void {
    this.#tables.putSku(rowOf(SKU_TABLE, sku));
  }

  addReservation(reservation: Reservation): void {
    check(!this.#tables.reservations.has(reservation.id), "id");
    this.#tables.putReservation(rowOf(RESERVATION_TABLE, reservation));
  }

  saveReservation(reservation: Reservation): void {
    const row = this.#tables.reservations.get(reservation.id);
    if (row !== undefined) this.#tables.putReservation(savedRow(RESERVATION_TABLE, row, reservation));
  }

  removeReservation(id: string): void {
    this.#tables.reservations.delete(id);
  }

  addEvent(event: SkuEvent): void {
    const { events } = this.#tables;
    check(!events.has(event.sequence), "sequence");
    events.set(event.sequence, rowOf(EVENT_TABLE, event));
  }

  eventsForOthers(after: number, types: readonly string[], limit: number): SkuEvent[] {
    const rows = this.#events.filter(({ sequence, type }) => sequence > after && types.includes(type));
    return rows.filter(concernsOthers).slice(0, limit).map(eventFromRow);
  }

  eventAt(sequence: number): number | null {
    return this.#tables.events.get(sequence)?.time ?? null;
  }

  oldestEventAt(): number | null {
    return this.#events[0]?.time ?? null;
  }

  retire(before: number, recorded: number, now: number): number {
    const events = this.#events;
    const from = events[0]?.sequence ?? 0;
    const portion = events.filter(({ sequence }) => sequence < from + RETENTION_ROWS_MAX && sequence <= recorded);
    const young = portion.findIndex(({ time }) => time >= before && time <= now);
    const front = young === -1 ? portion : portion.slice(0, young);
    const last = front.findLast(({ time }) => time < before)?.sequence;
    if (last === undefined) return 0;
    const leaving = portion.filter(({ sequence }) => sequence <= last).map(eventFromRow);
    const { reservations, entries, commands } = this.#tables;
    for (const { reservation, entry } of leaving) {
      const left = reservations.get(reservation?.id ?? "");
      const hasEnded = left?.status === "released" || left?.status === "expired";
      if (left && hasEnded && left.version <= last) reservations.delete(left.id);
      const place = entries.get(entry?.id ?? "");
      if (place && !isActive(place) && place.version <= last) entries.delete(place.id);
    }
    for (const { key, sequence } of [...commands.values()]) if (sequence <= last) commands.delete(key);
    this.#tables.retireAbandons(last, before);
    for (const { sequence } of leaving) this.#tables.events.delete(sequence);
    return leaving.length;
  }

  get #all(): Row[] {
    return [...this.#tables.reservations.values()];
  }

  get #events(): EventRow[] {
    return [...this.#tables.events.values()].sort((one, other) => one.sequence - other.sequence);
  }

  /** Holds that die after `after` and by `until`. */
  #mortal(after: number, until: number): Row[] {
    return this.#all.filter((row) => isMortal(row) && row.expires_at > after && row.expires_at <= until);
  }

  /** What counts against these customers' limits. */
  #counted(customers: readonly string[], now: number): Row[] {
    return this.#all.filter(
      (row) =>
        customers.includes(row.customer) &&
        (row.status === "held" || row.status === "confirmed") &&
        !(isMortal(row) && row.expires_at <= now),
    );
  }

  #read(sku: string, rows: readonly Row[]): Reservation[] {
    return rows.map((row) => reservationFromRow(sku, row));
  }
}

function isMortal({ status, locked_until }: Row): boolean {
  return status === "held" && locked_until === null;
}

function countedUnits({ status, quantity, confirmed_quantity, returned_quantity }: Row): number {
  return status === "held" ? quantity : confirmed_quantity - returned_quantity;
}

/** As the index has them. */
function byExpiry(one: Row, other: Row): number {
  return one.expires_at - other.expires_at || one.quantity - other.quantity || (one.id < other.id ? -1 : 1);
}

function newestFirst(one: Row, other: Row): number {
  return one.id < other.id ? 1 : -1;
}

function concernsOthers(row: EventRow): boolean {
  const { type, reservation, entry, detail } = eventFromRow(row);
  const isShared = [reservation?.countedBy, reservation?.cart, detail?.superseded, detail?.restored].some(
    (one) => one !== undefined && one !== null,
  );
  return isShared && (type !== "reservation.tried" || entry !== null);
}

function sumOf(rows: readonly Row[], units: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + units(row), 0);
}

function first(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}
