import { WAITING_MAX } from "./bounds.ts";
import type { Actor, JoinCommand, Outcome, Refusal } from "./command.ts";
import { isLetGo } from "./hold-changes.ts";
import type { Reservation, WaitlistEntry } from "./model.ts";
import { newHold } from "./new-hold.ts";
import { refusedBySale } from "./sale-gate.ts";
import { availableUnits, dropLimit, isServing, isWaitlistOver } from "./stock.ts";
import { asTry, cancelTry } from "./try.ts";
import { apply, promisedUnits, skuOf, type UnitOfWork, unclaimedUnits, unitsOf } from "./unit-of-work.ts";

/**
 * Puts a customer on the list. It needs an open sale that cannot serve the quantity now, and one entry per customer. A shopper
 * who asks for more than the display cap is put in line and served at once, so that the answer reveals nothing.
 */
export function join(work: UnitOfWork, command: JoinCommand, actor: Actor): Outcome {
  const { customer, quantity } = command;
  const refusal = refusedBySale(work) ?? refusedJoin(work, command, actor);
  if (refusal) return { ok: false, refusal };
  const sku = skuOf(work);
  const entry: WaitlistEntry = {
    id: command.entry,
    sku: sku.sku,
    customer,
    quantity,
    status: "waiting",
    rank: sku.version + 1,
    createdAt: work.now,
    reservation: null,
    offerExpiresAt: null,
    reason: null,
    version: 0,
  };
  const position = sku.waiting + 1;
  apply(work, { type: "waitlist.joined", entry, sku: { waiting: position } });
  if (quantity <= unclaimedUnits(work)) work.waitlist.line.push({ entry: entry.id, offer: command.offer });
  return { ok: true, type: "entry", entry: kept(work, entry.id), position };
}

function refusedJoin(work: UnitOfWork, { customer, quantity }: JoinCommand, actor: Actor): Refusal | null {
  const sku = skuOf(work);
  const { maxPerReservation, perCustomerLimit, displayCap } = sku.policy;
  if (quantity > maxPerReservation) return never("reservation", maxPerReservation);
  if (perCustomerLimit !== null && quantity > perCustomerLimit) return never("sku", perCustomerLimit);
  const overall = dropLimit(sku);
  if (overall !== null && quantity > overall.limit) return never("drop", overall.limit);
  const waiting = work.waitlist.entryOf.get(customer);
  if (waiting !== undefined) return { code: "already-waiting", entry: waiting };
  const shown = actor.role === "shopper" && displayCap !== null ? displayCap : Number.POSITIVE_INFINITY;
  const available = unclaimedUnits(work);
  if (Math.min(available, shown) >= quantity) return { code: "stock-available", available, displayCap };
  return sku.waiting >= WAITING_MAX ? { code: "overloaded" } : null;
}

/** More than could ever be offered. */
function never(scope: "reservation" | "sku" | "drop", limit: number): Refusal {
  return { code: "limit-exceeded", limit, used: 0, remaining: limit, scope };
}

/** Leaves the list, or declines the offer; an ended entry stays unchanged. */
export function leave(work: UnitOfWork, id: string, actor: Actor): Outcome {
  const entry = work.waitlist.entries.get(id);
  if (entry === undefined || (actor.role === "shopper" && actor.customer !== entry.customer)) {
    return { ok: false, refusal: { code: "not-found" } };
  }
  const offer = entry.reservation === null ? undefined : work.reservations.get(entry.reservation);
  if (offer?.status === "held" && offer.lentTo !== null) return { ok: false, refusal: { code: "overloaded" } };
  if (entry.status === "offered" && offer?.status === "held") {
    const reservation: Reservation = { ...offer, status: "released" };
    const change = { type: "reservation.released" as const, dHeld: -offer.quantity, reservation };
    apply(work, { ...change, isAbandoned: isLetGo(actor) });
  } else if (entry.status === "waiting") {
    if (offer?.attempt) cancelTry(work, offer);
    withdraw(work, id, "left", isLetGo(actor));
  }
  return { ok: true, type: "entry", entry: kept(work, id), position: null };
}

/**
 * Offers free units to waiting customers, first come first served; an entry that wants more than there is lets the next one
 * pass. Paused, unopened and closed sales let them wait; a sale that has been closed for long ends their entries.
 */
