import type { StockFrame, TrustedSku } from "../../../client/client.ts";

/**
 * The newer of two reads. At the same version the later one has the clock's changes; without changes it is the same object,
 * which needs no rendering.
 */
export function newerOf(known: TrustedSku | undefined, read: TrustedSku): TrustedSku {
  if (known === undefined) return read;
  return read.version < known.version || JSON.stringify(read) === JSON.stringify(known) ? known : read;
}

/** Whether the feed has reported a change whose counts were not read yet. */
export function isBehind(sku: TrustedSku | undefined, frame: StockFrame): boolean {
  return sku !== undefined && frame.version > sku.version;
}

/** The sum of several SKUs. */
export function sumOf(skus: readonly TrustedSku[]) {
  const total = { stock: 0, available: 0, held: 0, sold: 0, waiting: 0 };
  for (const sku of skus) {
    total.stock += sku.stock;
    total.available += sku.available;
    total.held += sku.held;
    total.sold += sku.sold;
    total.waiting += sku.waiting;
  }
  return total;
}

/** SKUs by drop, in order of drops' names; SKUs without a drop come last. */
export function byDrop(skus: readonly TrustedSku[]): { drop: string | null; skus: TrustedSku[] }[] {
  const groups = Map.groupBy(skus, ({ drop }) => drop);
  const named = [...groups.keys()].filter((drop) => drop !== null).sort();
  const order = groups.has(null) ? [...named, null] : named;
  return order.map((drop) => ({ drop, skus: groups.get(drop) ?? [] }));
}
