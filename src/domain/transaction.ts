import { advancePhase, expireHolds } from "./clock.ts";
import type { Command, Outcome, Request } from "./command.ts";
import { dispatch } from "./dispatch.ts";
import type { Reservation, Sku } from "./model.ts";
import { availableUnits } from "./stock.ts";
import { apply, skuOf, type UnitOfWork } from "./unit-of-work.ts";
import { serve } from "./waitlist.ts";

/**
 * One transaction, whole: due holds expire, the clock's changes are committed, the waitlist is served, the requests are
 * judged in order, each followed by the waitlist, and what it all did to the stock is signalled once.
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

/** Units that the requests may take from what is free, so that a sweep knows when it has released enough. */
export function wantedUnits(requests: readonly Request[], quantityOf: (id: string) => number): number {
  return requests.reduce((sum, { command }) => sum + wantedBy(command, quantityOf), 0);
}

function wantedBy(command: Command, quantityOf: (id: string) => number): number {
  switch (command.type) {
    case "reserve":
      return command.quantity;
    case "confirm":
      return command.quantity ?? quantityOf(command.id);
    case "lock":
      return quantityOf(command.id);
    case "adjust":
      return Math.max(0, -command.delta);
    case "batch":
      return wantedUnits(command.requests, quantityOf);
    default:
      return 0;
  }
}

/** Events for those who restock or advertise: stock ran low, ran out for good, or came back. At most one transaction's worth. */
function signalStock(work: UnitOfWork, before: Sku): void {
  const after = skuOf(work);
  const availableBefore = availableUnits(before, 0);
  const available = availableUnits(after, 0);
  const detail = { available, held: after.held, sold: after.sold };
  const goneBefore = availableBefore === 0 && before.held === 0;
  if (available === 0 && after.held === 0 && !goneBefore) apply(work, { type: "stock.sold_out", detail });
  if (available > 0 && availableBefore === 0) apply(work, { type: "stock.back", detail });
  // Every event moves `version`, which anybody sees: one above the display cap would tell what that hides.
  const { lowStockThreshold, displayCap } = after.policy;
  const threshold = Math.min(lowStockThreshold, displayCap ?? lowStockThreshold);
  if (available > 0 && available <= threshold && availableBefore > threshold)
    apply(work, { type: "stock.low", detail });
}
