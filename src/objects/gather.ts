import { uuidv7 } from "uuidv7";
import { QUANTITY_MAX, SERVE_ENTRIES_MAX, SWEEP_HOLDS_MAX } from "../domain/bounds.ts";
import { type Command, isReservationCommand, type Recalled, type Request } from "../domain/command.ts";
import { type Ledger, openLedger, skuOf } from "../domain/ledger.ts";
import type { Reservation } from "../domain/model.ts";
import { needsClaims } from "../domain/rescue.ts";
import { isDead, isWaitlistOver } from "../domain/stock.ts";
import { wantedUnits } from "../domain/transaction.ts";
import { triesIn } from "../domain/try.ts";
import { openTurns, type Shortages, type Turns } from "../domain/turns.ts";
import type { AbandonStore } from "../storage/abandon-store.ts";
import type { AnswerStore } from "../storage/answer-store.ts";
import type { SkuStore } from "../storage/sku-store.ts";
import type { WaitlistStore } from "../storage/waitlist-store.ts";

/** What a transaction is judged by: rows, and what is remembered of those who were refused. */
export interface Stores {
  sku: SkuStore;
  waitlist: WaitlistStore;
  answers: AnswerStore;
  abandons: AbandonStore;
  shortages: Shortages;
}

/** The facts for one transaction: the ledger, and the dead holds that it releases first. */
export interface Gathered {
  ledger: Ledger;
  due: Reservation[];
  /** Units that the requests may need are still bound in dead holds: a sweep has to go ahead of them. */
  sweepFirst: boolean;
}

/** Reads all that `requests` are judged by. What it reads is proportional to them, never to the SKU's history. */
export function gather(stores: Stores, now: number, requests: readonly Request[]): Gathered {
  const store = stores.sku;
  const sku = store.sku();
  const ledger = openLedger(now, sku);
  const flat = requests.flatMap((request) => [
    request,
    ...(request.command.type === "batch" ? request.command.requests : []),
  ]);

  const due = store.dueHolds(sku.sku, now, SWEEP_HOLDS_MAX);
  const sweepFull = due.length === SWEEP_HOLDS_MAX;
  const keys = flat.flatMap(keysOf);
  if (keys.length > 0) ledger.answers = stores.answers.of(keys);
  const named = namedReservations(stores, ledger, flat);
  const recalled = requests.flatMap((request) => request.recalled?.reservations ?? []);
  named.push(...gatherClaims(stores, ledger, flat, [...due, ...named, ...recalled]));
  for (const reservation of [...named, ...gatherEntries(stores, ledger, flat, [...due, ...named])]) {
    ledger.reservations.set(reservation.id, reservation);
    if (sweepFull && isDead(reservation, now) && !due.some(({ id }) => id === reservation.id)) due.push(reservation);
  }
  for (const { recalled } of requests) if (recalled !== undefined) takeBack(ledger, recalled);
  const dueUnits = due.reduce((sum, { quantity }) => sum + quantity, 0);
  if (sweepFull) ledger.overdueUnits = store.overdueUnits(now) - dueUnits;
  const free = sku.stock - sku.held - sku.sold + dueUnits;
  if (sku.waiting > 0) gatherLine(ledger, stores, flat, free);
  if (
    ledger.claimants.size > 0 ||
    flat.some(({ command }) => command.type === "reserve" && command.cart !== undefined)
  ) {
    ledger.triedUnits = store.triedUnits();
  }
  if (sku.policy.perCustomerLimit !== null || flat.some(({ command }) => command.type === "update")) {
    ledger.unitsByCustomer = unitsOfAll(stores, ledger, flat);
  }
  ledger.turns = { ...openTurns(stores.shortages), abandons: abandonsOfAll(stores, ledger, due, flat) };

  const wanted = wantedUnits(requests, (id) => ledger.reservations.get(id)?.quantity ?? 0);
  return { ledger, due, sweepFirst: ledger.overdueUnits > 0 && free < wanted };
}

/** A settled try is answered under the key of the call that it came from. */
function keysOf({ key, command }: Request): string[] {
  const settled = command.type === "settle" && command.answer !== undefined ? [command.answer.key] : [];
  return key === null ? settled : [key, ...settled];
}

/** The reservations that the commands name, and those that known answers wait for. */
function namedReservations({ sku }: Stores, ledger: Ledger, flat: readonly Request[]): Reservation[] {
  const ids = flat.flatMap(({ command }) => namedBy(command));
  for (const { outcome } of ledger.answers.values()) ids.push(...triesIn(outcome));
  return ids.length === 0 ? [] : sku.reservations(skuOf(ledger).sku, ids);
}

/** What has left and was read back. A reservation is written anew when it changes; what has a row is newer. */
function takeBack({ reservations, newReservations, waitlist }: Ledger, recalled: Recalled): void {
  for (const entry of recalled.entries) if (!waitlist.entries.has(entry.id)) waitlist.entries.set(entry.id, entry);
  for (const reservation of recalled.reservations) {
    if (reservations.has(reservation.id)) continue;
    reservations.set(reservation.id, reservation);
    newReservations.add(reservation.id);
  }
}

