import { uuidv7 } from "uuidv7";
import { QUANTITY_MAX, SERVE_ENTRIES_MAX, SWEEP_HOLDS_MAX } from "../../domain/bounds.ts";
import { type Command, isReservationCommand, type Recalled, type Request } from "../../domain/command.ts";
import type { Reservation } from "../../domain/model.ts";
import { needsClaims } from "../../domain/rescue.ts";
import { isDead, isWaitlistOver } from "../../domain/stock.ts";
import { wantedUnits } from "../../domain/transaction.ts";
import { triesIn } from "../../domain/try.ts";
import { openTurns, type Shortages, type Turns } from "../../domain/turns.ts";
import { openUnitOfWork, skuOf, type UnitOfWork } from "../../domain/unit-of-work.ts";
import type { AbandonStore } from "../../storage/abandon-store.ts";
import type { AnswerStore } from "../../storage/answer-store.ts";
import type { SkuStore } from "../../storage/sku-store.ts";
import type { WaitlistStore } from "../../storage/waitlist-store.ts";

/** The sources of facts for a transaction: the stores, and the memory of refused customers. */
export interface Stores {
  sku: SkuStore;
  waitlist: WaitlistStore;
  answers: AnswerStore;
  abandons: AbandonStore;
  shortages: Shortages;
}

/** The facts for one transaction: its unit of work, and the dead holds that it releases first. */
export interface Gathered {
  work: UnitOfWork;
  due: Reservation[];
  /** Units that the requests may need are in dead holds that are not in `due`: a sweep has to run first. */
  sweepFirst: boolean;
}

/** Reads all facts that `requests` need. The cost is proportional to the requests, never to the SKU's history. */
export function gather(stores: Stores, now: number, requests: readonly Request[]): Gathered {
  const store = stores.sku;
  const sku = store.sku();
  const work = openUnitOfWork(now, sku);
  const flat = requests.flatMap((request) => [
    request,
    ...(request.command.type === "batch" ? request.command.requests : []),
  ]);

  const due = store.dueHolds(sku.sku, now, SWEEP_HOLDS_MAX);
  const sweepFull = due.length === SWEEP_HOLDS_MAX;
  const keys = flat.flatMap(keysOf);
  if (keys.length > 0) work.answers = stores.answers.of(keys);
  const named = namedReservations(stores, work, flat);
  const recalled = requests.flatMap((request) => request.recalled?.reservations ?? []);
  named.push(...gatherClaims(stores, work, flat, [...due, ...named, ...recalled]));
  for (const reservation of [...named, ...gatherEntries(stores, work, flat, [...due, ...named])]) {
    work.reservations.set(reservation.id, reservation);
    if (sweepFull && isDead(reservation, now) && !due.some(({ id }) => id === reservation.id)) due.push(reservation);
  }
  for (const { recalled } of requests) if (recalled !== undefined) takeBack(work, recalled);
  const dueUnits = due.reduce((sum, { quantity }) => sum + quantity, 0);
  if (sweepFull) work.overdueUnits = store.overdueUnits(now) - dueUnits;
  const free = sku.stock - sku.held - sku.sold + dueUnits;
  if (sku.waiting > 0) gatherLine(work, stores, flat, free);
  if (work.claimants.size > 0 || flat.some(({ command }) => command.type === "reserve" && command.cart !== undefined)) {
    work.triedUnits = store.triedUnits();
  }
  if (sku.policy.perCustomerLimit !== null || flat.some(({ command }) => command.type === "update")) {
    work.unitsByCustomer = unitsOfAll(stores, work, flat);
  }
  work.turns = { ...openTurns(stores.shortages), abandons: abandonsOfAll(stores, work, due, flat) };

  const wanted = wantedUnits(requests, (id) => work.reservations.get(id)?.quantity ?? 0);
  return { work, due, sweepFirst: work.overdueUnits > 0 && free < wanted };
}

/** A settled try is answered under the key of its original call. */
function keysOf({ key, command }: Request): string[] {
  const settled = command.type === "settle" && command.answer !== undefined ? [command.answer.key] : [];
  return key === null ? settled : [key, ...settled];
}

/** The reservations that the commands name, and the tries that known answers wait for. */
function namedReservations({ sku }: Stores, work: UnitOfWork, flat: readonly Request[]): Reservation[] {
  const ids = flat.flatMap(({ command }) => namedBy(command));
  for (const { outcome } of work.answers.values()) ids.push(...triesIn(outcome));
  return ids.length === 0 ? [] : sku.reservations(skuOf(work).sku, ids);
}

/** Adds what was read back from D1. A reservation gets a row again when it changes; an existing row is newer. */
function takeBack({ reservations, newReservations, waitlist }: UnitOfWork, recalled: Recalled): void {
  for (const entry of recalled.entries) if (!waitlist.entries.has(entry.id)) waitlist.entries.set(entry.id, entry);
  for (const reservation of recalled.reservations) {
    if (reservations.has(reservation.id)) continue;
    reservations.set(reservation.id, reservation);
    newReservations.add(reservation.id);
  }
}

