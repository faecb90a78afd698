import type { Actor, Refusal, ReserveCommand, TtlTerms } from "./command.ts";
import type { SkuView } from "./model.ts";
import { newHold } from "./new-hold.ts";
import { refusedBySale } from "./sale-gate.ts";
import { dropLimit, shortageState } from "./stock.ts";
import { asTry } from "./try.ts";
import { refusedAbandoner, refusedForStock, refusedRehold } from "./turns.ts";
import { isUndecided, type Ruling, skuOf, type UnitOfWork, unclaimedUnits, unitsOf } from "./unit-of-work.ts";

/**
 * Makes a new claim on units, or refuses in the order of DESIGN section 3; the full quantity or nothing. A cart's line is a
 * try, and so is every claim that a drop's limit counts.
 */
export function reserve(work: UnitOfWork, command: ReserveCommand, actor: Actor): Ruling {
  const sku = skuOf(work);
  const twin = work.reservations.get(command.id);
  if (twin !== undefined) {
    // The same command once more: by its cart, or by the platform.
    if (twin.customer === command.customer && twin.cart === (command.cart ?? null)) return { kind: "unchanged" };
    throw new Error("a reservation of this id exists already");
  }
  const refusal = refusedReserve(work, command, actor);
  if (refusal) return { kind: "refused", refusal };

  const extendableUntil = work.now + sku.policy.maxHoldSeconds * 1000;
  const ttlSeconds = allowedTtlSeconds(sku.policy, command.ttlSeconds, actor);
  const { id, customer, quantity, metadata, cart = null } = command;
  const expiresAt = Math.min(work.now + ttlSeconds * 1000, extendableUntil);
  const hold = newHold(work, { id, customer, quantity, metadata, cart, entry: null, expiresAt, extendableUntil });
  const isTry = cart !== null || hold.countedBy !== null;
  const reservation = isTry ? asTry(work, hold, { purpose: "hold", ttlSeconds }) : hold;
  const type = isTry ? "reservation.tried" : "reservation.held";
  return { kind: "changed", change: { type, dHeld: quantity, reservation } };
}

/** Why units cannot be reserved now, or null. */
export function refusedReserve(work: UnitOfWork, command: ReserveCommand, actor: Actor): Refusal | null {
  const { policy } = skuOf(work);
  const last = refusedRehold(work.turns, policy, command.customer, work.now) ?? command.overDropLimit ?? null;
  // Whoever is refused in any case must not learn by it how much there is above the display cap.
  const isRefused = last !== null || command.quantity > (dropLimit(skuOf(work))?.limit ?? command.quantity);
  const unseen = isRefused && actor.role === "shopper" ? policy.displayCap : null;
  return (
    refusedBySale(work) ??
    refusedByLimit(work, command) ??
    refusedAbandoner(work.turns, policy, command.customer, work.now) ??
    refusedByStock(work, command, unseen ?? Number.POSITIVE_INFINITY) ??
    last
  );
}

/** The time to live that a caller gets: what it asked for, cut to what its role may have. */
export function allowedTtlSeconds(policy: TtlTerms, asked: number | undefined, actor: { role: Actor["role"] }): number {
  const most = actor.role === "shopper" ? policy.holdTtlSeconds : policy.maxHoldSeconds;
  return Math.min(asked ?? policy.holdTtlSeconds, most);
}

function refusedByLimit(work: UnitOfWork, command: ReserveCommand): Refusal | null {
  const { maxPerReservation, perCustomerLimit } = skuOf(work).policy;
  if (command.quantity > maxPerReservation) {
    const limit = maxPerReservation;
    return { code: "limit-exceeded", limit, used: 0, remaining: limit, scope: "reservation" };
  }
  if (perCustomerLimit === null) return null;
  const used = unitsOf(work, command.customer);
  if (used + command.quantity <= perCustomerLimit) return null;
  const remaining = Math.max(0, perCustomerLimit - used);
  return { code: "limit-exceeded", limit: perCustomerLimit, used, remaining, scope: "sku" };
}

/** There are too few units, or more than `most` are asked for. */
function refusedByStock(work: UnitOfWork, { customer, quantity, cart }: ReserveCommand, most: number): Refusal | null {
  const sku = skuOf(work);
  const available = unclaimedUnits(work);
  if (quantity <= Math.min(available, most)) return null;
  const state = isUndecided(work) ? "held_elsewhere" : shortageState(sku, work.overdueUnits);
  const isContended = cart !== undefined && quantity <= Math.min(available, most) + work.triedUnits;
  const { displayCap } = sku.policy;
  if (!isContended) refusedForStock(work.turns, customer, work.now);
  return { code: "insufficient-stock", available, state, displayCap, ...(isContended ? { contended: true } : {}) };
}

/** Units that a customer with `used` of its limit could reserve in one call now. */
export function unitsForCustomer(view: SkuView, used: number): number {
  if (view.state !== "open") return 0;
  const { perCustomerLimit, maxPerReservation } = view.policy;
  const allowance = perCustomerLimit === null ? maxPerReservation : Math.max(0, perCustomerLimit - used);
  return Math.min(view.available, maxPerReservation, allowance);
}
