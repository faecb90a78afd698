import type { Clock } from "../clock.ts";
import { FAN_OUT_MS_MAX } from "../domain/bounds.ts";
import { hasPassed } from "../domain/elapsed.ts";

interface Stock {
  sku: string;
  version: number;
  state: string;
}

/** The sending capacity of an object's thread. */
export interface Rate {
  /** Shortest interval between two broadcasts of one SKU. */
  intervalMsMin: number;
  /** Frames per second of one SKU, over all of its watchers. */
  framesPerSecond: number;
}

interface Pace<S> {
  /** The newest version that was offered. */
  version: number;
  sentAt: number;
  /** Interval to the next broadcast, by the number of watchers of the last one. */
  intervalMs: number;
  state: string | null;
  /**
   * Whether the last broadcast was early because of a state change. The next one may not be, so that a flapping state costs at
   * most twice the rate.
   */
  wasEarly: boolean;
  waiting: S | null;
  dueAt: number;
  /** Stops the timer of the next broadcast; null: none runs. */
  stop: (() => void) | null;
}

/**
 * Paces the broadcasts of each SKU's stock: at once if its state has changed, otherwise less often the more watchers there are.
 * The latest version is always sent.
 */
export class BroadcastPacing<S extends Stock> {
  readonly #clock: Clock;
  readonly #rate: Rate;
  readonly #send: (stock: S) => number;
  readonly #paces = new Map<string, Pace<S>>();

  /** `send` sends to all watchers and returns their number. */
  constructor(clock: Clock, rate: Rate, send: (stock: S) => number) {
    this.#clock = clock;
    this.#rate = rate;
    this.#send = send;
  }

  /** Takes the stock of a SKU, to be sent when it is time. */
  offer(stock: S): void {
    const now = this.#clock.now();
    const pace = this.#paceOf(stock.sku);
    if (stock.version < pace.version) return;
    pace.version = stock.version;
    pace.waiting = stock;
    const mayBeEarly = stock.state !== pace.state && !pace.wasEarly;
    const intervalMs = mayBeEarly ? this.#rate.intervalMsMin : pace.intervalMs;
    const dueAt = pace.sentAt + intervalMs;
    // A timer from before the clock was set back would fire far too late.
    if (hasPassed(pace.sentAt, intervalMs, now)) this.#flush(pace);
    else if (pace.stop === null || dueAt < pace.dueAt) {
      this.#rest(pace);
      pace.dueAt = dueAt;
      pace.stop = this.#clock.start(() => this.#flush(pace), Math.min(dueAt - now, FAN_OUT_MS_MAX));
    }
  }

  /** The newest version of a SKU that was offered, sent or not; 0 before the first. */
  newest(sku: string): number {
    return this.#paces.get(sku)?.version ?? 0;
  }

  /** Nobody watches this SKU any more. */
  forget(sku: string): void {
    const pace = this.#paces.get(sku);
    if (pace !== undefined) this.#rest(pace);
    this.#paces.delete(sku);
  }

  #paceOf(sku: string): Pace<S> {
    const known = this.#paces.get(sku);
    if (known !== undefined) return known;
    const unsent = { version: 0, sentAt: 0, intervalMs: 0, state: null, wasEarly: false };
    const pace: Pace<S> = { ...unsent, waiting: null, dueAt: 0, stop: null };
    this.#paces.set(sku, pace);
    return pace;
  }

  #rest(pace: Pace<S>): void {
    pace.stop?.();
    pace.stop = null;
  }

  #flush(pace: Pace<S>): void {
    this.#rest(pace);
    const stock = pace.waiting;
    if (stock === null) return;
    pace.waiting = null;
    pace.state = stock.state;
    const now = this.#clock.now();
    pace.wasEarly = now < pace.sentAt + pace.intervalMs;
    pace.sentAt = now;
    const { intervalMsMin, framesPerSecond } = this.#rate;
    const intervalMs = (this.#send(stock) * 1000) / framesPerSecond;
    pace.intervalMs = Math.min(FAN_OUT_MS_MAX, Math.max(intervalMsMin, intervalMs));
  }
}
