import type { PersonalFrame, RelayPush } from "../contracts/live.ts";
import { RELAY_INTERVAL_MS } from "../domain/bounds.ts";
import type { SkuView } from "../domain/model.ts";
import { stockFrameOf } from "./frames.ts";

/** What a SKU's feed needs to reach its Relays. */
export interface RelayDeps {
  /** Names of the Relays that asked to be fed. */
  names(): string[];
  /** Feeds one; resolves with false when nobody watches there any more. */
  push(name: string, push: RelayPush): Promise<boolean>;
  /** That Relay is not fed any more. */
  forget(name: string): void;
}

/**
 * The Relays of one SKU. Each is fed once per change however many watch there, at most four times a second, one push after
 * the other, so that versions never go back. A push that is lost is made good by the next, or when the Relay asks.
 */
export class RelayLinks {
  readonly #deps: RelayDeps;
  #latest: SkuView | null = null;
  #personal: PersonalFrame[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #pushing = false;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
  }

  get any(): boolean {
    return this.#deps.names().length > 0;
  }

  /** The stock has changed. */
  publish(view: SkuView): void {
    if (!this.any) return;
    this.#latest = view;
    this.#schedule();
  }

  /** Something for one customer, wherever its sockets are. */
  tell(frame: PersonalFrame): void {
    if (!this.any) return;
    this.#personal.push(frame);
    if (this.#latest !== null) this.#schedule();
  }

  #schedule(): void {
    if (!this.#pushing) this.#timer ??= setTimeout(() => void this.#flush(), RELAY_INTERVAL_MS);
  }

  async #flush(): Promise<void> {
    this.#timer = null;
    const view = this.#latest;
    if (view === null) return;
    const personal = this.#personal;
    this.#personal = [];
    this.#pushing = true;
    const frames = { public: stockFrameOf(view, "public"), trusted: stockFrameOf(view, "trusted") };
    const push: RelayPush = { sku: view.sku, version: view.version, ...frames, personal };
    await Promise.all(this.#deps.names().map((name) => this.#feed(name, push)));
    this.#pushing = false;
    if (this.#latest !== view || this.#personal.length > 0) this.#schedule();
  }

  async #feed(name: string, push: RelayPush): Promise<void> {
    try {
      if (!(await this.#deps.push(name, push))) this.#deps.forget(name);
    } catch (error) {
      console.warn(JSON.stringify({ event: "relay-push-lost", error: String(error) }));
    }
  }
}
