import { AFTER_END_MS, AFTER_END_MS_MAX } from "../bounds.ts";
import type { CallOptions } from "../calls.ts";
import type { Holdfast } from "../client.ts";
import type { LiveNews } from "../live.ts";
import { later } from "../patience.ts";
import type { RefusalCode, Result } from "../refusal.ts";
import type { Cart, ConfirmCartBody, ExtendBody, OpenCartBody } from "../wire.ts";
import { Countdown } from "./countdown.ts";
import { type Watch, watchSkus } from "./live-pool.ts";
import { OwnStore } from "./own-store.ts";
import { IDLE, type OwnState } from "./store.ts";

export interface CartState extends OwnState {
  cart: Cart | null;
  /** Seconds until the cart ends, by the service's clock; null if nothing is held. */
  secondsLeft: number | null;
}

/** How to find a cart again: by its id, or by a SKU of a line. */
export interface CartHints {
  id?: string | undefined;
  sku?: string | undefined;
}

/** A customer's cart: found again after a reload, updated as its lines change, with a countdown. */
export class CartStore extends OwnStore<CartState> {
  readonly #client: Holdfast;
  readonly #hints: CartHints;
  readonly #countdown: Countdown;
  #watch: Watch | null = null;
  #watched: string | null = null;
  #stopRetrying: (() => void) | null = null;
  #retryMs = AFTER_END_MS;

  constructor(client: Holdfast, hints: CartHints = {}) {
    super({ isKnown: false, cart: null, secondsLeft: null, ...IDLE });
    this.#client = client;
    this.#hints = hints;
    this.#countdown = new Countdown(
      client.clock,
      (secondsLeft) => this.set({ secondsLeft }),
      () => void this.reload(),
    );
  }

  readonly open = (body: OpenCartBody) =>
    this.action.run(
      `open ${JSON.stringify(body)}`,
      (options) => this.#client.carts.open(body, options),
      (cart) => this.#take(cart),
    );

  readonly extend = (body: ExtendBody = {}) =>
    this.#act("extend", body, (id, options) => this.#client.carts.extend(id, body, options));

  readonly release = () => this.#act("release", {}, (id, options) => this.#client.carts.release(id, {}, options));

  /** For shops without a payment back end, if the service lets shoppers confirm. */
  readonly confirm = (body: ConfirmCartBody = {}) =>
    this.#act("confirm", body, (id, options) => this.#client.carts.confirm(id, body, options));

  /** Reads the cart, and retries after an outage, which is shown while the known state stays. */
  readonly reload = async (): Promise<void> => {
    this.#stopRetrying?.();
    try {
      const id = this.get().cart?.id ?? this.#hints.id ?? (await this.#findId());
      const read = id === null ? null : await this.#client.carts.read(id);
      if (read?.ok) this.#take(read.value);
      this.#retryMs = AFTER_END_MS;
      this.known();
    } catch (error) {
      this.unread(error);
      if (this.isWatched) this.#retry();
    }
  };

  protected start(): void {
    this.#follow();
    void this.reload();
  }

  protected stop(): void {
    this.#watch?.leave();
    this.#watch = this.#watched = null;
    this.#stopRetrying?.();
    this.#countdown.stop();
  }

  /** Retries a failed read: possibly no frame will ever trigger one. */
  #retry(): void {
    this.#stopRetrying?.();
    this.#stopRetrying = later(this.#retryMs, this.reload);
    this.#retryMs = Math.min(this.#retryMs * 2, AFTER_END_MS_MAX);
  }

  #act<Code extends RefusalCode>(
    action: string,
    body: object,
    call: (id: string, options: CallOptions) => Promise<Result<Cart, Code>>,
  ): Promise<Result<Cart, Code>> {
    const id = this.get().cart?.id;
    if (id === undefined) return Promise.reject(new Error(`there is no cart to ${action}`));
    const name = `${action} ${id} ${JSON.stringify(body)}`;
    return this.action.run(
      name,
      (options) => call(id, options),
      (cart) => this.#take(cart),
    );
  }

  /** The cart of a reservation of the hinted SKU. */
  async #findId(): Promise<string | null> {
    if (this.#hints.sku === undefined) return null;
    const own = await this.#client.skus.own(this.#hints.sku);
    const line = own.ok ? own.value.reservations.find(({ cart, status }) => cart !== null && status === "held") : null;
    return line?.cart ?? null;
  }

  #take(cart: Cart): void {
    const current = this.get().cart;
    if (cart.id === current?.id && cart.version < current.version) return;
    this.set({ cart, isKnown: true });
    this.#follow();
  }

  /** Watches the lines while they may change: a cart has no channel of its own. */
  #follow(): void {
    const { cart } = this.get();
    this.#countdown.to(this.isWatched && cart?.status === "held" ? cart.expiresAt : null);
    const watched = this.isWatched && cart !== null && isGoingOn(cart) ? cart.id : null;
    if (watched === this.#watched) return;
    this.#watch?.leave();
    this.#watch = null;
    this.#watched = watched;
    if (cart === null || watched === null) return;
    const skus = cart.lines.map(({ sku }) => sku);
    this.#watch = watchSkus(this.#client, skus, (news) => {
      if (this.#isNews(news)) void this.reload();
    });
  }

  /** Whether a line differs from what is shown; a snapshot tells what was missed without a socket. */
  #isNews(news: LiveNews): boolean {
    const cart = this.get().cart;
    if (news.type === "reservation") return news.event !== "expiring" && news.reservation.cart === cart?.id;
    if (news.type !== "snapshot" || cart === null) return false;
    return cart.lines.some(({ sku, status, reservation }) => {
      if (sku !== news.sku || status !== "held") return false;
      const own = news.reservations.find(({ id }) => id === reservation);
      return own?.status !== "held" || own.expiresAt !== cart.expiresAt;
    });
  }
}

/** Whether it may still change. */
function isGoingOn({ status }: Cart): boolean {
  return status === "pending" || status === "held" || status === "confirming";
}
