import type { Holdfast } from "../client.ts";
import type { HoldfastError } from "../failure.ts";
import type { Connection, Live } from "../live.ts";
import type { Refusal } from "../refusal.ts";
import type { StockFrame } from "../wire.ts";
import { shareLive } from "./shared-live.ts";
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
    const { live, leave } = shareLive(this.#client, this.#skus);
    this.#show(live);
    const deafen = live.listen(() => this.#show(live));
    this.#stopWatching = () => {
      deafen();
      leave();
    };
  }

  protected stop(): void {
    this.#stopWatching?.();
  }

  #show(live: Live): void {
    const known = this.get().stock;
    const seen = [this.#skus].flat().flatMap((sku) => live.stock(sku) ?? []);
    const isSame = seen.every((frame) => known[frame.sku] === frame);
    const stock = isSame ? known : { ...known, ...Object.fromEntries(seen.map((frame) => [frame.sku, frame])) };
    this.set({ connection: live.connection, stock, reason: live.reason });
  }
}
