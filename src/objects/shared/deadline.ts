import { type Clock, systemClock } from "../../clock.ts";

/** How long a caller waits for its call to begin, counted from its arrival. It is a duration because the caller's clock may differ. */
export class Deadline {
  readonly #clock: Clock;
  readonly #since: number;
  readonly #patienceMs: number;

  constructor(patienceMs: number, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#since = clock.now();
    this.#patienceMs = patienceMs;
  }

  get isOver(): boolean {
    return this.leftMs === 0;
  }

  /** Never more than the whole duration: after the clock was set back the elapsed time is unknown. */
  get leftMs(): number {
    return Math.min(this.#patienceMs, Math.max(0, this.#since + this.#patienceMs - this.#clock.now()));
  }
}