/** The other claims of customers with late payments: they may give way. */
function gatherClaims(
  { sku }: Stores,
  work: UnitOfWork,
  flat: readonly Request[],
  known: Reservation[],
): Reservation[] {
  const byId = new Map(known.map((reservation) => [reservation.id, reservation]));
  const { claimants, now } = work;
  for (const { command } of flat) {
    const named = "id" in command ? byId.get(command.id) : undefined;
    if (named !== undefined && needsClaims(command, named, now)) claimants.add(named.customer);
  }
  // A try that lapses gives back what it had borrowed.
  for (const { attempt, customer } of known) if (attempt?.purpose === "rescue") claimants.add(customer);
  if (claimants.size === 0) return [];
  return sku.openClaims(skuOf(work).sku, [...claimants]).filter(({ id }) => !byId.has(id));
}

function namedBy(command: Command): string[] {
  if (isReservationCommand(command) || command.type === "settle") return [command.id];
  // A cart repeats a line's try if it got no answer to the first.
  return command.type === "reserve" && command.cart !== undefined ? [command.id] : [];
}

/**
 * The entries that commands name or whose offers are touched, and the active entries of joining customers. Returns the offers
 * of entries that leave.
 */
function gatherEntries(
  stores: Stores,
  work: UnitOfWork,
  flat: readonly Request[],
  touched: readonly Reservation[],
): Reservation[] {
  const { sku } = skuOf(work);
  const leaving = flat.flatMap(({ command }) => (command.type === "leave" ? [command.entry] : []));
  const joining = flat.flatMap(({ command }) => (command.type === "join" ? [command.customer] : []));
  const ids = [...touched.flatMap(({ entry }) => (entry === null ? [] : [entry])), ...leaving];
  const { entries, entryOf } = work.waitlist;
  for (const entry of ids.length > 0 ? stores.waitlist.entries(sku, ids) : []) entries.set(entry.id, entry);
  for (const entry of joining.length > 0 ? stores.waitlist.active(sku, joining) : []) {
    entries.set(entry.id, entry);
    entryOf.set(entry.customer, entry.id);
  }
  const offers = leaving.flatMap((id) => entries.get(id)?.reservation ?? []);
  return offers.length === 0 ? [] : stores.sku.reservations(sku, offers);
}

/** Entries that can be served, first come first, as many as one transaction serves, for the units that are or become free. */
function gatherLine(work: UnitOfWork, stores: Stores, flat: readonly Request[], free: number): void {
  const { waitlist } = work;
  const sku = skuOf(work);
  const units = free + flat.reduce((sum, { command }) => sum + freedBy(command, work), 0);
  const isOver = isWaitlistOver(sku, work.now);
  if (units === 0 && !isOver) return;
  const line = stores.waitlist.line(sku.sku, isOver ? QUANTITY_MAX : units, SERVE_ENTRIES_MAX);
  for (const entry of line) if (!waitlist.entries.has(entry.id)) waitlist.entries.set(entry.id, entry);
  waitlist.line = line.map(({ id }) => ({ entry: id, offer: uuidv7() }));
  waitlist.more = line.length === SERVE_ENTRIES_MAX;
}

/** Units that a command may set free, at most. */
function freedBy(command: Command, work: UnitOfWork): number {
  if (command.type === "adjust") return Math.max(0, command.delta);
  if (command.type === "leave") {
    const offer = work.waitlist.entries.get(command.entry)?.reservation ?? "";
    return work.reservations.get(offer)?.quantity ?? 0;
  }
  return isReservationCommand(command) || command.type === "settle"
    ? (work.reservations.get(command.id)?.quantity ?? 0)
    : 0;
}

/** What customers who ask for units, or may give some back, have given back already. */
function abandonsOfAll(
  { abandons }: Stores,
  { reservations, waitlist }: UnitOfWork,
  due: readonly Reservation[],
  flat: readonly Request[],
): Turns["abandons"] {
  const customers = new Set(flat.flatMap(({ command }) => (command.type === "reserve" ? [command.customer] : [])));
  for (const { customer } of [...due, ...reservations.values(), ...waitlist.entries.values()]) customers.add(customer);
  return customers.size === 0 ? new Map() : abandons.of([...customers]);
}

/** The customer for whom a command asks for units: a joining customer may be offered some at once. */
function claimantOf(command: Command): string[] {
  return command.type === "reserve" || command.type === "join" ? [command.customer] : [];
}

/** Units of all customers that the commands or the waitlist may ask about. */
function unitsOfAll({ sku }: Stores, work: UnitOfWork, flat: readonly Request[]): Map<string, number> {
  const customers = new Set(flat.flatMap(({ command }) => claimantOf(command)));
  for (const { customer } of work.reservations.values()) customers.add(customer);
  for (const { entry } of work.waitlist.line) {
    const customer = work.waitlist.entries.get(entry)?.customer;
    if (customer !== undefined) customers.add(customer);
  }
  return customers.size === 0 ? new Map() : sku.liveUnits([...customers], work.now);
}
