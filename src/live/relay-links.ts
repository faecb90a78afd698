import type { Attendance, RelayPush, StockPush } from "../contracts/live.ts";
import type { SkuView } from "../domain/model.ts";
import { placeOf } from "../domain/relays.ts";
import { stockPushOf } from "./frames.ts";
import { RelayLink } from "./relay-link.ts";

/** What a SKU's feed needs to reach its Relays. */
export interface RelayDeps {
  /** Names of the Relays that asked to be fed. */
  names(): string[];
  /** Feeds one; resolves with who watches there. */
  push(name: string, push: RelayPush): Promise<Attendance>;
  /** That Relay is not fed any more. */
  forget(name: string): void;
}

/** The Relays of one SKU. Each is fed once per change however many watch there, and at its own pace. */
export class RelayLinks {
  readonly #deps: RelayDeps;
  readonly #links = new Map<string, RelayLink>();
  #latest: { view: SkuView; push: StockPush } | null = null;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
  }

  get any(): boolean {
    return this.#deps.names().length > 0;
  }

  /** Whether customers may watch at any of them. */
  get hasCustomers(): boolean {
    return this.#deps.names().some((name) => this.#links.get(name)?.hasCustomers ?? true);
  }

  /** A Relay has asked how things stand, for a customer who joins or for all. */
  asked(name: string, customer: string | null): void {
    this.#link(name).asked(customer === null ? null : placeOf(customer));
  }

  /** The stock has changed. */
  publish(view: SkuView): void {
    // Put into words once, when the first Relay is about to be fed.
    let words: StockPush | null = null;
    this.#latest = {
      view,
      get push() {
        words ??= stockPushOf(view);
        return words;
      },
    };
    for (const name of this.#deps.names()) this.#link(name).changed(null);
  }

  /** Links to those Relays where this customer may watch. What is its own goes there once the stock was published. */
  holding(customer: string): RelayLink[] {
    const names = this.#deps.names();
    if (names.length === 0) return [];
    const place = placeOf(customer);
    return names.map((name) => this.#link(name)).filter((link) => link.mayHold(place));
  }

  #link(name: string): RelayLink {
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const link = new RelayLink({
      latest: () => {
        if (this.#latest === null) throw new Error("a Relay is fed before there is anything");
        return this.#latest;
      },
      push: (push) => this.#deps.push(name, push),
      forget: () => {
        this.#links.delete(name);
        this.#deps.forget(name);
      },
    });
    this.#links.set(name, link);
    return link;
  }
}
