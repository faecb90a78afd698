import type { Clock } from "../clock.ts";
import type { Attendance, PersonalFrame, RelayPush, StockPush } from "../contracts/live.ts";
import {
  PERSONAL_FRAMES_MAX,
  RELAY_INTERVAL_MS,
  RELAY_RETRIES_MAX,
  RELAY_RETRY_MS,
  WATCHERS_MAX,
} from "../domain/bounds.ts";
import type { SkuView } from "../domain/model.ts";
import { placeOf } from "../domain/relay-placement.ts";
import type { LogDetails } from "../logger.ts";

/** The dependencies of a channel on its SKU. */
export interface ChannelDeps {
  clock: Clock;
  /** The current stock, and its form as a push. */
  latest(): { view: SkuView; push: StockPush };
  /** Pushes to the Relay; resolves with who watches there. */
  push(push: RelayPush): Promise<Attendance>;
  /** The Relay is no longer fed. */
  forget(): void;
  log(event: "relay_push_failed" | "relay_frames_lost", details: LogDetails): void;
}

/**
 * The channel from one SKU to one Relay: at once after a quiet moment, at most four pushes a second, one at a time, so that
 * versions never go back. A lost push is repeated once; after that the Relay's own question repairs the stock, and personal
 * frames are retried for a minute, which also keeps the SKU in memory. Channels do not wait for each other.
 */
export class RelayChannel {
  readonly #deps: ChannelDeps;
  /** Places of customers who may watch there; null until the Relay has answered, and when more have joined than fit. */
  #places: Set<number> | null = null;
  /** Places of customers who joined while a push was in flight. */
  readonly #joined = new Set<number>();
  #timesAsked = 0;
  #pushed: SkuView | null = null;
  /** Frames that no push has contained yet, and frames of lost pushes. */
  #fresh: PersonalFrame[] = [];
  #lost: PersonalFrame[] = [];
  /** How often the lost frames were retried. */
  #retries = 0;
  /** Stops the timer of the next push; null: none runs. */
  #stop: (() => void) | null = null;
  #dueAt = 0;
  #pushing = false;
  #pushedAt = 0;

  constructor(deps: ChannelDeps) {
    this.#deps = deps;
  }

  get hasCustomers(): boolean {
    return this.#places === null || this.#places.size > 0;
  }

  /** Whether a customer with this place may watch there. */
  mayHold(place: number): boolean {
    return this.#places === null || this.#places.has(place);
  }

  /** The Relay has asked for the state: somebody watches there. `place` is that of a joining customer. */
  asked(place: number | null): void {
    this.#timesAsked += 1;
    if (place !== null) {
      if (this.#pushing) this.#joined.add(place);
      this.#places?.add(place);
      if ((this.#places?.size ?? 0) > 2 * WATCHERS_MAX) this.#places = null;
    }
    if (this.#lost.length > 0) this.changed(null);
  }

  /** The stock has changed; with a frame, for one customer. */
  changed(frame: PersonalFrame | null): void {
    if (frame !== null) this.#fresh.push(frame);
    if (this.#fresh.length > PERSONAL_FRAMES_MAX) this.#fresh.shift();
    // Wait for everything that is committed in the same turn.
    const waitMs = Math.max(0, this.#pushedAt + RELAY_INTERVAL_MS - this.#deps.clock.now());
    this.#arm(Math.min(waitMs, RELAY_INTERVAL_MS));
  }

  #arm(waitMs: number): void {
    if (this.#pushing) return;
    const dueAt = this.#deps.clock.now() + waitMs;
    if (this.#stop !== null && this.#dueAt <= dueAt) return;
    this.#stop?.();
    this.#dueAt = dueAt;
    this.#stop = this.#deps.clock.start(() => void this.#flush(), waitMs);
  }

  async #flush(): Promise<void> {
    this.#stop = null;
    const { view, push } = this.#deps.latest();
    const isNews = view !== this.#pushed || this.#fresh.length > 0;
    const personal = [...this.#lost, ...this.#fresh];
    this.#fresh = [];
    this.#pushed = view;
    this.#pushing = true;
    this.#pushedAt = this.#deps.clock.now();
    this.#joined.clear();
    const answer = await this.#feed({ ...push, personal, asksWho: this.#places === null });
    this.#pushing = false;
    if (answer === "nobody") return this.#deps.forget();
    this.#lost = answer === "lost" ? personal.slice(-PERSONAL_FRAMES_MAX) : [];
    if (isNews) this.#retries = 0;
    const isToBeRepeated = answer === "lost" && isNews;
    if (this.#deps.latest().view !== view || this.#fresh.length > 0 || isToBeRepeated) this.changed(null);
    else if (this.#lost.length > 0) this.#tryAgainLater();
  }

  #tryAgainLater(): void {
    this.#retries += 1;
    if (this.#retries <= RELAY_RETRIES_MAX) this.#arm(RELAY_RETRY_MS);
    else {
      this.#deps.log("relay_frames_lost", { frames: this.#lost.length });
      this.#lost = [];
    }
  }

  async #feed(push: RelayPush): Promise<"taken" | "nobody" | "lost"> {
    const timesAsked = this.#timesAsked;
    try {
      const { isWatched, places } = await this.#deps.push(push);
      if (places !== null) {
        this.#places = new Set([...places, ...this.#joined]);
        this.#fresh = this.#fresh.filter(({ customer }) => this.mayHold(placeOf(customer)));
      }
      // If the Relay asked meanwhile, this answer may be older than that: the next push tells.
      return isWatched || timesAsked !== this.#timesAsked ? "taken" : "nobody";
    } catch (error) {
      this.#deps.log("relay_push_failed", { error });
      return "lost";
    }
  }
}
