import { QUANTITY_MAX, SERVE_ENTRIES_MAX, SWEEP_HOLDS_MAX } from "../../domain/bounds.ts";
import type { Command, Recalled, Request } from "../../domain/command.ts";
import { factsOf, namesOf, type UnitsOf, unitsFreed, unitsTaken, withParts } from "../../domain/command-facts.ts";
import type { Reservation } from "../../domain/model.ts";
import { needsClaims } from "../../domain/rescue.ts";
import { isDead, isWaitlistOver } from "../../domain/stock.ts";
import { triesIn } from "../../domain/try.ts";
import { openTurns, type Turns } from "../../domain/turns.ts";
import { openUnitOfWork, skuOf, type UnitOfWork } from "../../domain/unit-of-work.ts";
import type { Stores } from "./stores.ts";

/** What a transaction takes from outside: the time, new ids, and how many dead holds it releases at most. */
export interface Outside {
  now(): number;
  newId(): string;
  sweepMax?: number;
}

/** The facts for one transaction: its unit of work, and the dead holds that it releases first. */
export interface Gathered {
  work: UnitOfWork;
  due: Reservation[];
  /** Units that the requests may need are in dead holds that are not in `due`: a sweep has to run first. */
  sweepFirst: boolean;
}

/** What the requests of one transaction say they need. */
interface Asked {
  commands: Command[];
  names: ReturnType<typeof namesOf>;
}

/** Reads all facts that `requests` need. The cost is proportional to the requests, never to the SKU's history. */
export function gather(stores: Stores, outside: Outside, requests: readonly Request[]): Gathered {
  const now = outside.now();
  const sweepMax = outside.sweepMax ?? SWEEP_HOLDS_MAX;
  const store = stores.sku;
  const sku = store.sku();
  const work = openUnitOfWork(now, sku);
  const flat = withParts(requests);
  const commands = flat.map(({ command }) => command);
  const asked: Asked = { commands, names: namesOf(flat) };
  const units = unitsIn(work);

  const due = store.dueHolds(sku.sku, now, sweepMax);
  const sweepFull = due.length === sweepMax;
  const keys = [...flat.flatMap(({ key }) => key ?? []), ...asked.names.answerKey];
  if (keys.length > 0) work.answers = stores.answers.of(keys);
  const named = namedReservations(stores, work, asked);
  const recalled = requests.flatMap((request) => request.recalled?.reservations ?? []);
  named.push(...gatherClaims(stores, work, asked, [...due, ...named, ...recalled]));
  for (const reservation of [...named, ...gatherEntries(stores, work, asked, [...due, ...named])]) {
    work.reservations.set(reservation.id, reservation);
    if (sweepFull && isDead(reservation, now) && !due.some(({ id }) => id === reservation.id)) due.push(reservation);
  }
  for (const { recalled } of requests) if (recalled !== undefined) takeBack(work, recalled);
  const dueUnits = due.reduce((sum, { quantity }) => sum + quantity, 0);
  if (sweepFull) work.overdueUnits = store.overdueUnits(now) - dueUnits;
  const free = sku.stock - sku.held - sku.sold + dueUnits;
  if (sku.waiting > 0) gatherLine(work, stores, free + unitsFreed(commands, units), outside);
  if (work.claimants.size > 0 || commands.some((command) => factsOf(command).countsTries(command))) {
    work.triedUnits = store.triedUnits();
  }
  if (sku.policy.perCustomerLimit !== null || commands.some((command) => factsOf(command).setsLimit)) {
    work.unitsByCustomer = unitsOfAll(stores, work, asked);
  }
  work.turns = { ...openTurns(stores.shortages), abandons: abandonsOfAll(stores, work, due, asked) };
  return { work, due, sweepFirst: work.overdueUnits > 0 && free < unitsTaken(commands, units) };
}

