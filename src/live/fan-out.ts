import type { RelayPush } from "../contracts/live.ts";
import { FAN_OUT_MS_MAX, FAN_OUTS_PER_SECOND } from "../domain/bounds.ts";

type Stock = Omit<RelayPush, "personal">;

interface Pace {
  sentAt: number;
  /** Between two broadcasts, by how many heard the last one. */
  intervalMs: number;
  state: string | null;
  waiting: Stock | null;
  timer: ReturnType<typeof setTimeout> | null;
}

/**
 * When each SKU's stock goes to all who watch it at a Relay: at once when its state has changed, otherwise the less often
 * the more there are, and always the last one.
 */
export class FanOut {
  readonly #send: (stock: Stock) => number;
  readonly #paces = new Map<string, Pace>();

  /** `send` sends to all and returns how many there are. */
  constructor(send: (stock: Stock) => number) {
    this.#send = send;
  }

  /** Takes the stock of a SKU, to be sent when it is time. */
  offer(stock: Stock, now: number): void {
    const pace = this.#paceOf(stock.sku);
    if (pace.waiting !== null && pace.waiting.version > stock.version) return;
    pace.waiting = stock;
    const waitMs = stock.state === pace.state ? pace.sentAt + pace.intervalMs - now : 0;
    if (waitMs <= 0) this.#flush(pace);
    else pace.timer ??= setTimeout(() => this.#flush(pace), Math.min(waitMs, FAN_OUT_MS_MAX));
  }

  /** Nobody watches this SKU any more. */
  forget(sku: string): void {
    const timer = this.#paces.get(sku)?.timer;
    if (timer) clearTimeout(timer);
    this.#paces.delete(sku);
  }

  #paceOf(sku: string): Pace {
    const known = this.#paces.get(sku);
    if (known !== undefined) return known;
    const pace: Pace = { sentAt: 0, intervalMs: 0, state: null, waiting: null, timer: null };
    this.#paces.set(sku, pace);
    return pace;
  }

  #flush(pace: Pace): void {
    if (pace.timer !== null) clearTimeout(pace.timer);
    pace.timer = null;
    const stock = pace.waiting;
    if (stock === null) return;
    pace.waiting = null;
    pace.state = stock.state;
    pace.sentAt = Date.now();
    pace.intervalMs = Math.min(FAN_OUT_MS_MAX, (this.#send(stock) * 1000) / FAN_OUTS_PER_SECOND);
  }
}
