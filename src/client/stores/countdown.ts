import { AFTER_END_MS, AFTER_END_MS_MAX } from "../bounds.ts";
import type { ServerClock } from "../clock.ts";
import { later } from "../patience.ts";

/** Counts the seconds to an instant of the service, rounded up, so that it shows 0 exactly when the time is over. */
export class Countdown {
  readonly #clock: ServerClock;
  readonly #show: (seconds: number | null) => void;
  readonly #over: () => void;
  #stop: (() => void) | null = null;
  #ended: string | null = null;
  #isAsking = false;
  #pauseMs = AFTER_END_MS;

  /** `show` gets the seconds; `over` is called when the service has had time to report the end. */
  constructor(clock: ServerClock, show: (seconds: number | null) => void, over: () => void) {
    this.#clock = clock;
    this.#show = show;
    this.#over = over;
  }

  /** Counts to this instant, or stops with null. */
  to(instant: string | null): void {
    if (this.#isAsking && instant !== null && instant === this.#ended && this.#clock.msUntil(instant) <= 0) return;
    this.stop();
    if (instant === null) this.#show(null);
    else this.#tick(instant);
  }

  /** Stops, and keeps what is shown. */
  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#isAsking = false;
  }

  #tick(instant: string): void {
    const leftMs = this.#clock.msUntil(instant);
    this.#show(Math.ceil(leftMs / 1000));
    // The clock may become better known meanwhile, so each second is computed again.
    if (leftMs > 0) this.#stop = later(leftMs % 1000 || 1000, () => this.#tick(instant));
    else this.#end(instant);
  }

  /** Asks until another instant is set, at growing pauses: there is an outage, or this machine's clock is wrong. */
  #end(instant: string): void {
    this.#pauseMs = this.#ended === instant ? Math.min(this.#pauseMs * 2, AFTER_END_MS_MAX) : AFTER_END_MS;
    this.#ended = instant;
    this.#isAsking = true;
    this.#stop = later(this.#pauseMs, () => {
      this.#end(instant);
      this.#over();
    });
  }
}
