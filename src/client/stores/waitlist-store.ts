import type { Holdfast } from "../client.ts";
import type { LiveNews } from "../live.ts";
import type { WaitlistEntry } from "../wire.ts";
import { Countdown } from "./countdown.ts";
import { type Watch, watchSkus } from "./live-pool.ts";
import { OwnStore } from "./own-store.ts";
import { IDLE, type OwnState } from "./store.ts";

export interface WaitlistState extends OwnState {
  /** The customer's entry, or how it ended. An offer is also a hold: `entry.reservation` names it. */
  entry: WaitlistEntry | null;
  /** Seconds until the offer lapses, by the service's clock; null without an offer. */
  secondsLeft: number | null;
}

/** A customer's waitlist entry for one SKU: found again after a reload, updated, with a countdown for an offer. */
export class WaitlistStore extends OwnStore<WaitlistState> {
  readonly #client: Holdfast;
  readonly #sku: string;
  readonly #countdown: Countdown;
  #watch: Watch | null = null;

  constructor(client: Holdfast, sku: string) {
    super({ isKnown: false, entry: null, secondsLeft: null, ...IDLE });
    this.#client = client;
    this.#sku = sku;
    this.#countdown = new Countdown(
      client.clock,
      (secondsLeft) => this.set({ secondsLeft }),
      () => void this.reload(),
    );
  }

  /** Joins the waitlist for the customer of the token. */
  readonly join = (quantity: number) =>
    this.action.run(
      `join ${quantity}`,
      (options) => this.#client.waitlist.join(this.#sku, { quantity }, options),
      (entry) => this.#take(entry),
    );

  /** Leaves the waitlist, or declines the offer. */
  readonly leave = () => {
    const id = this.get().entry?.id;
    if (id === undefined) return Promise.reject(new Error("no waitlist entry to leave"));
    return this.action.run(
      `leave ${id}`,
      ({ idempotencyKey: _key, ...options }) => this.#client.waitlist.leave(this.#sku, id, options),
      () => void this.reload(),
    );
  };

  /** Reads the customer's entry. An outage is shown, and the known state stays. */
  readonly reload = async (): Promise<void> => {
    const { entry } = this.get();
    try {
      if (entry === null) {
        const own = await this.#client.skus.own(this.#sku);
        if (own.ok && own.value.waitlist !== null) this.#take(own.value.waitlist);
      } else {
        const read = await this.#client.waitlist.read(this.#sku, entry.id);
        if (read.ok) this.#take(read.value);
      }
      this.known();
    } catch (error) {
      this.unread(error);
    }
  };

  protected start(): void {
    this.#watch = watchSkus(this.#client, this.#sku, (news) => this.#hear(news));
    this.#count();
    void this.reload();
  }

  protected stop(): void {
    this.#watch?.leave();
    this.#countdown.stop();
  }

  #hear(news: LiveNews): void {
    const { entry } = this.get();
    if (news.type === "waitlist") this.#take(news.entry);
    if (news.type !== "snapshot") return;
    // A snapshot does not show what ended meanwhile.
    if (news.waitlist !== null) this.#take(news.waitlist);
    else if (entry !== null && isGoingOn(entry)) return void this.reload();
    this.known();
  }

  /** Takes a newer entry, and of the same entry only a newer state. */
  #take(entry: WaitlistEntry): void {
    const current = this.get().entry;
    if (entry.sku !== this.#sku) return;
    if (
      current !== null &&
      (current.id === entry.id ? isBefore(entry, current) : entry.createdAt < current.createdAt)
    ) {
      return;
    }
    this.set({ entry });
    this.#count();
  }

  #count(): void {
    const { entry } = this.get();
    this.#countdown.to(this.isWatched && entry?.status === "offered" ? entry.offerExpiresAt : null);
  }
}

function isGoingOn({ status }: WaitlistEntry): boolean {
  return status === "waiting" || status === "offered";
}

/** Order of states: waiting, offered, ended. */
function isBefore(entry: WaitlistEntry, current: WaitlistEntry): boolean {
  const rank = ({ status }: WaitlistEntry) => (status === "waiting" ? 0 : status === "offered" ? 1 : 2);
  return rank(entry) < rank(current);
}
