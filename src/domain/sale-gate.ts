import type { Refusal } from "./command.ts";
import { saleState, saleTerms } from "./stock.ts";
import { skuOf, type UnitOfWork } from "./unit-of-work.ts";

/** Why nothing can be reserved or waited for now, whatever the stock: paused, not open yet, or closed. */
export function refusedBySale(work: UnitOfWork): Refusal | null {
  const sku = skuOf(work);
  const state = saleState(sku, work.now, work.overdueUnits);
  if (state === "paused" || state === "closed") return { code: state };
  if (state !== "scheduled") return null;
  const opensAt = saleTerms(sku).opensAt ?? work.now;
  return { code: "not-open", opensAt, retryAfterSeconds: Math.max(1, Math.ceil((opensAt - work.now) / 1000)) };
}
