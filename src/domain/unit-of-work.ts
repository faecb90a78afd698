import type { Outcome, Refusal } from "./command.ts";
import type { EventType, Reservation, Sku, SkuEvent, SkuView, WaitlistEntry } from "./model.ts";
import { assertConserved, availableUnits, isServing, liveUnits, stockLevel } from "./stock.ts";
import { abandon, openTurns, type Turns } from "./turns.ts";

/** The stored answer to an idempotency key, and the content that it belongs to. */
export interface StoredAnswer {
  content: string;
  outcome: Outcome;
}

/**
 * The working set of one transaction: the facts gathered for its commands, changed in place while they are decided, and what
 * has to be written. Callers guarantee that it contains every reservation, key and customer that the commands name, that dead
 * holds among those reservations were expired first, and that no command needs overdue units.
 */
export interface UnitOfWork {
  readonly now: number;
  sku: Sku | null;
  reservations: Map<string, Reservation>;
  unitsByCustomer: Map<string, number>;
  answers: Map<string, StoredAnswer>;
  /** Units of dead holds that are left for a later sweep. */
  overdueUnits: number;
  /** Units in tries: a shortage caused by these alone may end in a moment. */
  triedUnits: number;
  /** Customers whose open claims are all among the reservations. */
  claimants: Set<string>;
  /** Units reserved for late payments that were told to retry. */
  promises: Promised[];
  /** Promises made by this transaction. */
  newPromises: Promised[];
  waitlist: Waitlist;
  turns: Turns;
  events: SkuEvent[];
  /** Reservations to write, those among them without a row yet, and those to remove. */
  changedReservations: Set<string>;
  newReservations: Set<string>;
  removedReservations: Set<string>;
  /** Keys whose answers have to be written, and keys to remove. */
  newKeys: Set<string>;
  removedKeys: Set<string>;
}

/** The next units that come back belong to this reservation, whose payment was told to retry. */
export interface Promised {
  id: string;
  units: number;
}

/** The part of the waitlist that a transaction may touch. */
export interface Waitlist {
  entries: Map<string, WaitlistEntry>;
  /** Active entries of the customers that the commands name. */
  entryOf: Map<string, string>;
  /** Entries that can be served now, first come first, each with an id for its offer. */
  line: { entry: string; offer: string }[];
  /** More entries wait than these: until they have been looked at, free units are theirs. */
  more: boolean;
  changed: Set<string>;
  added: Set<string>;
}

/** One change that a rule asks for. Counts that are not named stay unchanged. */
export interface Change {
  type: EventType;
  dStock?: number;
  dHeld?: number;
  dSold?: number;
  reservation?: Reservation;
  /** The entry that the event is about. The entry of an offer follows its reservation. */
  entry?: WaitlistEntry;
  sku?: Partial<Pick<Sku, "name" | "policy" | "revision" | "phase" | "drop" | "membership" | "waiting">>;
  detail?: Record<string, unknown>;
  /** Its customer gives it back or lets it lapse: that counts (section LGO of the rules). */
  isAbandoned?: boolean;
}

/** The decision of a rule. `refused` with a change is the one refusal that is written: the final `refundRequired`. */
export type Ruling =
  | { kind: "refused"; refusal: Refusal; change?: Change }
  | { kind: "changed"; change: Change }
  | { kind: "unchanged" };

/** An empty unit of work at `now`, with the SKU as last committed. */
export function openUnitOfWork(now: number, sku: Sku | null): UnitOfWork {
  return {
    now,
    sku,
    reservations: new Map(),
    unitsByCustomer: new Map(),
    answers: new Map(),
    overdueUnits: 0,
    triedUnits: 0,
    claimants: new Set(),
    promises: [],
    newPromises: [],
    waitlist: {
      entries: new Map(),
      entryOf: new Map(),
      line: [],
      more: false,
      changed: new Set(),
      added: new Set(),
    },
    turns: openTurns(),
    events: [],
    changedReservations: new Set(),
    newReservations: new Set(),
    removedReservations: new Set(),
    newKeys: new Set(),
    removedKeys: new Set(),
  };
}

/** The SKU of a unit of work that has one; throws otherwise. */
export function skuOf(work: UnitOfWork): Sku {
  if (work.sku === null) throw new Error("this transaction has no SKU");
  return work.sku;
}

/** Units of a customer that count against limits. Throws if they were not gathered. */
export function unitsOf(work: UnitOfWork, customer: string): number {
  const units = work.unitsByCustomer.get(customer);
  if (units === undefined) throw new Error("the units of this customer were not gathered");
  return units;
}

