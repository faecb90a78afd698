import type { Crowd, PersonalFrame, RelayPush } from "../contracts/live.ts";
import type { SkuView } from "../domain/model.ts";
import { relaysFor } from "../domain/relays.ts";
import { stockPushOf } from "./frames.ts";
import { RelayLink } from "./relay-link.ts";

/** What a SKU's feed needs to reach its Relays. */
export interface RelayDeps {
  /** Names of the Relays that asked to be fed. */
  names(): string[];
  /** Feeds one; resolves with who watches there. */
  push(name: string, push: RelayPush): Promise<Crowd>;
  /** That Relay is not fed any more. */
  forget(name: string): void;
}

/** The Relays of one SKU. Each is fed once per change however many watch there, and at its own pace. */
export class RelayLinks {
  readonly #deps: RelayDeps;
  readonly #links = new Map<string, RelayLink>();
  #latest: { view: SkuView; push: Omit<RelayPush, "personal"> } | null = null;
  #timesAsked = 0;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
  }

  get any(): boolean {
    return this.#deps.names().length > 0;
  }

  /** A Relay has asked how things stand, for a customer who joins or for all: somebody watches there. */
  asked(name: string, customer: string | null): void {
    this.#timesAsked += 1;
    if (customer !== null) this.#link(name).joined();
  }

  /** The stock has changed. */
  publish(view: SkuView): void {
    if (!this.any) return;
    // Put into words once, when the first Relay is about to be fed.
    let words: Omit<RelayPush, "personal"> | null = null;
    this.#latest = {
      view,
      get push() {
        words ??= stockPushOf(view);
        return words;
      },
    };
    for (const name of this.#deps.names()) this.#link(name).changed(null);
  }

  /** Whether a customer may have sockets at any of them. */
  mayHold(customer: string): boolean {
    return this.#holding(customer).length > 0;
  }

  /** Something for one customer, at those Relays that may hold its sockets. */
  tell(frame: PersonalFrame): void {
    if (this.#latest === null) return;
    for (const link of this.#holding(frame.customer)) link.changed(frame);
  }

  #holding(customer: string): RelayLink[] {
    const withCustomers = this.#deps.names().filter((name) => this.#link(name).hasCustomers);
    if (withCustomers.length === 0) return [];
    const holding = relaysFor(customer);
    return withCustomers.filter((name) => holding.has(name)).map((name) => this.#link(name));
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
      timesAsked: () => this.#timesAsked,
      forget: () => {
        this.#links.delete(name);
        this.#deps.forget(name);
      },
    });
    this.#links.set(name, link);
    return link;
  }
}
