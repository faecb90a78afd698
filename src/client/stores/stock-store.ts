import type { Holdfast } from "../client.ts";
import type { HoldfastError } from "../failure.ts";
import type { Connection } from "../live.ts";
import type { Refusal } from "../refusal.ts";
import type { StockFrame } from "../wire.ts";
import { type Watch, watchSkus } from "./live-pool.ts";
import { WatchedStore } from "./store.ts";

export interface StockState {
  connection: Connection;
  /** By SKU, if known. */
  stock: Readonly<Record<string, StockFrame>>;
  /** Why one of them will send nothing more: an unknown SKU, or a refused token. */
  reason: Refusal | HoldfastError | null;
}

/** The current stock of SKUs. */
export class StockStore extends WatchedStore<StockState> {
  readonly #client: Holdfast;
  readonly #skus: string | readonly string[];
  #watch: Watch | null = null;

  constructor(client: Holdfast, skus: string | readonly string[]) {
    super({ connection: "connecting", stock: {}, reason: null });
    this.#client = client;
    this.#skus = skus;
  }

  protected start(): void {
    this.#watch = watchSkus(this.#client, this.#skus, () => this.#show());
    this.#show();
  }

  protected stop(): void {
    this.#watch?.leave();
    this.#watch = null;
  }

  #show(): void {
    const watch = this.#watch;
    if (watch === null) return;
    const known = this.get().stock;
    const seen = [this.#skus].flat().flatMap((sku) => watch.stock(sku) ?? []);
    const isSame = seen.every((frame) => known[frame.sku] === frame);
    const stock = isSame ? known : { ...known, ...Object.fromEntries(seen.map((frame) => [frame.sku, frame])) };
    this.set({ connection: watch.connection, stock, reason: watch.reason });
  }
}
