import type { Holdfast } from "../client.ts";
import type { HoldfastError } from "../failure.ts";
import type { Connection, SharedLive } from "../live.ts";
import type { Refusal } from "../refusal.ts";
import type { StockFrame } from "../wire.ts";
import { WatchedStore } from "./store.ts";

export interface StockState {
  connection: Connection;
  /** By SKU, as far as it is known. */
  stock: Readonly<Record<string, StockFrame>>;
  /** Why there is no more to come: an unknown SKU, or a token that is not accepted. */
  reason: Refusal | HoldfastError | null;
}

/** The stock of SKUs, as it changes. */
export class StockStore extends WatchedStore<StockState> {
  readonly #client: Holdfast;
  readonly #skus: string | readonly string[];
  #stopWatching: (() => void) | null = null;

  constructor(client: Holdfast, skus: string | readonly string[]) {
    super({ connection: "connecting", stock: {}, reason: null });
    this.#client = client;
    this.#skus = skus;
  }

  protected start(): void {
    const shared = this.#client.shareLive(this.#skus);
    this.#show(shared);
    const deafen = shared.live.listen(() => this.#show(shared));
    this.#stopWatching = () => {
      deafen();
      shared.leave();
    };
  }

  protected stop(): void {
    this.#stopWatching?.();
  }

  #show({ live }: SharedLive): void {
    const known = this.get().stock;
    const skus = typeof this.#skus === "string" ? [this.#skus] : this.#skus;
    const seen = skus.flatMap((sku) => live.stock(sku) ?? []);
    const isSame = seen.every((frame) => known[frame.sku] === frame);
    const stock = isSame ? known : { ...known, ...Object.fromEntries(seen.map((frame) => [frame.sku, frame])) };
    this.set({ connection: live.connection, stock, reason: live.reason });
  }
}
