import type { Clock } from "../clock.ts";
import type { Attendance, RelayPush, StockPush } from "../contracts/live.ts";
import type { SkuView } from "../domain/model.ts";
import { placeOf } from "../domain/relay-placement.ts";
import type { Logger } from "../logger.ts";
import { stockPushOf } from "./frames.ts";
import { RelayChannel } from "./relay-channel.ts";

/** The dependencies of a SKU's feed on its Relays. */
export interface RelayDeps {
  /** Names of the Relays that asked to be fed. */
  names(): string[];
  /** Pushes to one Relay; resolves with who watches there. */
  push(name: string, push: RelayPush): Promise<Attendance>;
  /** This Relay is no longer fed. */
  forget(name: string): void;
  logger: Logger;
}

/** The Relays of one SKU. Each gets every change once, however many watch there, at its own pace. */
export class RelayChannels {
  readonly #deps: RelayDeps;
  readonly #clock: Clock;
  readonly #channels = new Map<string, RelayChannel>();
  #latest: { view: SkuView; push: StockPush } | null = null;

  constructor(deps: RelayDeps, clock: Clock) {
    this.#deps = deps;
    this.#clock = clock;
  }

  get any(): boolean {
    return this.#deps.names().length > 0;
  }

  /** Whether customers may watch at any of them. */
  get hasCustomers(): boolean {
    return this.#deps.names().some((name) => this.#channels.get(name)?.hasCustomers ?? true);
  }

  /** A Relay has asked for the state, for a joining customer or for all. */
  asked(name: string, customer: string | null): void {
    this.#channel(name).asked(customer === null ? null : placeOf(customer));
  }

  /** The stock has changed. */
  publish(view: SkuView): void {
    // Encoded once, when the first Relay is fed.
    let words: StockPush | null = null;
    this.#latest = {
      view,
      get push() {
        words ??= stockPushOf(view);
        return words;
      },
    };
    for (const name of this.#deps.names()) this.#channel(name).changed(null);
  }

  /** Channels to Relays where this customer may watch. Personal frames are queued after the stock frame. */
  holding(customer: string): RelayChannel[] {
    const names = this.#deps.names();
    if (names.length === 0) return [];
    const place = placeOf(customer);
    return names.map((name) => this.#channel(name)).filter((channel) => channel.mayHold(place));
  }

  #channel(name: string): RelayChannel {
    const known = this.#channels.get(name);
    if (known !== undefined) return known;
    const channel = new RelayChannel({
      clock: this.#clock,
      latest: () => {
        if (this.#latest === null) throw new Error("a Relay was fed before the first publication");
        return this.#latest;
      },
      push: (push) => this.#deps.push(name, push),
      forget: () => {
        this.#channels.delete(name);
        this.#deps.forget(name);
      },
      log: (event, details) => this.#deps.logger.log(event, { relay: name, ...details }),
    });
    this.#channels.set(name, channel);
    return channel;
  }
}