/** What else the customers of late payments hold: it may give way to them. */
function gatherClaims({ sku }: Stores, ledger: Ledger, flat: readonly Request[], known: Reservation[]): Reservation[] {
  const byId = new Map(known.map((reservation) => [reservation.id, reservation]));
  const { claimants, now } = ledger;
  for (const { command } of flat) {
    const named = "id" in command ? byId.get(command.id) : undefined;
    if (named !== undefined && needsClaims(command, named, now)) claimants.add(named.customer);
  }
  // A try that lapses gives back what it had borrowed.
  for (const { attempt, customer } of known) if (attempt?.purpose === "rescue") claimants.add(customer);
  if (claimants.size === 0) return [];
  return sku.openClaims(skuOf(ledger).sku, [...claimants]).filter(({ id }) => !byId.has(id));
}

function namedBy(command: Command): string[] {
  if (isReservationCommand(command) || command.type === "settle") return [command.id];
  // A cart sends a line's try again when it did not hear of the first.
  return command.type === "reserve" && command.cart !== undefined ? [command.id] : [];
}

/**
 * The entries that commands name or whose offers are touched, and what joining customers have already. Returns the offers
 * of those that are about to leave.
 */
function gatherEntries(
  stores: Stores,
  ledger: Ledger,
  flat: readonly Request[],
  touched: readonly Reservation[],
): Reservation[] {
  const { sku } = skuOf(ledger);
  const leaving = flat.flatMap(({ command }) => (command.type === "leave" ? [command.entry] : []));
  const joining = flat.flatMap(({ command }) => (command.type === "join" ? [command.customer] : []));
  const ids = [...touched.flatMap(({ entry }) => (entry === null ? [] : [entry])), ...leaving];
  const { entries, entryOf } = ledger.waitlist;
  for (const entry of ids.length > 0 ? stores.waitlist.entries(sku, ids) : []) entries.set(entry.id, entry);
  for (const entry of joining.length > 0 ? stores.waitlist.active(sku, joining) : []) {
    entries.set(entry.id, entry);
    entryOf.set(entry.customer, entry.id);
  }
  const offers = leaving.flatMap((id) => entries.get(id)?.reservation ?? []);
  return offers.length === 0 ? [] : stores.sku.reservations(sku, offers);
}

/** Those who can be served: first come first, as many as one transaction serves, for the units that may be or become free. */
function gatherLine(ledger: Ledger, stores: Stores, flat: readonly Request[], free: number): void {
  const { waitlist } = ledger;
  const sku = skuOf(ledger);
  const units = free + flat.reduce((sum, { command }) => sum + freedBy(command, ledger), 0);
  const isOver = isWaitlistOver(sku, ledger.now);
  if (units === 0 && !isOver) return;
  const line = stores.waitlist.line(sku.sku, isOver ? QUANTITY_MAX : units, SERVE_ENTRIES_MAX);
  for (const entry of line) if (!waitlist.entries.has(entry.id)) waitlist.entries.set(entry.id, entry);
  waitlist.line = line.map(({ id }) => ({ entry: id, offer: uuidv7() }));
  waitlist.more = line.length === SERVE_ENTRIES_MAX;
}

/** Units that a command may set free, at most. */
function freedBy(command: Command, ledger: Ledger): number {
  if (command.type === "adjust") return Math.max(0, command.delta);
  if (command.type === "leave") {
    const offer = ledger.waitlist.entries.get(command.entry)?.reservation ?? "";
    return ledger.reservations.get(offer)?.quantity ?? 0;
  }
  return isReservationCommand(command) || command.type === "settle"
    ? (ledger.reservations.get(command.id)?.quantity ?? 0)
    : 0;
}

/** What all customers have let go of who ask for units, or may let some go. */
function abandonsOfAll(
  { abandons }: Stores,
  { reservations, waitlist }: Ledger,
  due: readonly Reservation[],
  flat: readonly Request[],
): Turns["abandons"] {
  const customers = new Set(flat.flatMap(({ command }) => (command.type === "reserve" ? [command.customer] : [])));
  for (const { customer } of [...due, ...reservations.values(), ...waitlist.entries.values()]) customers.add(customer);
  return customers.size === 0 ? new Map() : abandons.of([...customers]);
}

/** Who asks for units with a command: who joins may be offered some at once. */
function claimantOf(command: Command): string[] {
  return command.type === "reserve" || command.type === "join" ? [command.customer] : [];
}

/** Units of all customers whom the commands or the waitlist may ask about. */
function unitsOfAll({ sku }: Stores, ledger: Ledger, flat: readonly Request[]): Map<string, number> {
  const customers = new Set(flat.flatMap(({ command }) => claimantOf(command)));
  for (const { customer } of ledger.reservations.values()) customers.add(customer);
  for (const { entry } of ledger.waitlist.line) {
    const customer = ledger.waitlist.entries.get(entry)?.customer;
    if (customer !== undefined) customers.add(customer);
  }
  return customers.size === 0 ? new Map() : sku.liveUnits([...customers], ledger.now);
}
