import type { Actor, Refusal, ReserveCommand } from "./command.ts";
import { type Ledger, type Ruling, skuOf, unitsOf } from "./ledger.ts";
import type { Policy, Reservation, SkuView } from "./model.ts";
import { availableUnits, saleState, shortageState } from "./stock.ts";

/** A new claim on units. Refusals in the precedence of DESIGN section 3; all of the quantity or nothing. */
export function reserve(ledger: Ledger, command: ReserveCommand, actor: Actor): Ruling {
  const sku = skuOf(ledger);
  if (ledger.reservations.has(command.id)) throw new Error("a reservation of this id exists already");
  const refusal = refusedBySale(ledger) ?? refusedByLimit(ledger, command) ?? refusedByStock(ledger, command.quantity);
  if (refusal) return { kind: "refused", refusal };

  const extendableUntil = ledger.now + sku.policy.maxHoldSeconds * 1000;
  const reservation: Reservation = {
    id: command.id,
    sku: sku.sku,
    customer: command.customer,
    quantity: command.quantity,
    status: "held",
    createdAt: ledger.now,
    expiresAt: Math.min(ledger.now + allowedTtlSeconds(sku.policy, command.ttlSeconds, actor) * 1000, extendableUntil),
    extendableUntil,
    confirmedQuantity: 0,
    returnedQuantity: 0,
    orderId: null,
    rescued: false,
    refundRequired: false,
    cart: null,
    metadata: command.metadata,
    version: 0,
  };
  return { kind: "changed", change: { type: "reservation.held", dHeld: command.quantity, reservation } };
}

/** The time to live that a caller gets: what it asked for, shortened to what its role may have. */
export function allowedTtlSeconds(policy: Policy, asked: number | undefined, actor: Actor): number {
  const most = actor.role === "shopper" ? policy.holdTtlSeconds : policy.maxHoldSeconds;
  return Math.min(asked ?? policy.holdTtlSeconds, most);
}

function refusedBySale(ledger: Ledger): Refusal | null {
  const sku = skuOf(ledger);
  const state = saleState(sku, ledger.now, ledger.overdueUnits);
  if (state === "paused" || state === "closed") return { code: state };
  if (state !== "scheduled") return null;
  const opensAt = sku.policy.opensAt ?? ledger.now;
  return { code: "not-open", opensAt, retryAfterSeconds: Math.max(1, Math.ceil((opensAt - ledger.now) / 1000)) };
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

function refusedByStock(ledger: Ledger, quantity: number): Refusal | null {
  const sku = skuOf(ledger);
  const available = availableUnits(sku, ledger.overdueUnits);
  if (quantity <= available) return null;
  const state = shortageState(sku, ledger.overdueUnits);
  return { code: "insufficient-stock", available, state, displayCap: sku.policy.displayCap };
}

/** Units that a customer with `used` of its limit could reserve in one go right now. */
export function unitsForCustomer(view: SkuView, used: number): number {
  if (view.state !== "open") return 0;
  const { perCustomerLimit, maxPerReservation } = view.policy;
  const allowance = perCustomerLimit === null ? maxPerReservation : Math.max(0, perCustomerLimit - used);
  return Math.min(view.available, maxPerReservation, allowance);
}
