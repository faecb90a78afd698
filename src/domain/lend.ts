import { LOCK_MS } from "./bounds.ts";
import type { Refusal } from "./command.ts";
import type { LendCommand, ReturnLentCommand } from "./line-command.ts";
import type { Lender, Rescue, Reservation } from "./model.ts";
import { apply, type Change, type Ruling, type UnitOfWork } from "./unit-of-work.ts";

/** The name of the decision that a late payment waits for: its cart's or its own, in the form of a stream's name. */
export function rescueName({ sku, id, cart }: Pick<Reservation, "sku" | "id" | "cart">): string {
  return cart === null ? `sku/${sku}/${id}` : `cart/${cart}`;
}

/** The late payment of a reservation, as lenders know it. */
export function rescueOf(reservation: Pick<Reservation, "sku" | "id" | "cart">, serial: number): Rescue {
  const { sku, id } = reservation;
  return { name: rescueName(reservation), sku, id, serial };
}

/** The outcome of a late payment for one of its lenders; null: not decided yet. */
export function fateOfRescue(reservation: Reservation | undefined, lender: Lender): "restore" | "supersede" | null {
  if (reservation?.attempt?.purpose === "rescue") return null;
  const isSold = reservation?.status === "confirmed" || reservation?.status === "returned";
  return isSold && reservation.lenders.some((one) => isSame(one, lender)) ? "supersede" : "restore";
}

/** Whether a late payment is a newer try of the same reservation. */
export function isNewerTry(to: Rescue, before: Rescue): boolean {
  return to.sku === before.sku && to.id === before.id && to.serial > before.serial;
}

/** Whether two names mean the same lender. */
export function isSame(one: Lender, other: Lender): boolean {
  if ("cart" in one || "cart" in other) return "cart" in one && "cart" in other && one.cart === other.cart;
  return one.sku === other.sku && one.id === other.id;
}

/** Whether a claim can be lent: it is unpaid, and no other decision about it is in progress. */
export function isLendable({ status, attempt, lockedUntil }: Reservation): boolean {
  return status === "held" && attempt === null && lockedUntil === null;
}

/** Lends a claim to a late payment. Repeated it changes nothing; `overloaded` while another decision about the claim is in progress. */
export function lend(work: UnitOfWork, { to }: LendCommand, claim: Reservation): Ruling {
  if (claim.lentTo !== null && claim.lentTo.name === to.name) {
    const isAnew = isNewerTry(to, claim.lentTo);
    return isAnew ? { kind: "changed", change: lending(work, claim, to) } : { kind: "unchanged" };
  }
  if (isLendable(claim)) return { kind: "changed", change: lending(work, claim, to) };
  const { status, orderId, returnedQuantity } = claim;
  if (status === "held") return { kind: "refused", refusal: { code: "overloaded" } };
  // The limit may not have heard yet that this claim has ended: it may still count its units.
  const isSold = status === "confirmed" && returnedQuantity === 0;
  const refusal: Refusal = isSold
    ? { code: "already-confirmed", orderId, refundRequired: false }
    : { code: "not-found" };
  return { kind: "refused", refusal };
}

/**
 * Applies the outcome of the late payment that a claim was lent to; a claim that is not lent to it stays unchanged. While a
 * late payment of this SKU still counts on the claim, the answer is `overloaded`: that payment is decided first.
 */
export function returnLent(
  work: UnitOfWork,
  { type, rescue, serial, leftMs }: ReturnLentCommand,
  claim: Reservation,
): Ruling {
  const isMeant = claim.lentTo?.name === rescue && (serial === undefined || serial === claim.lentTo.serial);
  if (!isMeant || claim.lentTo === null) return { kind: "unchanged" };
  if (isCountedOn(work, claim)) return { kind: "refused", refusal: { code: "overloaded" } };
  return {
    kind: "changed",
    change: type === "restore" ? restoring(work, claim, leftMs) : superseding(claim, claim.lentTo),
  };
}

/** Whether the late payment belongs to this SKU, is undecided, and counts on the units of the claim. */
function isCountedOn({ reservations }: UnitOfWork, { lentTo, customer }: Reservation): boolean {
  return [...reservations.values()].some(
    (one) => one.customer === customer && one.attempt?.purpose === "rescue" && rescueName(one) === lentTo?.name,
  );
}

/** Locks those of these claims for a late payment that are not locked yet. */
export function lendAll(work: UnitOfWork, claims: readonly Reservation[], rescue: Rescue): void {
  for (const claim of claims) if (claim.lentTo === null) apply(work, lending(work, claim, rescue));
}

/** Releases these claims because the late payment was sold. */
export function supersedeAll(work: UnitOfWork, claims: readonly Reservation[], rescue: Rescue): void {
  for (const claim of claims) apply(work, superseding(claim, rescue));
}

/** The late payment was not sold: the claims that it borrowed in this SKU become what they were. A cart restores its lines itself. */
export function restoreAll(work: UnitOfWork, claims: readonly Reservation[]): void {
  for (const claim of claims) if (claim.cart === null) apply(work, restoring(work, claim));
}

function lending(work: UnitOfWork, claim: Reservation, rescue: Rescue): Change {
  const lent = { ...claim, lentTo: rescue, lockedUntil: work.now + LOCK_MS };
  return { type: "reservation.locked", reservation: lent };
}

/** The claim as it was before. If its end came meanwhile, it gets the time that it had left when it was lent. */
function restoring({ now }: UnitOfWork, claim: Reservation, leftMs?: number): Change {
  const { lockedUntil } = claim;
  const lentAt = (lockedUntil ?? now) - LOCK_MS;
  const isOver = claim.cart === null ? claim.expiresAt <= now : leftMs !== undefined;
  const expiresAt = isOver ? now + (leftMs ?? claim.expiresAt - lentAt) : claim.expiresAt;
  const extendableUntil = Math.max(claim.extendableUntil, expiresAt);
  const restored = { ...claim, expiresAt, extendableUntil, lentTo: null, lockedUntil: null };
  return { type: "reservation.unlocked", reservation: restored };
}

function superseding(claim: Reservation, { sku, id }: Rescue): Change {
  return {
    type: "reservation.released",
    dHeld: -claim.quantity,
    reservation: { ...claim, status: "released", superseded: true, lentTo: null, lockedUntil: null },
    detail: { reason: "superseded", by: { sku, id } },
  };
}
