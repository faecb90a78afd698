import type { Outcome, Refusal } from "./command.ts";
import type { EventType, Reservation, Sku, SkuEvent, SkuView, WaitlistEntry } from "./model.ts";
import { assertConserved, availableUnits, isServing, liveUnits, stockLevel } from "./stock.ts";
import { abandon, openTurns, type Turns } from "./turns.ts";

/** The first answer to an idempotency key, and the content it was given for. */
export interface StoredAnswer {
  content: string;
  outcome: Outcome;
}

/**
 * The working set of one transaction: the facts that were gathered for its commands, changed in place as they are
 * judged, and what has to be written. Whoever fills it promises that every reservation, key and customer the commands
 * name is in it, that dead holds among those reservations were expired first, and that no command needs units that are
 * among the overdue ones.
 */
export interface UnitOfWork {
  readonly now: number;
  sku: Sku | null;
  reservations: Map<string, Reservation>;
  unitsByCustomer: Map<string, number>;
  answers: Map<string, StoredAnswer>;
  /** Units of dead holds that are left for a later sweep. */
  overdueUnits: number;
  /** Units that sit in tries: what is short because of them alone may be free in a moment. */
  triedUnits: number;
  /** Customers of whom every open claim is among the reservations. */
  claimants: Set<string>;
  /** Units that late payments were told to come again for: nobody else gets them until then. */
  promises: Promised[];
  /** Promises that this transaction made. */
  newPromises: Promised[];
  waitlist: Waitlist;
  turns: Turns;
  events: SkuEvent[];
  /** Reservations to be written, those among them that have no row yet, and those of which nothing remains. */
  changedReservations: Set<string>;
  newReservations: Set<string>;
  removedReservations: Set<string>;
  /** Keys whose answers are to be written, and those that stand for nothing any more. */
  newKeys: Set<string>;
  removedKeys: Set<string>;
}

/** The next units that come back are this reservation's, whose payment was told to come again. */
export interface Promised {
  id: string;
  units: number;
}

/** The part of the waitlist that a transaction may touch. */
export interface Waitlist {
  entries: Map<string, WaitlistEntry>;
  /** Customers that wait or have an offer, of those the commands name, each with its entry. */
  entryOf: Map<string, string>;
  /** Those that can be served now, first come first, each with an id for its offer. */
  line: { entry: string; offer: string }[];
  /** More wait than these: until they have been looked at, free units are theirs. */
  more: boolean;
  changed: Set<string>;
  added: Set<string>;
}

/** One change that a rule asks for. Counts that are not named stay as they are. */
export interface Change {
  type: EventType;
  dStock?: number;
  dHeld?: number;
  dSold?: number;
  reservation?: Reservation;
  /** An entry that the event itself is about. That of an offer follows its reservation. */
  entry?: WaitlistEntry;
  sku?: Partial<Pick<Sku, "name" | "policy" | "revision" | "phase" | "drop" | "membership" | "waiting">>;
  detail?: Record<string, unknown>;
  /** Its customer lets go of it, of its own doing or by not doing anything: that counts (section LGO of the rules). */
  isAbandoned?: boolean;
}

/** What a rule decides. `refused` with a change is the one refusal that is written: the final `refundRequired`. */
export type Ruling =
  | { kind: "refused"; refusal: Refusal; change?: Change }
  | { kind: "changed"; change: Change }
  | { kind: "unchanged" };

/** An empty unit of work at `now`, with the SKU as it was last committed. */
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

/** The SKU of a unit of work that is known to have one. */
export function skuOf(work: UnitOfWork): Sku {
  if (work.sku === null) throw new Error("this transaction has no SKU");
  return work.sku;
}

/** Units of a customer that count against limits. Throws when the shell forgot to gather them. */
export function unitsOf(work: UnitOfWork, customer: string): number {
  const units = work.unitsByCustomer.get(customer);
  if (units === undefined) throw new Error("the units of this customer were not gathered");
  return units;
}

/** Carries out a change: counters, version, the reservation, the customer's units, the waitlist and the event, all or (by throwing) none. */
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

/** Takes a try that came to nothing out of the books, after its event: nobody was told of it. */
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

/** What an event does to the waitlist: an offer ends as its reservation does, and is accepted when that is bought. */
function changedEntry(work: UnitOfWork, change: Change, version: number): WaitlistEntry | null {
  if (change.entry) return { ...change.entry, version };
  const { reservation } = change;
  const status = reservation && reservation.attempt === null ? ENTRY_STATUS[reservation.status] : undefined;
  if (!reservation?.entry || status === undefined) return null;
  const entry = work.waitlist.entries.get(reservation.entry);
  // The entry of an offer that was read back has left as well, as it ended.
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
 * Units that a newcomer could have: none while people who wait have not all been looked at, and none that were promised
 * to somebody else than the late payment `rescue`.
 */
export function unclaimedUnits(work: UnitOfWork, rescue?: string): number {
  if (isUndecided(work)) return 0;
  return Math.max(0, availableUnits(skuOf(work), work.overdueUnits) - promisedUnits(work, rescue));
}

/** Units that were promised to late payments, as far as `rescue` has to leave them: to those that were told so before it. */
export function promisedUnits({ promises, newPromises }: UnitOfWork, rescue?: string): number {
  const all = [...promises, ...newPromises];
  const own = all.findIndex(({ id }) => id === rescue);
  // Would two leave each other what has come back, neither would get it.
  const before = own === -1 ? all : all.slice(0, own);
  return before.reduce((sum, { units }) => sum + units, 0);
}

/** Whether the next transaction may give what is free to people who wait. */
export function isUndecided(work: UnitOfWork): boolean {
  const { line, more } = work.waitlist;
  // What the sweep freed may be offered already, and what it left over is not free in the rows yet.
  if (line.length > 0 && work.overdueUnits > 0) return true;
  return more && isServing(skuOf(work), work.now);
}

/** The whole SKU as it stands in this transaction; dead holds that wait for a sweep count as free. */
export function viewSku(work: UnitOfWork): SkuView {
  const sku = skuOf(work);
  const { state, available, low } = stockLevel(sku, work.now, work.overdueUnits);
  return { ...sku, held: sku.held - work.overdueUnits, state, available, low };
}
