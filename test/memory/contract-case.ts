import {
  DEFAULT_POLICY,
  type Reservation,
  type Sku,
  type SkuEvent,
  type WaitlistEntry,
} from "../../src/domain/model.ts";
import type { Stores } from "../../src/objects/sku/stores.ts";

/** Stores whose tables are empty. */
export interface Opened {
  stores: Stores;
  transaction<Result>(write: () => Result): Result;
}

export const T0 = 1_800_000_000_000;

export const SKU: Sku = {
  ...{ sku: "shoe", name: "Shoe", drop: null, membership: null, stock: 10, held: 3, sold: 2, policy: DEFAULT_POLICY },
  ...{ version: 5, revision: 1, phase: "open", updatedAt: T0, waiting: 0, closedAt: null },
};

/** A hold of one unit, but for these members. */
export function reservation(members: Partial<Reservation>): Reservation {
  return {
    ...{ id: "r1", sku: "shoe", customer: "ann", quantity: 1, status: "held", createdAt: T0, expiresAt: T0 + 60_000 },
    ...{ extendableUntil: T0 + 90_000, confirmedQuantity: 0, returnedQuantity: 0, orderId: null, rescued: false },
    ...{ refunds: [], cart: null, metadata: {}, version: 1, attempt: null, lockedUntil: null, lentTo: null },
    ...{ lenders: [], superseded: false, countedBy: null, entry: null },
    ...members,
  };
}

/** Somebody who waits for one unit, but for these members. */
export function entry(members: Partial<WaitlistEntry>): WaitlistEntry {
  return {
    ...{ id: "e1", sku: "shoe", customer: "ann", quantity: 1, status: "waiting", rank: 1, createdAt: T0 },
    ...{ reservation: null, offerExpiresAt: null, reason: null, version: 1 },
    ...members,
  };
}

export function event(members: Partial<SkuEvent>): SkuEvent {
  return {
    ...{ sequence: 1, type: "reservation.released", time: T0, dStock: 0, dHeld: 0, dSold: 0 },
    ...{ reservation: null, entry: null, detail: null },
    ...members,
  };
}
