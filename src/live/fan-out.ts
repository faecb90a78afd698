import { FAN_OUT_MS_MAX } from "../domain/bounds.ts";

interface Stock {
  sku: string;
  version: number;
  state: string;
}

/** What the sender's thread has room for. */
export interface Rate {
  /** Of one SKU, however few watch it and whatever happens. */
  intervalMsMin: number;
  /** Of one SKU, to all who watch it together. */
  framesPerSecond: number;
}

interface Pace<S> {
  sentAt: number;
  /** Between two broadcasts, by how many heard the last one. */
  intervalMs: number;
  state: string | null;
  waiting: S | null;
  dueAt: number;
  timer: ReturnType<typeof setTimeout> | null;
}

/**
 * When each SKU's stock goes to all who watch it: as soon as may be when its state has changed, otherwise the less often the
 * more there are, and always the last one.
 */
export class FanOut<S extends Stock> {
  readonly #rate: Rate;
  readonly #send: (stock: S) => number;
  readonly #paces = new Map<string, Pace<S>>();

  /** `send` sends to all and returns how many there are. */
  constructor(rate: Rate, send: (stock: S) => number) {
    this.#rate = rate;
    this.#send = send;
  }

  /** Takes the stock of a SKU, to be sent when it is time. */
  offer(stock: S, now: number): void {
    const pace = this.#paceOf(stock.sku);
    if (pace.waiting !== null && pace.waiting.version > stock.version) return;
    pace.waiting = stock;
    const intervalMs = stock.state === pace.state ? pace.intervalMs : this.#rate.intervalMsMin;
    const dueAt = pace.sentAt + intervalMs;
    if (dueAt <= now) this.#flush(pace);
    else if (pace.timer === null || dueAt < pace.dueAt) {
      this.#rest(pace);
      pace.dueAt = dueAt;
      pace.timer = setTimeout(() => this.#flush(pace), Math.min(dueAt - now, FAN_OUT_MS_MAX));
    }
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
    const pace: Pace<S> = { sentAt: 0, intervalMs: 0, state: null, waiting: null, dueAt: 0, timer: null };
    this.#paces.set(sku, pace);
    return pace;
  }

  #rest(pace: Pace<S>): void {
    if (pace.timer !== null) clearTimeout(pace.timer);
    pace.timer = null;
  }

  #flush(pace: Pace<S>): void {
    this.#rest(pace);
    const stock = pace.waiting;
    if (stock === null) return;
    pace.waiting = null;
    pace.state = stock.state;
    pace.sentAt = Date.now();
    const { intervalMsMin, framesPerSecond } = this.#rate;
    const intervalMs = (this.#send(stock) * 1000) / framesPerSecond;
    pace.intervalMs = Math.min(FAN_OUT_MS_MAX, Math.max(intervalMsMin, intervalMs));
  }
}
