import type { Refusal } from "./command.ts";
import { type Ledger, skuOf } from "./ledger.ts";
import { saleState, saleTerms } from "./stock.ts";

/** Why nothing can be reserved or waited for now, whatever the stock: paused, not open yet, or closed. */
export function refusedBySale(ledger: Ledger): Refusal | null {
  const sku = skuOf(ledger);
  const state = saleState(sku, ledger.now, ledger.overdueUnits);
  if (state === "paused" || state === "closed") return { code: state };
  if (state !== "scheduled") return null;
  const opensAt = saleTerms(sku).opensAt ?? ledger.now;
  return { code: "not-open", opensAt, retryAfterSeconds: Math.max(1, Math.ceil((opensAt - ledger.now) / 1000)) };
}
