import { advancePhase, expireHolds } from "./clock.ts";
import type { Outcome, Request } from "./command.ts";
import { dispatch } from "./dispatch.ts";
import type { Reservation, Sku } from "./model.ts";
import { availableUnits } from "./stock.ts";
import { apply, skuOf, type UnitOfWork } from "./unit-of-work.ts";
import { serve } from "./waitlist.ts";

/**
 * Runs one transaction: expires due holds, commits what the clock changed, serves the waitlist, decides the requests in order
 * with the waitlist served after each, and adds stock signals.
 */
export function transact(work: UnitOfWork, due: readonly Reservation[], requests: readonly Request[]): Outcome[] {
  const before = work.sku;
  if (work.sku !== null) {
    expireHolds(work, due);
    advancePhase(work);
    serve(work);
  }
  const outcomes = requests.map((request) => dispatch(work, request));
  if (before !== null) signalStock(work, before);
  return outcomes;
}

/** Adds events for restocking and advertising: stock ran low, sold out, or came back. Compares the stock before and after the transaction. */
function signalStock(work: UnitOfWork, before: Sku): void {
  const after = skuOf(work);
  const availableBefore = availableUnits(before, 0);
  const available = availableUnits(after, 0);
  const detail = { available, held: after.held, sold: after.sold };
  const goneBefore = availableBefore === 0 && before.held === 0;
  if (available === 0 && after.held === 0 && !goneBefore) apply(work, { type: "stock.sold_out", detail });
  if (available > 0 && availableBefore === 0) apply(work, { type: "stock.back", detail });
  // Every event raises the public `version`: a signal above the display cap would reveal what the cap hides.
  const { lowStockThreshold, displayCap } = after.policy;
  const threshold = Math.min(lowStockThreshold, displayCap ?? lowStockThreshold);
  if (available > 0 && available <= threshold && availableBefore > threshold)
    apply(work, { type: "stock.low", detail });
}
