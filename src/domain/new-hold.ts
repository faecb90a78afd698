import { allowanceName } from "./allowance.ts";
import type { Reservation, Sku } from "./model.ts";
import { dropLimit } from "./stock.ts";
import { skuOf, type UnitOfWork } from "./unit-of-work.ts";

/** What is claimed, and until when. */
type Claimed = Pick<
  Reservation,
  "id" | "customer" | "quantity" | "metadata" | "cart" | "entry" | "expiresAt" | "extendableUntil"
>;

/** A new hold without sold units. If its drop has a limit, it names the object that counts it. */
export function newHold(work: UnitOfWork, claimed: Claimed): Reservation {
  const sku = skuOf(work);
  return {
    ...claimed,
    sku: sku.sku,
    status: "held",
    createdAt: work.now,
    confirmedQuantity: 0,
    returnedQuantity: 0,
    orderId: null,
    rescued: false,
    refunds: [],
    version: 0,
    attempt: null,
    lockedUntil: null,
    lentTo: null,
    lenders: [],
    superseded: false,
    countedBy: countedBy(sku, claimed.customer),
  };
}

/** The Allowance object that counts a customer's claims on this SKU, or null. */
export function countedBy(sku: Sku, customer: string): string | null {
  const limit = dropLimit(sku);
  return limit === null ? null : allowanceName(limit, customer);
}
