import type { StockFrame, TrustedSku } from "../../../client/client.ts";
import { isBehind, newerOf } from "./merge-sku.ts";

/**
 * Each SKU as it was read. All its figures are of one version, so that they add up: the feed, which has not all of them, says
 * that there is news, and what it is comes with the next read.
 */
export class SkuList {
  /** Those that were read the longest ago come first. */
  readonly #reads = new Map<string, { sku: TrustedSku; readAt: number }>();
  readonly #frames = new Map<string, StockFrame>();
  #all: readonly TrustedSku[] = [];

  has(name: string): boolean {
    return this.#reads.has(name);
  }

  /** When it was read last, in milliseconds; null when it never was. */
  readAt(name: string): number | null {
    return this.#reads.get(name)?.readAt ?? null;
  }

  take(read: TrustedSku): void {
    const sku = newerOf(this.#reads.get(read.sku)?.sku, read);
    this.#reads.delete(read.sku);
    this.#reads.set(read.sku, { sku, readAt: Date.now() });
  }

  /** Takes what the feed says; whether that is news. */
  hear(frame: StockFrame): boolean {
    this.#frames.set(frame.sku, frame);
    return isBehind(this.#reads.get(frame.sku)?.sku, frame);
  }

  /** SKUs that the feed told of and that are yet to be read, the longest unread first. */
  behind(): string[] {
    return [...this.#reads].flatMap(([name, { sku }]) => {
      const frame = this.#frames.get(name);
      return frame !== undefined && isBehind(sku, frame) ? [name] : [];
    });
  }

  /** All as they were read last, by name. What has not changed since the last look is the same object. */
  all(): readonly TrustedSku[] {
    const skus = [...this.#reads].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, { sku }]) => sku);
    const isSame = skus.length === this.#all.length && skus.every((sku, index) => sku === this.#all[index]);
    if (!isSame) this.#all = skus;
    return this.#all;
  }
}