export function serve(work: UnitOfWork): void {
  const { line, changed } = work.waitlist;
  if (line.length === 0 && changed.size === 0) return;
  const isOver = isWaitlistOver(skuOf(work), work.now);
  if (!isOver && !isServing(skuOf(work), work.now)) return;
  for (const { entry: id, offer } of line) {
    const entry = work.waitlist.entries.get(id);
    if (entry?.status !== "waiting" || entry.reservation !== null) continue;
    if (isOver) {
      withdraw(work, id, "closed");
      continue;
    }
    const free = freeForOffers(work);
    if (free === 0) return;
    if (entry.quantity > free) continue;
    if (isOverLimit(work, entry)) withdraw(work, id, "limit-exceeded");
    else makeOffer(work, entry, offer);
  }
  work.waitlist.more ||= isSomebodyLeft(work);
}

/** Whether a customer who joined or came back in this transaction has to be served by the next one. */
function isSomebodyLeft(work: UnitOfWork): boolean {
  const { waitlist, sku } = work;
  const free = sku === null ? 0 : freeForOffers(work);
  return [...waitlist.changed].some((id) => {
    const entry = waitlist.entries.get(id);
    return entry?.status === "waiting" && entry.reservation === null && entry.quantity <= free;
  });
}

/** Units that may be offered: late payments that were told to retry go before waiting customers. */
function freeForOffers(work: UnitOfWork): number {
  return Math.max(0, availableUnits(skuOf(work), 0) - promisedUnits(work));
}

/** The drop's limit does not allow the offer: the entry ends for good. */
export function overDropLimit(work: UnitOfWork, { entry }: Reservation): void {
  if (entry !== null && work.waitlist.entries.get(entry)?.status === "waiting") withdraw(work, entry, "limit-exceeded");
}

/** The try for an offer was granted: it becomes the offer, and its time begins. */
export function offered(work: UnitOfWork, reservation: Reservation): void {
  const expiresAt = work.now + skuOf(work).policy.offerTtlSeconds * 1000;
  const offer = { ...reservation, attempt: null, expiresAt, extendableUntil: expiresAt };
  apply(work, { type: "reservation.held", reservation: offer });
  announce(work, offer);
}

function makeOffer(work: UnitOfWork, entry: WaitlistEntry, id: string): void {
  const { customer, quantity } = entry;
  const expiresAt = work.now + skuOf(work).policy.offerTtlSeconds * 1000;
  const claimed = { id, customer, quantity, metadata: {}, cart: null, entry: entry.id };
  const offer = newHold(work, { ...claimed, expiresAt, extendableUntil: expiresAt });
  if (offer.countedBy === null) {
    apply(work, { type: "reservation.held", dHeld: quantity, reservation: offer });
    announce(work, offer);
  } else {
    const reservation = asTry(work, offer, { purpose: "offer" });
    apply(work, { type: "reservation.tried", dHeld: quantity, reservation, entry: { ...entry, reservation: id } });
  }
}

function announce(work: UnitOfWork, offer: Reservation): void {
  const entry = kept(work, offer.entry ?? "");
  apply(work, {
    type: "waitlist.offered",
    entry: { ...entry, status: "offered", reservation: offer.id, offerExpiresAt: offer.expiresAt },
    sku: { waiting: skuOf(work).waiting - 1 },
  });
}

function withdraw(work: UnitOfWork, id: string, reason: WaitlistEntry["reason"], isAbandoned = false): void {
  apply(work, {
    type: "waitlist.withdrawn",
    entry: { ...kept(work, id), status: "withdrawn", reason },
    sku: { waiting: skuOf(work).waiting - 1 },
    isAbandoned,
  });
}

function isOverLimit(work: UnitOfWork, { customer, quantity }: WaitlistEntry): boolean {
  const { maxPerReservation, perCustomerLimit } = skuOf(work).policy;
  if (quantity > maxPerReservation) return true;
  return perCustomerLimit !== null && unitsOf(work, customer) + quantity > perCustomerLimit;
}

function kept(work: UnitOfWork, id: string): WaitlistEntry {
  const entry = work.waitlist.entries.get(id);
  if (entry === undefined) throw new Error("this entry was not gathered");
  return entry;
}
