/** Pause after a round that threw. */
const FAILED_MS = 5_000;

/**
 * Runs one task whenever it is due, one round at a time; what becomes due meanwhile runs right after. Each round returns the
 * milliseconds until the next. A round that throws is reported and does not stop the others.
 */
export class Polling {
  readonly #round: (signal: AbortSignal) => number | Promise<number>;
  #stopper: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #isBusy = false;

  constructor(round: (signal: AbortSignal) => number | Promise<number>) {
    this.#round = round;
  }

  start(): void {
    this.#stopper = new AbortController();
    this.#isBusy = false;
    document.addEventListener("visibilitychange", this.#arm);
    this.within(0);
  }

  stop(): void {
    this.#stopper?.abort();
    this.#stopper = null;
    this.#dueAt = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#arm);
  }

  /** Schedules a round within this time, unless one is due earlier. */
  within(ms: number): void {
    if (this.#stopper === null) return;
    this.#dueAt = Math.min(this.#dueAt, performance.now() + ms);
    this.#arm();
  }

  readonly #arm = (): void => {
    clearTimeout(this.#timer);
    // A hidden page does not poll.
    if (this.#isBusy || document.hidden || this.#dueAt === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => void this.#run(), Math.max(0, this.#dueAt - performance.now()));
  };

  async #run(): Promise<void> {
    const signal = this.#stopper?.signal;
    if (signal === undefined) return;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#isBusy = true;
    let nextMs = FAILED_MS;
    try {
      nextMs = await this.#round(signal);
    } catch (error) {
      if (!signal.aborted) reportError(error);
    }
    if (signal.aborted) return;
    this.#isBusy = false;
    this.within(nextMs);
  }
}
