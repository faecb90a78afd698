import { newHold } from "./claim.ts";
import type { Actor, Refusal, ReserveCommand, TtlTerms } from "./command.ts";
import { isUndecided, type Ledger, type Ruling, skuOf, unclaimedUnits, unitsOf } from "./ledger.ts";
import type { SkuView } from "./model.ts";
import { refusedBySale } from "./opening.ts";
import { shortageState } from "./stock.ts";
import { asTry } from "./try.ts";
import { refusedAbandoner, refusedForStock, refusedRehold } from "./turns.ts";

/**
 * A new claim on units. Refusals in the precedence of DESIGN section 3; all of the quantity or nothing. A cart's line is a
 * try, and so is every claim that a drop's limit counts.
 */
export function reserve(ledger: Ledger, command: ReserveCommand, actor: Actor): Ruling {
  const sku = skuOf(ledger);
  const twin = ledger.reservations.get(command.id);
  if (twin !== undefined) {
    if (command.cart !== undefined && twin.cart === command.cart) return { kind: "unchanged" };
    throw new Error("a reservation of this id exists already");
  }
  const refusal = refusedReserve(ledger, command);
  if (refusal) return { kind: "refused", refusal };

  const extendableUntil = ledger.now + sku.policy.maxHoldSeconds * 1000;
  const ttlSeconds = allowedTtlSeconds(sku.policy, command.ttlSeconds, actor);
  const { id, customer, quantity, metadata, cart = null } = command;
  const expiresAt = Math.min(ledger.now + ttlSeconds * 1000, extendableUntil);
  const hold = newHold(ledger, { id, customer, quantity, metadata, cart, entry: null, expiresAt, extendableUntil });
  const isTry = cart !== null || hold.countedBy !== null;
  const reservation = isTry ? asTry(ledger, hold, { purpose: "hold", ttlSeconds }) : hold;
  const type = isTry ? "reservation.tried" : "reservation.held";
  return { kind: "changed", change: { type, dHeld: quantity, reservation } };
}

/** Why units cannot be reserved now, or null. */
export function refusedReserve(ledger: Ledger, command: ReserveCommand): Refusal | null {
  const { policy } = skuOf(ledger);
  return (
    refusedBySale(ledger) ??
    refusedByLimit(ledger, command) ??
    refusedAbandoner(ledger.turns, policy, command.customer, ledger.now) ??
    refusedByStock(ledger, command) ??
    refusedRehold(ledger.turns, policy, command.customer, ledger.now) ??
    command.overDropLimit ??
    null
  );
}

/** The time to live that a caller gets: what it asked for, shortened to what its role may have. */
export function allowedTtlSeconds(policy: TtlTerms, asked: number | undefined, actor: { role: Actor["role"] }): number {
  const most = actor.role === "shopper" ? policy.holdTtlSeconds : policy.maxHoldSeconds;
  return Math.min(asked ?? policy.holdTtlSeconds, most);
}

function refusedByLimit(ledger: Ledger, command: ReserveCommand): Refusal | null {
  const { maxPerReservation, perCustomerLimit } = skuOf(ledger).policy;
  if (command.quantity > maxPerReservation) {
    const limit = maxPerReservation;
    return { code: "limit-exceeded", limit, used: 0, remaining: limit, scope: "reservation" };
  }
  if (perCustomerLimit === null) return null;
  const used = unitsOf(ledger, command.customer);
  if (used + command.quantity <= perCustomerLimit) return null;
  const remaining = Math.max(0, perCustomerLimit - used);
  return { code: "limit-exceeded", limit: perCustomerLimit, used, remaining, scope: "sku" };
}

function refusedByStock(ledger: Ledger, { customer, quantity, cart }: ReserveCommand): Refusal | null {
  const sku = skuOf(ledger);
  const available = unclaimedUnits(ledger);
  if (quantity <= available) return null;
  const state = isUndecided(ledger) ? "held_elsewhere" : shortageState(sku, ledger.overdueUnits);
  const isContended = cart !== undefined && quantity <= available + ledger.triedUnits;
  const { displayCap } = sku.policy;
  if (!isContended) refusedForStock(ledger.turns, customer, ledger.now);
  return { code: "insufficient-stock", available, state, displayCap, ...(isContended ? { contended: true } : {}) };
}

/** Units that a customer with `used` of its limit could reserve in one go right now. */
export function unitsForCustomer(view: SkuView, used: number): number {
  if (view.state !== "open") return 0;
  const { perCustomerLimit, maxPerReservation } = view.policy;
  const allowance = perCustomerLimit === null ? maxPerReservation : Math.max(0, perCustomerLimit - used);
  return Math.min(view.available, maxPerReservation, allowance);
}
