import { WAITING_MAX } from "./bounds.ts";
import { newHold } from "./claim.ts";
import type { Actor, JoinCommand, Outcome, Refusal } from "./command.ts";
import { isLetGo } from "./hold.ts";
import { apply, type Ledger, promisedUnits, skuOf, unclaimedUnits, unitsOf } from "./ledger.ts";
import type { Reservation, WaitlistEntry } from "./model.ts";
import { refusedBySale } from "./opening.ts";
import { availableUnits, dropLimit, isServing, isWaitlistOver } from "./stock.ts";
import { asTry, cancelTry } from "./try.ts";

/**
 * Puts a customer on the list. It needs an open sale that cannot serve the quantity now; one entry per customer. A shopper
 * who asks for more than the display cap learns nothing by that: it is in line for what there may be, and served at once.
 */
export function join(ledger: Ledger, command: JoinCommand, actor: Actor): Outcome {
  const { customer, quantity } = command;
  const refusal = refusedBySale(ledger) ?? refusedJoin(ledger, command, actor);
  if (refusal) return { ok: false, refusal };
  const sku = skuOf(ledger);
  const entry: WaitlistEntry = {
    id: command.entry,
    sku: sku.sku,
    customer,
    quantity,
    status: "waiting",
    rank: sku.version + 1,
    createdAt: ledger.now,
    reservation: null,
    offerExpiresAt: null,
    reason: null,
    version: 0,
  };
  const position = sku.waiting + 1;
  apply(ledger, { type: "waitlist.joined", entry, sku: { waiting: position } });
  if (quantity <= unclaimedUnits(ledger)) ledger.waitlist.line.push({ entry: entry.id, offer: command.offer });
  return { ok: true, type: "entry", entry: kept(ledger, entry.id), position };
}

function refusedJoin(ledger: Ledger, { customer, quantity }: JoinCommand, actor: Actor): Refusal | null {
  const sku = skuOf(ledger);
  const { maxPerReservation, perCustomerLimit, displayCap } = sku.policy;
  if (quantity > maxPerReservation) return never("reservation", maxPerReservation);
  if (perCustomerLimit !== null && quantity > perCustomerLimit) return never("sku", perCustomerLimit);
  const overall = dropLimit(sku);
  if (overall !== null && quantity > overall.limit) return never("drop", overall.limit);
  const waiting = ledger.waitlist.entryOf.get(customer);
  if (waiting !== undefined) return { code: "already-waiting", entry: waiting };
  const shown = actor.role === "shopper" && displayCap !== null ? displayCap : Number.POSITIVE_INFINITY;
  const available = unclaimedUnits(ledger);
  if (Math.min(available, shown) >= quantity) return { code: "stock-available", available, displayCap };
  return sku.waiting >= WAITING_MAX ? { code: "overloaded" } : null;
}

/** More than could ever be offered. */
function never(scope: "reservation" | "sku" | "drop", limit: number): Refusal {
  return { code: "limit-exceeded", limit, used: 0, remaining: limit, scope };
}

/** Leaves the list, or declines the offer; what has ended already stays as it is. */
export function leave(ledger: Ledger, id: string, actor: Actor): Outcome {
  const entry = ledger.waitlist.entries.get(id);
  if (entry === undefined || (actor.role === "shopper" && actor.customer !== entry.customer)) {
    return { ok: false, refusal: { code: "not-found" } };
  }
  const offer = entry.reservation === null ? undefined : ledger.reservations.get(entry.reservation);
  if (offer?.status === "held" && offer.lentTo !== null) return { ok: false, refusal: { code: "overloaded" } };
  if (entry.status === "offered" && offer?.status === "held") {
    const reservation: Reservation = { ...offer, status: "released" };
    const change = { type: "reservation.released" as const, dHeld: -offer.quantity, reservation };
    apply(ledger, { ...change, isAbandoned: isLetGo(actor) });
  } else if (entry.status === "waiting") {
    if (offer?.attempt) cancelTry(ledger, offer);
    withdraw(ledger, id, "left", isLetGo(actor));
  }
  return { ok: true, type: "entry", entry: kept(ledger, id), position: null };
}

/**
 * Offers free units to those who wait, first come first served; whoever wants more than there is lets the next one pass.
 * A sale that is paused, not open yet or closed lets them wait, and one that has been closed for long sends them home.
 */