/** Units of what the unit of work has gathered. */
function unitsIn({ reservations, waitlist }: UnitOfWork): UnitsOf {
  const reservation = (id: string) => reservations.get(id)?.quantity ?? 0;
  return { reservation, offer: (entry) => reservation(waitlist.entries.get(entry)?.reservation ?? "") };
}

/** The reservations that the commands name, and those that stored answers refer to. */
function namedReservations({ sku }: Stores, work: UnitOfWork, { names }: Asked): Reservation[] {
  const ids = [...names.reservation];
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
function gatherClaims({ sku }: Stores, work: UnitOfWork, { commands }: Asked, known: Reservation[]): Reservation[] {
  const byId = new Map(known.map((reservation) => [reservation.id, reservation]));
  const { claimants, now } = work;
  for (const command of commands) {
    const named = "id" in command ? byId.get(command.id) : undefined;
    if (named !== undefined && needsClaims(command, named, now)) claimants.add(named.customer);
  }
  // A try that lapses gives back what it had borrowed.
  for (const { attempt, customer } of known) if (attempt?.purpose === "rescue") claimants.add(customer);
  if (claimants.size === 0) return [];
  return sku.openClaims(skuOf(work).sku, [...claimants]).filter(({ id }) => !byId.has(id));
}

/**
 * The entries that commands name or whose offers are touched, and the active entries of joining customers. Returns the offers
 * of entries that leave.
 */
function gatherEntries(
  stores: Stores,
  work: UnitOfWork,
  { names }: Asked,
  touched: readonly Reservation[],
): Reservation[] {
  const { sku } = skuOf(work);
  const ids = [...touched.flatMap(({ entry }) => entry ?? []), ...names.entry];
  const { entries, entryOf } = work.waitlist;
  for (const entry of ids.length > 0 ? stores.waitlist.entries(sku, ids) : []) entries.set(entry.id, entry);
  for (const entry of names.joiner.length > 0 ? stores.waitlist.active(sku, names.joiner) : []) {
    entries.set(entry.id, entry);
    entryOf.set(entry.customer, entry.id);
  }
  const offers = names.entry.flatMap((id) => entries.get(id)?.reservation ?? []);
  return offers.length === 0 ? [] : stores.sku.reservations(sku, offers);
}

/** Entries that can be served, first come first, as many as one transaction serves, for the units that are or become free. */
function gatherLine(work: UnitOfWork, stores: Stores, units: number, { newId }: Outside): void {
  const { waitlist } = work;
  const sku = skuOf(work);
  const isOver = isWaitlistOver(sku, work.now);
  if (units === 0 && !isOver) return;
  const line = stores.waitlist.line(sku.sku, isOver ? QUANTITY_MAX : units, SERVE_ENTRIES_MAX);
  for (const entry of line) if (!waitlist.entries.has(entry.id)) waitlist.entries.set(entry.id, entry);
  waitlist.line = line.map(({ id }) => ({ entry: id, offer: newId() }));
  waitlist.more = line.length === SERVE_ENTRIES_MAX;
}

/** What customers who ask for units, or may give some back, have given back already. */
function abandonsOfAll(
  { abandons }: Stores,
  { reservations, waitlist }: UnitOfWork,
  due: readonly Reservation[],
  { names }: Asked,
): Turns["abandons"] {
  const customers = new Set(names.reserver);
  for (const { customer } of [...due, ...reservations.values(), ...waitlist.entries.values()]) customers.add(customer);
  return customers.size === 0 ? new Map() : abandons.of([...customers]);
}

/** Units of all customers that the commands or the waitlist may ask about. */
function unitsOfAll({ sku }: Stores, work: UnitOfWork, { names }: Asked): Map<string, number> {
  const customers = new Set(names.claimant);
  for (const { customer } of work.reservations.values()) customers.add(customer);
  for (const { entry } of work.waitlist.line) {
    const customer = work.waitlist.entries.get(entry)?.customer;
    if (customer !== undefined) customers.add(customer);
  }
  return customers.size === 0 ? new Map() : sku.liveUnits([...customers], work.now);
}
