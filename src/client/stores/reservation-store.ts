import type { CallOptions } from "../calls.ts";
import type { Holdfast } from "../client.ts";
import type { LiveNews } from "../live.ts";
import type { RefusalCode, Result } from "../refusal.ts";
import type { ConfirmBody, ExtendBody, Own, Reservation, ReservationAnswer, ReserveBody } from "../wire.ts";
import { Countdown } from "./countdown.ts";
import { type Watch, watchSkus } from "./live-pool.ts";
import { OwnStore } from "./own-store.ts";
import { IDLE, type OwnState } from "./store.ts";

export interface ReservationState extends OwnState {
  /** The customer's hold of the SKU, or how it ended; null if there was none. Lines of carts are not shown here. */
  reservation: Reservation | null;
  /** Seconds until the hold ends, by the service's clock; null if nothing is held. */
  secondsLeft: number | null;
  /** Units that the customer could reserve, as last read. */
  availableToMe: number | null;
}

/** A customer's hold of one SKU: found again after a reload, updated as it changes, with a countdown. */
export class ReservationStore extends OwnStore<ReservationState> {
  readonly #client: Holdfast;
  readonly #sku: string;
  readonly #countdown: Countdown;
  #watch: Watch | null = null;

  constructor(client: Holdfast, sku: string) {
    super({ isKnown: false, reservation: null, secondsLeft: null, availableToMe: null, ...IDLE });
    this.#client = client;
    this.#sku = sku;
    this.#countdown = new Countdown(
      client.clock,
      (secondsLeft) => this.set({ secondsLeft }),
      () => void this.reload(),
    );
  }

  /** Reserves units for the customer of the token. */
  readonly reserve = (body: ReserveBody) =>
    this.action.run(
      `reserve ${JSON.stringify(body)}`,
      (options) => this.#client.reservations.reserve(this.#sku, body, options),
      (answer) => this.#take(answer, true),
    );

  readonly extend = (body: ExtendBody = {}) =>
    this.#act("extend", body, (id, options) => this.#client.reservations.extend(this.#sku, id, body, options));

  readonly release = () =>
    this.#act("release", {}, (id, options) => this.#client.reservations.release(this.#sku, id, {}, options));

  /** For shops without a payment back end, if the service lets shoppers confirm. */
  readonly confirm = (body: ConfirmBody = {}) =>
    this.#act("confirm", body, (id, options) => this.#client.reservations.confirm(this.#sku, id, body, options));

  /** Reads what the customer has. An outage is shown, and the known state stays. */
  readonly reload = async (): Promise<void> => {
    try {
      const own = await this.#client.skus.own(this.#sku);
      if (!own.ok) return this.refused(own.refusal);
      await this.#found(own.value);
      this.known({ availableToMe: own.value.availableToMe });
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

  #act<Code extends RefusalCode>(
    action: string,
    body: object,
    call: (id: string, options: CallOptions) => Promise<Result<ReservationAnswer, Code>>,
  ): Promise<Result<ReservationAnswer, Code>> {
    const id = this.get().reservation?.id;
    if (id === undefined) return Promise.reject(new Error(`there is no reservation to ${action}`));
    const name = `${action} ${id} ${JSON.stringify(body)}`;
    return this.action.run(
      name,
      (options) => call(id, options),
      (answer) => this.#take(answer, false),
    );
  }

  #hear(news: LiveNews): void {
    if (news.type === "reservation") this.#take(news.reservation, news.event === "held");
    if (news.type === "snapshot")
      void this.#found(news).then(
        () => this.known(),
        (error) => this.unread(error),
      );
  }

  /** Shows what the customer has now. A hold that is missing has ended meanwhile, and the service is asked how. */
  async #found({ reservations }: Pick<Own, "reservations">): Promise<void> {
    const current = this.get().reservation;
    for (const reservation of reservations) if (reservation.id === current?.id) this.#take(reservation, false);
    const hold = reservations.find(({ status, cart }) => status === "held" && cart === null);
    if (hold !== undefined) return this.#take(hold, true);
    if (current?.status !== "held" || this.get().reservation?.status !== "held") return;
    const read = await this.#client.reservations.read(this.#sku, current.id);
    if (read.ok) this.#take(read.value, false);
  }

  /** Takes newer states of the shown hold, and a new hold after an ended one. */
  #take(reservation: Reservation, isNew: boolean): void {
    const current = this.get().reservation;
    if (reservation.sku !== this.#sku || reservation.cart !== null) return;
    const isSame = reservation.id === current?.id;
    if (isSame ? reservation.version < current.version : !isNew || isYounger(current, reservation)) return;
    this.set({ reservation });
    this.#count();
  }

  #count(): void {
    const { reservation } = this.get();
    this.#countdown.to(this.isWatched && reservation?.status === "held" ? reservation.expiresAt : null);
  }
}

/** Of two holds the later one is shown. */
function isYounger(current: Reservation | null, other: Reservation): boolean {
  return current?.status === "held" && current.createdAt > other.createdAt;
}
