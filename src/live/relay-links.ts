import type { PersonalFrame, RelayPush } from "../contracts/live.ts";
import { RELAY_INTERVAL_MS } from "../domain/bounds.ts";
import type { SkuView } from "../domain/model.ts";
import { stockPushOf } from "./frames.ts";

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
 * the other, so that versions never go back. A push that is lost is repeated once; after that the Relay's asking makes it good.
 */
export class RelayLinks {
  readonly #deps: RelayDeps;
  #latest: SkuView | null = null;
  #pushed: SkuView | null = null;
  #personal: PersonalFrame[] = [];
  /** The Relays that did not take the last push, each with what was new in it. */
  #lost = new Map<string, PersonalFrame[]>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #pushing = false;
  #timesAsked = 0;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
  }

  get any(): boolean {
    return this.#deps.names().length > 0;
  }

  /** A Relay has asked how things stand: somebody watches there. */
  asked(): void {
    this.#timesAsked += 1;
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
    const fresh = this.#personal;
    const lost = this.#lost;
    const isNews = view !== this.#pushed || fresh.length > 0;
    this.#personal = [];
    this.#lost = new Map();
    this.#pushed = view;
    this.#pushing = true;
    const push = stockPushOf(view);
    const feed = async (name: string) => {
      const isTaken = await this.#feed(name, { ...push, personal: [...(lost.get(name) ?? []), ...fresh] });
      if (!isTaken && isNews) this.#lost.set(name, fresh);
    };
    await Promise.all((isNews ? this.#deps.names() : [...lost.keys()]).map(feed));
    this.#pushing = false;
    if (this.#latest !== view || this.#personal.length > 0 || this.#lost.size > 0) this.#schedule();
  }

  /** Feeds one Relay; false when the push was lost. */
  async #feed(name: string, push: RelayPush): Promise<boolean> {
    const timesAsked = this.#timesAsked;
    try {
      const isWatched = await this.#deps.push(name, push);
      // If somebody asked meanwhile the answer may be older than that: then the next push tells.
      if (!isWatched && timesAsked === this.#timesAsked) this.#deps.forget(name);
      return true;
    } catch (error) {
      console.warn(JSON.stringify({ event: "relay-push-lost", error: String(error) }));
      return false;
    }
  }
}
