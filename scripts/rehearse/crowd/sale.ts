import type { z } from "zod";
import type { policyView } from "../../../src/contracts/sku.ts";
import type { ServerClock } from "./server-clock.ts";

export type Policy = z.infer<typeof policyView>;

/** What a rehearsal puts up for sale. Times are the service's, in milliseconds. */
export type Sale = {
  /** That of the drop or, where there is none, of the SKU. */
  name: string;
  /** Units of each SKU that were put up for sale. */
  stock: Map<string, number>;
  /** The SKUs that open at `opensAt` and that the limit counts; others are on sale at once and without a limit. */
  limited: string[];
  /** How many units a customer may have: of a SKU, which knows that alone, or of all SKUs of a drop together. */
  limit: { scope: "sku" | "drop"; units: number };
  /** That of every SKU, but for what a drop sets. */
  policy: Policy;
  opensAt: number;
  clock: ServerClock;
};

export function isLimited({ limited }: Sale, sku: string): boolean {
  return limited.includes(sku);
}

/** How many units of a SKU a customer may have, together with what else the limit counts. */
export function limitOf(sale: Sale, sku: string): number {
  return isLimited(sale, sku) ? sale.limit.units : Number.POSITIVE_INFINITY;
}