export function serve(ledger: Ledger): void {
  const { line, changed } = ledger.waitlist;
  if (line.length === 0 && changed.size === 0) return;
  const isOver = isWaitlistOver(skuOf(ledger), ledger.now);
  if (!isOver && !isServing(skuOf(ledger), ledger.now)) return;
  for (const { entry: id, offer } of line) {
    const entry = ledger.waitlist.entries.get(id);
    if (entry?.status !== "waiting" || entry.reservation !== null) continue;
    if (isOver) {
      withdraw(ledger, id, "closed");
      continue;
    }
    const free = freeForOffers(ledger);
    if (free === 0) return;
    if (entry.quantity > free) continue;
    if (isOverLimit(ledger, entry)) withdraw(ledger, id, "limit-exceeded");
    else makeOffer(ledger, entry, offer);
  }
  ledger.waitlist.more ||= isSomebodyLeft(ledger);
}

/** Whether somebody who came or came back in this transaction, and so is not in its line, has to be served by the next. */
function isSomebodyLeft(ledger: Ledger): boolean {
  const { waitlist, sku } = ledger;
  const free = sku === null ? 0 : freeForOffers(ledger);
  return [...waitlist.changed].some((id) => {
    const entry = waitlist.entries.get(id);
    return entry?.status === "waiting" && entry.reservation === null && entry.quantity <= free;
  });
}

/** Units that may be offered: a late payment that was told to come again goes before those who wait. */
function freeForOffers(ledger: Ledger): number {
  return Math.max(0, availableUnits(skuOf(ledger), 0) - promisedUnits(ledger));
}

/** The drop's limit does not allow what was about to be offered: the entry goes, for good. */
export function overDropLimit(ledger: Ledger, { entry }: Reservation): void {
  if (entry !== null && ledger.waitlist.entries.get(entry)?.status === "waiting")
    withdraw(ledger, entry, "limit-exceeded");
}

/** The try for an offer was granted: now it is one, and its time begins. */
export function offered(ledger: Ledger, reservation: Reservation): void {
  const expiresAt = ledger.now + skuOf(ledger).policy.offerTtlSeconds * 1000;
  const offer = { ...reservation, attempt: null, expiresAt, extendableUntil: expiresAt };
  apply(ledger, { type: "reservation.held", reservation: offer });
  announce(ledger, offer);
}

function makeOffer(ledger: Ledger, entry: WaitlistEntry, id: string): void {
  const { customer, quantity } = entry;
  const expiresAt = ledger.now + skuOf(ledger).policy.offerTtlSeconds * 1000;
  const claimed = { id, customer, quantity, metadata: {}, cart: null, entry: entry.id };
  const offer = newHold(ledger, { ...claimed, expiresAt, extendableUntil: expiresAt });
  if (offer.countedBy === null) {
    apply(ledger, { type: "reservation.held", dHeld: quantity, reservation: offer });
    announce(ledger, offer);
  } else {
    const reservation = asTry(ledger, offer, { purpose: "offer" });
    apply(ledger, { type: "reservation.tried", dHeld: quantity, reservation, entry: { ...entry, reservation: id } });
  }
}

function announce(ledger: Ledger, offer: Reservation): void {
  const entry = kept(ledger, offer.entry ?? "");
  apply(ledger, {
    type: "waitlist.offered",
    entry: { ...entry, status: "offered", reservation: offer.id, offerExpiresAt: offer.expiresAt },
    sku: { waiting: skuOf(ledger).waiting - 1 },
  });
}

function withdraw(ledger: Ledger, id: string, reason: WaitlistEntry["reason"], isAbandoned = false): void {
  apply(ledger, {
    type: "waitlist.withdrawn",
    entry: { ...kept(ledger, id), status: "withdrawn", reason },
    sku: { waiting: skuOf(ledger).waiting - 1 },
    isAbandoned,
  });
}

function isOverLimit(ledger: Ledger, { customer, quantity }: WaitlistEntry): boolean {
  const { maxPerReservation, perCustomerLimit } = skuOf(ledger).policy;
  if (quantity > maxPerReservation) return true;
  return perCustomerLimit !== null && unitsOf(ledger, customer) + quantity > perCustomerLimit;
}

function kept(ledger: Ledger, id: string): WaitlistEntry {
  const entry = ledger.waitlist.entries.get(id);
  if (entry === undefined) throw new Error("this entry was not gathered");
  return entry;
}
