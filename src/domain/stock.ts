import type { Phase, Policy, Reservation, SaleState, Sku, StockLevel } from "./model.ts";

/** Units that can be reserved now. `overdueUnits` are those of dead holds that nobody has released yet: they count as free. */
export function availableUnits(sku: Sku, overdueUnits: number): number {
  return sku.stock - sku.held - sku.sold + overdueUnits;
}

/** Whether a hold has died. Inclusive: at `expiresAt` itself it is dead. */
export function isDead(reservation: Reservation, now: number): boolean {
  return reservation.status === "held" && now >= reservation.expiresAt;
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

/** Where the sale stands by the clock alone. Bounds are inclusive: open and closed from the very instant on. */
export function phaseAt(policy: Policy, now: number): Phase {
  if (policy.closesAt !== null && now >= policy.closesAt) return "closed";
  if (policy.opensAt !== null && now < policy.opensAt) return "scheduled";
  return "open";
}

/** The state that people see: the first that applies of paused, scheduled, closed, sold out, held elsewhere, open. */
export function saleState(sku: Sku, now: number, overdueUnits: number): SaleState {
  if (sku.policy.paused) return "paused";
  const phase = phaseAt(sku.policy, now);
  if (phase !== "open") return phase;
  if (availableUnits(sku, overdueUnits) > 0) return "open";
  return shortageState(sku, overdueUnits);
}

/** Why units are missing: `held_elsewhere` may come back, `sold_out` will not. */
export function shortageState(sku: Sku, overdueUnits: number): "sold_out" | "held_elsewhere" {
  return sku.held - overdueUnits > 0 ? "held_elsewhere" : "sold_out";
}

/** What a page needs to redraw the stock of a SKU. */
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
