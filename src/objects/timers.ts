interface Waiting {
  act: () => void;
  dueAt: number;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * The timers of one object. The runtime arms them on the wall clock, and all anew whenever one comes or goes: after the clock
 * was set back, those from before would wait until it has caught up. So with every timer, and when the object is called, the
 * clock is looked at, and whoever waits goes on waiting for no longer than it still had to.
 */
export class Timers {
  readonly #waiting = new Set<Waiting>();
  #seen = Number.NEGATIVE_INFINITY;

  /** Calls `act` after `ms`, unless the returned function is called before. */
  start(act: () => void, ms: number): () => void {
    const now = Date.now();
    this.checkUp(now);
    const waiting: Waiting = { act, dueAt: now + ms, timer: setTimeout(() => this.#fire(waiting), ms) };
    this.#waiting.add(waiting);
    return () => this.#stop(waiting);
  }

  /** Resolves after `ms`. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.start(resolve, ms));
  }

  /** Looks whether the clock was set back. */
  checkUp(now: number): void {
    const seen = this.#seen;
    this.#seen = now;
    if (now >= seen) return;
    for (const waiting of this.#waiting) {
      const leftMs = Math.max(0, waiting.dueAt - seen);
      clearTimeout(waiting.timer);
      waiting.dueAt = now + leftMs;
      waiting.timer = setTimeout(() => this.#fire(waiting), leftMs);
    }
  }

  #fire(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    waiting.act();
    this.checkUp(Date.now());
  }

  #stop(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    this.#waiting.delete(waiting);
    this.checkUp(Date.now());
  }
}
