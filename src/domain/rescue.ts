import { LOCK_MS, TRY_MS } from "./bounds.ts";
import type { Command } from "./command.ts";
import { factsOf } from "./command-facts.ts";
import { isLendable, lendAll, rescueName, rescueOf, restoreAll, supersedeAll } from "./lend.ts";
import type { Lender, Reservation } from "./model.ts";
import { countedBy } from "./new-hold.ts";
import { availableUnits, isDead } from "./stock.ts";
import { type Change, skuOf, type UnitOfWork, unclaimedUnits, unitsOf } from "./unit-of-work.ts";

/** What a SKU alone can say about a late payment. */
export type RescueVerdict =
  /** It gets its units, and these claims of its customer give way. */
  | { kind: "fits"; claims: Reservation[] }
  /** It gets them if these carts lend as well; some of the claims are their lines. */
  | { kind: "borrows"; claims: Reservation[]; carts: string[] }
  /** What prevents it may be gone in a moment: tries, the waitlist's turn, or a claim of the customer that is being decided. */
  | { kind: "waits" }
  /** Too late, or units or limits do not suffice even without the customer's own unpaid claims. */
  | { kind: "refund" };

/** Whether a payment for this reservation can be rescued at all: it ended without a sale and was not released by anybody. */
export function isLate({ status, superseded }: Reservation): boolean {
  return status === "expired" || (status === "released" && superseded);
}

/** Whether a command may depend on the customer's other claims. */
export function needsClaims(command: Command, reservation: Reservation, now: number): boolean {
  if (!factsOf(command).dependsOnClaims) return false;
  const { attempt, lentTo } = reservation;
  return isLate(reservation) || isDead(reservation, now) || attempt?.purpose === "rescue" || lentTo !== null;
}

/**
 * Judges a late payment for `paid` units, before or during its try. The customer's other open claims count as free, newest
 * first, whole claims until there is enough.
 */
export function judgeRescue(work: UnitOfWork, late: Reservation, paid: number): RescueVerdict {
  const { lateConfirmSeconds } = skuOf(work).policy;
  const isTried = late.attempt !== null;
  if (!isTried && work.now >= late.expiresAt + lateConfirmSeconds * 1000) return { kind: "refund" };
  const own = otherClaims(work, late);
  const claims = claimsLentTo(own, late);
  const lendable = own.filter(isLendable).sort(newestFirst);
  const missing = missingUnits(work, late, paid);
  while (sumUnits(claims) < missing) {
    const claim = lendable.shift();
    if (claim === undefined) return { kind: mayFitLater(work, late, paid, own) ? "waits" : "refund" };
    claims.push(claim);
  }
  // A cart that lent to an earlier try is asked again: its line alone does not know what the cart will hear of that try.
  const isAgreed = ({ cart, lentTo }: Reservation) => cart === null || (isTried && lentTo !== null);
  const carts = new Set(claims.flatMap((claim) => (isAgreed(claim) || claim.cart === null ? [] : [claim.cart])));
  return carts.size === 0 ? { kind: "fits", claims } : { kind: "borrows", claims, carts: [...carts] };
}

/** Makes a late payment a try: it takes the units that the claims do not give, and locks the claims that this SKU can lend itself. */
export function tryRescue(
  work: UnitOfWork,
  late: Reservation,
  payment: { paid: number; orderId: string | null; locks: boolean },
  verdict: Extract<RescueVerdict, { claims: Reservation[] }>,
): Change & { reservation: Reservation } {
  const { claims } = verdict;
  const serial = skuOf(work).version;
  lendAll(work, ownClaims(claims), rescueOf(late, serial));
  const quantity = Math.max(0, payment.paid - sumUnits(claims));
  const lenders = verdict.kind === "borrows" ? verdict.carts.map((cart) => ({ cart })) : [];
  const { expiresAt: lapsedAt } = late;
  const reservation: Reservation = {
    ...late,
    status: "held",
    quantity,
    expiresAt: work.now + TRY_MS,
    attempt: { purpose: "rescue", lapsedAt, quantity: late.quantity, ...payment, serial },
    lenders,
    countedBy: countedBy(skuOf(work), late.customer),
  };
  return { type: "reservation.tried", dHeld: quantity, reservation };
}

/** The reservation as it was before its late payment was tried. */
export function beforeRescue(reservation: Reservation): Reservation {
  const { attempt, superseded } = reservation;
  if (attempt?.purpose !== "rescue") throw new Error("not a late payment");
  const { lapsedAt, quantity } = attempt;
  const status = superseded ? "released" : "expired";
  return { ...reservation, status, expiresAt: lapsedAt, quantity, attempt: null, lockedUntil: null };
}

/** Ends the try of a late payment that was not sold, and restores what it borrowed in this SKU; lenders elsewhere are told. */
export function endRescue(
  work: UnitOfWork,
  tried: Reservation,
  type: "reservation.cancelled" | "reservation.unlocked",
): Change {
  restoreAll(work, lentClaims(work, tried));
  const { quantity, lenders } = tried;
  const detail = lenders.length === 0 ? {} : { detail: { restored: lenders, serial: serialOf(tried) } };
  return { type, dHeld: -quantity, reservation: { ...beforeRescue(tried), lenders: [] }, ...detail };
}

