import type { Refusal } from "./command.ts";
import { hashOf } from "./hash.ts";
import { HELD_ELSEWHERE_MS, SOLD_OUT_MS } from "./isolate-memory.ts";
import type { SkuView } from "./model.ts";

/** What somebody else may answer reserves of a SKU with, for `forMs` from when it was asked for. */
export interface SoldOut {
  state: "sold_out" | "held_elsewhere";
  displayCap: number | null;
  /** A larger quantity may be refused for another reason. */
  quantityMax: number;
  forMs: number;
  /**
   * Hashes, in ascending order, of the customers whom a guard before that of the stock may refuse: they have units that count
   * against a limit, or gave units back.
   */
  known: Uint32Array;
}

/** The epoch of a SKU without free units, until `nextChangeAt` at most; null: it answers itself. */
export function soldOutOf(
  { state, available, policy }: SkuView,
  known: Uint32Array | null,
  nextChangeAt: number | null,
  now: number,
): SoldOut | null {
  if ((state !== "sold_out" && state !== "held_elsewhere") || available > 0 || known === null) return null;
  const mostMs = state === "sold_out" ? SOLD_OUT_MS : HELD_ELSEWHERE_MS;
  const forMs = Math.min(mostMs, (nextChangeAt ?? Number.POSITIVE_INFINITY) - now);
  const quantityMax = Math.min(policy.maxPerReservation, policy.perCustomerLimit ?? policy.maxPerReservation);
  return forMs <= 0 ? null : { state, displayCap: policy.displayCap, quantityMax, forMs, known };
}

/** The refusal that the SKU would give to a reserve now; null: only the SKU can tell. */
export function refusalOf(
  { state, displayCap, quantityMax, known }: SoldOut,
  customer: string,
  quantity: number,
): Refusal | null {
  if (quantity > quantityMax || includes(known, hashOf(customer))) return null;
  return { code: "insufficient-stock", available: 0, state, displayCap };
}

function includes(sorted: Uint32Array, wanted: number): boolean {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] as number) < wanted) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === wanted;
}
