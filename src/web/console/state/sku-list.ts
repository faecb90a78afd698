import type { StockFrame, TrustedSku } from "../../../client/client.ts";
import { isBehind, newerOf } from "./merge-sku.ts";

/**
 * Each SKU as last read. All of its figures are of one version and add up: the feed lacks some of them, so it only reports that
 * there is a change, which the next read brings.
 */
export class SkuList {
  /** Those read longest ago come first. */
  readonly #reads = new Map<string, { sku: TrustedSku; readAt: number }>();
  readonly #frames = new Map<string, StockFrame>();
  #all: readonly TrustedSku[] = [];

  has(name: string): boolean {
    return this.#reads.has(name);
  }

  /** When it was last read, in milliseconds; null: never. */
  readAt(name: string): number | null {
    return this.#reads.get(name)?.readAt ?? null;
  }

  take(read: TrustedSku): void {
    const sku = newerOf(this.#reads.get(read.sku)?.sku, read);
    this.#reads.delete(read.sku);
    this.#reads.set(read.sku, { sku, readAt: Date.now() });
  }

  /** Takes a frame of the feed; returns whether it is news. */
  hear(frame: StockFrame): boolean {
    this.#frames.set(frame.sku, frame);
    return isBehind(this.#reads.get(frame.sku)?.sku, frame);
  }

  /** SKUs that the feed has reported and that were not read yet, longest unread first. */
  behind(): string[] {
    return [...this.#reads].flatMap(([name, { sku }]) => {
      const frame = this.#frames.get(name);
      return frame !== undefined && isBehind(sku, frame) ? [name] : [];
    });
  }

  /** All SKUs as last read, by name. An unchanged one is the same object as before. */
  all(): readonly TrustedSku[] {
    const skus = [...this.#reads].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, { sku }]) => sku);
    const isSame = skus.length === this.#all.length && skus.every((sku, index) => sku === this.#all[index]);
    if (!isSame) this.#all = skus;
    return this.#all;
  }
}
