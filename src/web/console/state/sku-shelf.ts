import type { StockFrame, TrustedSku } from "../../../client/client.ts";
import { isBehind, newerOf, withFrame } from "./merge-sku.ts";

interface Shown {
  read: TrustedSku;
  frame: StockFrame | undefined;
  sku: TrustedSku;
}

/** What is known of each SKU: how it was read, and what the feed has told since. */
export class SkuShelf {
  /** Those that were read the longest ago come first. */
  readonly #reads = new Map<string, { sku: TrustedSku; readAt: number }>();
  readonly #frames = new Map<string, StockFrame>();
  readonly #shown = new Map<string, Shown>();
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

  /** SKUs that the feed told of and whose counts are yet to be read, the longest unread first. */
  behind(): string[] {
    return [...this.#reads].flatMap(([name, { sku }]) => {
      const frame = this.#frames.get(name);
      return frame !== undefined && isBehind(sku, frame) ? [name] : [];
    });
  }

  /** All as they are now, by name. What has not changed since the last look is the same object. */
  all(): readonly TrustedSku[] {
    const skus = [...this.#reads.keys()].sort().flatMap((name) => this.#merged(name) ?? []);
    const isSame = skus.length === this.#all.length && skus.every((sku, index) => sku === this.#all[index]);
    if (!isSame) this.#all = skus;
    return this.#all;
  }

  #merged(name: string): TrustedSku | undefined {
    const read = this.#reads.get(name)?.sku;
    if (read === undefined) return undefined;
    const frame = this.#frames.get(name);
    const shown = this.#shown.get(name);
    if (shown?.read === read && shown.frame === frame) return shown.sku;
    const sku = withFrame(read, frame);
    this.#shown.set(name, { read, frame, sku });
    return sku;
  }
}
