import { ALLOWANCE_OBJECTS } from "./bounds.ts";
import type { DropLimit } from "./command.ts";
import type { Reservation, SalePhase, SaleState, Sku, StockLevel } from "./model.ts";

/** Units that can be reserved now. `overdueUnits` belong to dead holds that are not released yet: they count as free. */
export function availableUnits(sku: Sku, overdueUnits: number): number {
  return sku.stock - sku.held - sku.sold + overdueUnits;
}

/** Whether a hold is dead. Inclusive: at `expiresAt` itself it is. A locked hold cannot die. */
export function isDead(reservation: Reservation, now: number): boolean {
  return reservation.status === "held" && reservation.lockedUntil === null && now >= reservation.expiresAt;
}

/** Units of a reservation that count against its customer's limit: held and not dead, or bought and not returned. */
export function liveUnits(reservation: Reservation, now: number): number {
  switch (reservation.status) {
    case "held":
      return isDead(reservation, now) ? 0 : reservation.quantity;
    case "confirmed":
    case "returned":
      return reservation.confirmedQuantity - reservation.returnedQuantity;
    case "released":
    case "expired":
      return 0;
  }
}

/** When a sale opens and closes. */
export interface Opening {
  opensAt: number | null;
  closesAt: number | null;
}

/** When a SKU opens and closes and whether it is paused, with the terms of its drop: the later opening and the earlier closing count. */
export function saleTerms({ policy, membership }: Sku): Opening & { paused: boolean } {
  if (membership === null) return policy;
  return {
    opensAt: nullOr(Math.max, policy.opensAt, membership.opensAt),
    closesAt: nullOr(Math.min, policy.closesAt, membership.closesAt),
    paused: policy.paused || membership.paused || membership.frozenAt !== null,
  };
}

/** The drop's limit that a claim on this SKU has to ask, or null. */
export function dropLimit({ drop, membership }: Sku): DropLimit | null {
  if (drop === null || membership === null || membership.limit === null) return null;
  return { drop, limit: membership.limit, allowances: membership.allowances ?? ALLOWANCE_OBJECTS };
}

function nullOr(choose: (one: number, other: number) => number, one: number | null, other: number | null) {
  return one === null || other === null ? (one ?? other) : choose(one, other);
}

/** The phase of the sale by the clock alone. Bounds are inclusive: open and closed from that instant on. */
export function phaseAt({ opensAt, closesAt }: Opening, now: number): SalePhase {
  if (closesAt !== null && now >= closesAt) return "closed";
  if (opensAt !== null && now < opensAt) return "scheduled";
  return "open";
}

/** The public state: the first that applies of paused, scheduled, closed, sold out, held elsewhere, open. */
export function saleState(sku: Sku, now: number, overdueUnits: number): SaleState {
  const terms = saleTerms(sku);
  if (terms.paused) return "paused";
  const phase = phaseAt(terms, now);
  if (phase !== "open") return phase;
  if (availableUnits(sku, overdueUnits) > 0) return "open";
  return shortageState(sku, overdueUnits);
}

/** Whether units that come back are offered to the waitlist. */
export function isServing(sku: Sku, now: number): boolean {
  const state = saleState(sku, now, 0);
  return state !== "paused" && state !== "scheduled" && state !== "closed";
}

/** When the waitlist of a closed sale ends: until then a closing by mistake can be undone. Null: it does not end. */
export function waitlistEndsAt({ closedAt, policy }: Sku): number | null {
  return closedAt === null ? null : closedAt + policy.waitlistKeptSeconds * 1000;
}

/** Whether the waitlist of a closed sale has ended. */
export function isWaitlistOver(sku: Sku, now: number): boolean {
  const endsAt = waitlistEndsAt(sku);
  return endsAt !== null && now >= endsAt && saleState(sku, now, 0) === "closed";
}

/** Why units are missing: `held_elsewhere` may come back, `sold_out` will not. */
export function shortageState(sku: Sku, overdueUnits: number): "sold_out" | "held_elsewhere" {
  return sku.held - overdueUnits > 0 ? "held_elsewhere" : "sold_out";
}

/** The stock of a SKU as a page needs it to redraw. */
export function stockLevel(sku: Sku, now: number, overdueUnits: number): StockLevel {
  const available = availableUnits(sku, overdueUnits);
  return {
    state: saleState(sku, now, overdueUnits),
    available,
    low: available <= sku.policy.lowStockThreshold,
    displayCap: sku.policy.displayCap,
  };
}

/** Throws unless `stock = available + held + sold` with all four at or above zero: a bug must never be committed. */
export function assertConserved(sku: Sku): void {
  const available = sku.stock - sku.held - sku.sold;
  if (!(sku.stock >= 0 && sku.held >= 0 && sku.sold >= 0 && available >= 0)) {
    throw new Error(`stock of ${sku.sku} out of balance: ${sku.stock} = ${available} + ${sku.held} + ${sku.sold}`);
  }
}
