import type { Attendance, PersonalFrame, RelayPush, StockPush } from "../contracts/live.ts";
import { PERSONAL_FRAMES_KEPT_MAX, RELAY_INTERVAL_MS, WATCHERS_MAX } from "../domain/bounds.ts";
import type { SkuView } from "../domain/model.ts";

/** What a link needs of the SKU that it belongs to. */
export interface LinkDeps {
  /** The stock as it stands, and as it is pushed. */
  latest(): { view: SkuView; push: StockPush };
  /** Feeds the Relay; resolves with who watches there. */
  push(push: RelayPush): Promise<Attendance>;
  /** The Relay is not fed any more. */
  forget(): void;
}

/**
 * From one SKU to one Relay: at once after a quiet moment, at most four pushes a second, one after the other, so that
 * versions never go back. One that is lost is repeated once; after that the Relay's asking makes it good, and whatever is
 * pushed next brings what is a customer's own with it. No link waits for another one.
 */
export class RelayLink {
  readonly #deps: LinkDeps;
  /** Who may watch there; null until the Relay has said who does, and when more have joined since than it has room for. */
  #customers: Set<string> | null = null;
  /** Those who joined while a push is on its way. */
  readonly #joined = new Set<string>();
  #timesAsked = 0;
  #pushed: SkuView | null = null;
  #personal: PersonalFrame[] = [];
  /** How many of those were in a push that was lost. */
  #kept = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #pushing = false;
  #pushedAt = 0;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  get hasCustomers(): boolean {
    return this.#customers === null || this.#customers.size > 0;
  }

  /** Whether this customer may watch there. */
  mayHold(customer: string): boolean {
    return this.#customers === null || this.#customers.has(customer);
  }

  /** The Relay has asked how things stand: somebody watches there, this customer when it is one that joins. */
  asked(customer: string | null): void {
    this.#timesAsked += 1;
    if (customer !== null) {
      if (this.#pushing) this.#joined.add(customer);
      this.#customers?.add(customer);
      if ((this.#customers?.size ?? 0) > WATCHERS_MAX) this.#customers = null;
    }
    if (this.#kept > 0) this.changed(null);
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
    const personal = this.#personal;
    const isNews = view !== this.#pushed || personal.length > this.#kept;
    this.#personal = [];
    this.#kept = 0;
    this.#pushed = view;
    this.#pushing = true;
    this.#pushedAt = Date.now();
    this.#joined.clear();
    const answer = await this.#feed({ ...push, personal, asksWho: this.#customers === null });
    this.#pushing = false;
    if (answer === "nobody") return this.#deps.forget();
    if (answer === "lost") this.#keep(personal);
    const isToBeRepeated = answer === "lost" && isNews;
    if (this.#deps.latest().view !== view || this.#personal.length > this.#kept || isToBeRepeated) this.changed(null);
  }

  #keep(personal: PersonalFrame[]): void {
    const kept = personal.slice(-PERSONAL_FRAMES_KEPT_MAX);
    this.#personal = [...kept, ...this.#personal];
    this.#kept = kept.length;
  }

  async #feed(push: RelayPush): Promise<"taken" | "nobody" | "lost"> {
    const timesAsked = this.#timesAsked;
    try {
      const { isWatched, customers } = await this.#deps.push(push);
      if (customers !== null) this.#customers = new Set([...customers, ...this.#joined]);
      // If somebody asked meanwhile the answer may be older than that: then the next push tells.
      return isWatched || timesAsked !== this.#timesAsked ? "taken" : "nobody";
    } catch (error) {
      console.warn(JSON.stringify({ event: "relay-push-lost", error: String(error) }));
      return "lost";
    }
  }
}
