import { CONTRADICTIONS_MAX, FRAME_DELAY_MS_MAX } from "./bounds.ts";

/** The grain of a `Date` header. */
const DATE_GRAIN_MS = 999;

/**
 * The service's clock as seen from here, for a countdown that is right on a machine whose clock is not. Every sign of the
 * service's time bounds how far it is ahead; the bounds are cut with each other and so get better with every call.
 */
export class ServerClock {
  #leastAheadMs = Number.NEGATIVE_INFINITY;
  #mostAheadMs = Number.POSITIVE_INFINITY;
  #contradictions = 0;

  /** Now, by the service's clock. */
  now(): number {
    return Date.now() + this.aheadMs;
  }

  /** How far the service is ahead. As long as the machine's own clock may be right it is taken to be. */
  get aheadMs(): number {
    const [least, most] = [this.#leastAheadMs, this.#mostAheadMs];
    if (least <= 0 && most >= 0) return 0;
    if (!Number.isFinite(most)) return least;
    return Number.isFinite(least) ? (least + most) / 2 : most;
  }

  /** How long until an instant of the service; 0 once it has passed. */
  msUntil(instant: string): number {
    return Math.max(0, Date.parse(instant) - this.now());
  }

  /** A `Date` header. What may come from a cache says only that the service is past it. */
  learnDate(header: string | null, sentAt: number, receivedAt: number, isFresh: boolean): void {
    const date = header === null ? Number.NaN : Date.parse(header);
    if (Number.isNaN(date)) return;
    const most = isFresh ? date + DATE_GRAIN_MS - sentAt : Number.POSITIVE_INFINITY;
    this.#learn(date - receivedAt, most, true);
  }

  /** An instant at which the service judged a call. */
  learnJudged(instant: string, sentAt: number, receivedAt: number): void {
    this.#learn(Date.parse(instant) - receivedAt, Date.parse(instant) - sentAt, true);
  }

  /** An instant that has passed for the service; `isNews` says that it has only just passed. */
  learnPassed(instant: string, receivedAt: number, isNews: boolean): void {
    const least = Date.parse(instant) - receivedAt;
    this.#learn(least, isNews ? least + FRAME_DELAY_MS_MAX : Number.POSITIVE_INFINITY, false);
  }

  /** Bounds that cannot both be true mean that the machine's clock was set; a frame may also just have been held up. */
  #learn(least: number, most: number, isSure: boolean): void {
    if (Number.isNaN(least)) return;
    const [cutLeast, cutMost] = [Math.max(this.#leastAheadMs, least), Math.min(this.#mostAheadMs, most)];
    if (cutLeast <= cutMost) {
      this.#contradictions = 0;
      [this.#leastAheadMs, this.#mostAheadMs] = [cutLeast, cutMost];
      return;
    }
    this.#contradictions += 1;
    if (!isSure && this.#contradictions < CONTRADICTIONS_MAX) return;
    this.#contradictions = 0;
    [this.#leastAheadMs, this.#mostAheadMs] = [least, most];
  }
}
