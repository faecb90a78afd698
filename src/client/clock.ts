import { CONTRADICTIONS_MAX, FRAME_DELAY_MS_MAX } from "./bounds.ts";

/** Resolution of a `Date` header. */
const DATE_GRAIN_MS = 999;

/**
 * The service's clock as seen from here, for countdowns that are right even if the machine's clock is wrong. Every timestamp of
 * the service bounds how far it is ahead; the bounds are intersected and get better with every call.
 */
export class ServerClock {
  #leastAheadMs = Number.NEGATIVE_INFINITY;
  #mostAheadMs = Number.POSITIVE_INFINITY;
  #contradictions = 0;

  /** The current time by the service's clock. */
  now(): number {
    return Date.now() + this.aheadMs;
  }

  /** How far the service is ahead; 0 as long as the machine's own clock may be right. */
  get aheadMs(): number {
    const [least, most] = [this.#leastAheadMs, this.#mostAheadMs];
    if (least <= 0 && most >= 0) return 0;
    if (!Number.isFinite(most)) return least;
    return Number.isFinite(least) ? (least + most) / 2 : most;
  }

  /** Milliseconds until an instant of the service; 0 once it has passed. */
  msUntil(instant: string): number {
    return Math.max(0, Date.parse(instant) - this.now());
  }

  /** Learns from a `Date` header. A cached answer only says that the service is past it. */
  learnDate(header: string | null, sentAt: number, receivedAt: number, isFresh: boolean): void {
    const date = header === null ? Number.NaN : Date.parse(header);
    if (Number.isNaN(date)) return;
    const most = isFresh ? date + DATE_GRAIN_MS - sentAt : Number.POSITIVE_INFINITY;
    this.#learn(date - receivedAt, most, true);
  }

  /** Learns from the instant at which the service decided a call. */
  learnJudged(instant: string, sentAt: number, receivedAt: number): void {
    this.#learn(Date.parse(instant) - receivedAt, Date.parse(instant) - sentAt, true);
  }

  /** Learns from an instant that has passed for the service; `isNews`: it has only just passed. */
  learnPassed(instant: string, receivedAt: number, isNews: boolean): void {
    const least = Date.parse(instant) - receivedAt;
    this.#learn(least, isNews ? least + FRAME_DELAY_MS_MAX : Number.POSITIVE_INFINITY, false);
  }

  /** Bounds that contradict each other mean that the machine's clock was set, or that a frame was delayed. */
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
