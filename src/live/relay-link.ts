import type { Crowd, PersonalFrame, RelayPush } from "../contracts/live.ts";
import { RELAY_INTERVAL_MS } from "../domain/bounds.ts";
import type { SkuView } from "../domain/model.ts";

/** What a link needs of the SKU that it belongs to. */
export interface LinkDeps {
  /** The stock as it stands, and as it is pushed. */
  latest(): { view: SkuView; push: Omit<RelayPush, "personal"> };
  /** Feeds the Relay; resolves with who watches there. */
  push(push: RelayPush): Promise<Crowd>;
  /** How often somebody has asked so far how things stand. */
  timesAsked(): number;
  /** The Relay is not fed any more. */
  forget(): void;
}

/**
 * From one SKU to one Relay: at once after a quiet moment, at most four pushes a second, one after the other, so that
 * versions never go back. One that is lost is repeated once; after that the Relay's asking makes it good. No link waits
 * for another one.
 */
export class RelayLink {
  readonly #deps: LinkDeps;
  /** Whether customers may watch there: so until the Relay says that none do, and again when one joins. */
  #hasCustomers = true;
  #pushed: SkuView | null = null;
  #personal: PersonalFrame[] = [];
  /** What was new in the last push, when that was lost. */
  #lost: PersonalFrame[] | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #pushing = false;
  #pushedAt = 0;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  get hasCustomers(): boolean {
    return this.#hasCustomers;
  }

  /** A customer has joined there. */
  joined(): void {
    this.#hasCustomers = true;
  }

  /** Something has changed; for one customer there may be a frame. */
  changed(frame: PersonalFrame | null): void {
    if (frame !== null) this.#personal.push(frame);
    if (this.#pushing) return;
    // After what is being committed, and all that is committed with it.
    const waitMs = Math.max(0, this.#pushedAt + RELAY_INTERVAL_MS - Date.now());
    this.#timer ??= setTimeout(() => void this.#flush(), Math.min(waitMs, RELAY_INTERVAL_MS));
  }

  async #flush(): Promise<void> {
    this.#timer = null;
    const { view, push } = this.#deps.latest();
    const fresh = this.#personal;
    const lost = this.#lost ?? [];
    const isNews = view !== this.#pushed || fresh.length > 0;
    this.#personal = [];
    this.#pushed = view;
    this.#pushing = true;
    this.#pushedAt = Date.now();
    const isTaken = await this.#feed({ ...push, personal: [...lost, ...fresh] });
    this.#lost = isTaken || !isNews ? null : fresh;
    this.#pushing = false;
    if (this.#deps.latest().view !== view || this.#personal.length > 0 || this.#lost !== null) this.changed(null);
  }

  /** False when the push was lost. */
  async #feed(push: RelayPush): Promise<boolean> {
    const timesAsked = this.#deps.timesAsked();
    try {
      const crowd = await this.#deps.push(push);
      // If somebody asked meanwhile the answer may be older than that: then the next push tells.
      if (timesAsked !== this.#deps.timesAsked()) return true;
      this.#hasCustomers = crowd === "customers";
      if (crowd === "nobody") this.#deps.forget();
      return true;
    } catch (error) {
      console.warn(JSON.stringify({ event: "relay-push-lost", error: String(error) }));
      return false;
    }
  }
}