/** Applies a change: counters, version, reservation, customer's units, waitlist and event; all, or none by throwing. */
export function apply(work: UnitOfWork, change: Change): void {
  const { dStock = 0, dHeld = 0, dSold = 0 } = change;
  const before = skuOf(work);
  const version = before.version + 1;
  const sku = {
    ...before,
    ...change.sku,
    stock: before.stock + dStock,
    held: before.held + dHeld,
    sold: before.sold + dSold,
    version,
    updatedAt: work.now,
  };
  if (sku.phase !== before.phase) sku.closedAt = sku.phase === "closed" ? work.now : null;
  assertConserved(sku);
  work.sku = sku;
  const reservation = change.reservation ? { ...change.reservation, version } : null;
  if (reservation) keep(work, reservation);
  const entry = changedEntry(work, change, version);
  if (entry) keepEntry(work, entry);
  const left = reservation ?? entry;
  if (change.isAbandoned && left) abandon(work.turns, work.now, left.customer, left.createdAt, dHeld < 0);
  work.events.push({
    sequence: version,
    type: change.type,
    time: work.now,
    dStock,
    dHeld,
    dSold,
    reservation,
    entry,
    detail: change.detail ?? null,
  });
}

/** Removes a cancelled try after its event: nobody outside has seen it. */
export function forget(work: UnitOfWork, id: string): void {
  work.reservations.delete(id);
  work.removedReservations.add(id);
}

function keep(work: UnitOfWork, reservation: Reservation): void {
  const before = work.reservations.get(reservation.id);
  const units = work.unitsByCustomer.get(reservation.customer);
  if (units !== undefined) {
    const moved = liveUnits(reservation, work.now) - (before ? liveUnits(before, work.now) : 0);
    work.unitsByCustomer.set(reservation.customer, units + moved);
  }
  if (before === undefined) work.newReservations.add(reservation.id);
  work.triedUnits += triedUnits(reservation) - (before ? triedUnits(before) : 0);
  work.reservations.set(reservation.id, reservation);
  work.changedReservations.add(reservation.id);
}

function triedUnits({ status, attempt, quantity }: Reservation): number {
  return status === "held" && attempt !== null ? quantity : 0;
}

/** The effect of an event on the waitlist: an offer ends with its reservation, and is accepted when that is bought. */
function changedEntry(work: UnitOfWork, change: Change, version: number): WaitlistEntry | null {
  if (change.entry) return { ...change.entry, version };
  const { reservation } = change;
  const status = reservation && reservation.attempt === null ? ENTRY_STATUS[reservation.status] : undefined;
  if (!reservation?.entry || status === undefined) return null;
  const entry = work.waitlist.entries.get(reservation.entry);
  // The entry of an offer that was read back has been removed as well, in its final state.
  if (entry === undefined && work.newReservations.has(reservation.id)) return null;
  if (entry === undefined) throw new Error("the entry of this offer was not gathered");
  if (reservation.status === "released" && reservation.superseded) {
    return { ...entry, status: "withdrawn", reason: "superseded", version };
  }
  return entry.status === status ? null : { ...entry, status, version };
}

const ENTRY_STATUS: Partial<Record<Reservation["status"], WaitlistEntry["status"]>> = {
  confirmed: "accepted",
  released: "declined",
  expired: "lapsed",
};

function keepEntry({ waitlist }: UnitOfWork, entry: WaitlistEntry): void {
  if (!waitlist.entries.has(entry.id)) waitlist.added.add(entry.id);
  waitlist.entries.set(entry.id, entry);
  waitlist.changed.add(entry.id);
  if (entry.status === "waiting" || entry.status === "offered") waitlist.entryOf.set(entry.customer, entry.id);
  else if (waitlist.entryOf.get(entry.customer) === entry.id) waitlist.entryOf.delete(entry.customer);
}

/**
 * Units that a new customer could have: none while waiting entries have not all been looked at, and none that are promised to
 * another late payment than `rescue`.
 */
export function unclaimedUnits(work: UnitOfWork, rescue?: string): number {
  if (isUndecided(work)) return 0;
  return Math.max(0, availableUnits(skuOf(work), work.overdueUnits) - promisedUnits(work, rescue));
}

/** Units promised to late payments, as far as `rescue` has to leave them: those promised before it. */
export function promisedUnits({ promises, newPromises }: UnitOfWork, rescue?: string): number {
  const all = [...promises, ...newPromises];
  const own = all.findIndex(({ id }) => id === rescue);
  // If two payments left the units to each other, neither would get them.
  const before = own === -1 ? all : all.slice(0, own);
  return before.reduce((sum, { units }) => sum + units, 0);
}

/** Whether the next transaction may give free units to waiting customers. */
export function isUndecided(work: UnitOfWork): boolean {
  const { line, more } = work.waitlist;
  // Units freed by the sweep may already be offered, and units that it left are not free in the rows yet.
  if (line.length > 0 && work.overdueUnits > 0) return true;
  return more && isServing(skuOf(work), work.now);
}

/** The SKU with its stock in this transaction; dead holds that wait for a sweep count as free. */
export function viewSku(work: UnitOfWork): SkuView {
  const sku = skuOf(work);
  const { state, available, low } = stockLevel(sku, work.now, work.overdueUnits);
  return { ...sku, held: sku.held - work.overdueUnits, state, available, low };
}