/** Locks a late line until its cart has decided; it holds what the claims do not give. */
export function lockRescue(work: UnitOfWork, late: Reservation, paid: number, claims: readonly Reservation[]): Change {
  lendAll(work, ownClaims(claims), rescueOf(late, serialOf(late)));
  const quantity = Math.max(0, paid - sumUnits(claims));
  const reservation = { ...late, quantity, lockedUntil: work.now + LOCK_MS };
  return { type: "reservation.locked", dHeld: quantity - takenUnits(late), reservation };
}

/** Sells a late payment; `claims` give way to it. `held` are the units that its own try already has. */
export function sellRescue(
  work: UnitOfWork,
  late: Reservation,
  { paid, orderId, claims, lenders, held, serial = 0 }: RescueSale,
): Change {
  supersedeAll(work, claims, rescueOf(late, serial));
  const superseded: Lender[] = [...claims.map(({ sku, id }) => ({ sku, id })), ...lenders];
  const sold: Reservation = {
    ...late,
    status: "confirmed",
    confirmedQuantity: paid,
    orderId,
    rescued: true,
    superseded: false,
    lenders,
    lockedUntil: null,
  };
  const detail = superseded.length === 0 ? {} : { detail: { superseded, serial } };
  return { type: "reservation.confirmed", dHeld: 0 - held, dSold: paid, reservation: sold, ...detail };
}

/** A sold late payment: units, order, and the claims that gave way to it. */
interface RescueSale {
  paid: number;
  orderId: string | null;
  claims: readonly Reservation[];
  lenders: readonly Lender[];
  held: number;
  /** Serial of its try, if it had one. */
  serial?: number;
}

/** The claims that a SKU lends itself; the others are lines, which their carts lend. */
function ownClaims(claims: readonly Reservation[]): Reservation[] {
  return claims.filter(({ cart }) => cart === null);
}

/** Serial of this try of the late payment. */
export function serialOf({ attempt }: Reservation): number {
  return attempt?.purpose === "rescue" ? attempt.serial : 0;
}

/** Reserves the next units that come back for a payment that has to retry. */
export function promise(work: UnitOfWork, late: Reservation, paid: number): void {
  const units = paid - sumUnits(otherClaims(work, late).filter(({ attempt }) => attempt === null));
  if (units > 0) work.newPromises.push({ id: late.id, units });
}

/** The claims lent to a late payment in this SKU. */
export function lentClaims(work: UnitOfWork, late: Reservation): Reservation[] {
  return claimsLentTo(otherClaims(work, late), late);
}

function claimsLentTo(own: readonly Reservation[], late: Reservation): Reservation[] {
  const rescue = rescueName(late);
  return own.filter(({ lentTo }) => lentTo?.name === rescue);
}

/** The customer's other claims on this SKU. */
function otherClaims({ reservations, claimants }: UnitOfWork, { id, customer, cart }: Reservation): Reservation[] {
  if (!claimants.has(customer)) throw new Error("the claims of this customer were not gathered");
  return [...reservations.values()].filter(
    (one) =>
      one.customer === customer && one.status === "held" && one.id !== id && (cart === null || one.cart !== cart),
  );
}

/** Units that a payment lacks in stock and in the SKU's limit. */
function missingUnits(work: UnitOfWork, late: Reservation, paid: number): number {
  const { perCustomerLimit } = skuOf(work).policy;
  const taken = takenUnits(late);
  const ofStock = paid - taken - unclaimedUnits(work, late.id);
  if (perCustomerLimit === null) return ofStock;
  return Math.max(ofStock, unitsOf(work, late.customer) - taken + paid - perCustomerLimit);
}

/** Whether the payment would fit if everything undecided came back: if so, a refund now could be one with units free. */
function mayFitLater(work: UnitOfWork, late: Reservation, paid: number, own: readonly Reservation[]): boolean {
  const sku = skuOf(work);
  const { perCustomerLimit } = sku.policy;
  const taken = takenUnits(late);
  const decided = own.filter(({ attempt }) => attempt === null);
  // Tries, the customer's own included, and the payment's own units count as tried.
  const units = availableUnits(sku, work.overdueUnits) + work.triedUnits + sumUnits(decided);
  if (paid > units) return false;
  return perCustomerLimit === null || unitsOf(work, late.customer) - taken - sumUnits(own) + paid <= perCustomerLimit;
}

/** Units that the payment's own try already has. */
function takenUnits({ attempt, quantity }: Reservation): number {
  return attempt === null ? 0 : quantity;
}

function newestFirst(one: Reservation, other: Reservation): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1);
}

function sumUnits(claims: readonly Reservation[]): number {
  return claims.reduce((sum, { quantity }) => sum + quantity, 0);
}
