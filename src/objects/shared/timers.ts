import type { StuckClock } from "./stuck-clock.ts";

interface Waiting {
  act: () => void;
  dueAt: number;
  timer: ReturnType<typeof setTimeout> | null;
}

/**
 * The timers of one object. The runtime arms them on the wall clock, and re-arms all of them whenever one is added or removed:
 * after the clock was set back, older ones would wait until it has caught up. So the clock is checked with every timer and
 * every call, and waits are re-armed for the time that they had left. Once the clock is found to stand still, all waits end.
 */
export class Timers {
  readonly #waiting = new Set<Waiting>();
  readonly #clock: StuckClock | null;
  #seen = Number.NEGATIVE_INFINITY;

  constructor(clock: StuckClock | null = null) {
    this.#clock = clock;
  }

  /** Calls `act` after `ms`, unless the returned function is called first. */
  start(act: () => void, ms: number): () => void {
    const now = Date.now();
    this.checkUp(now);
    const waiting: Waiting = { act, dueAt: now + ms, timer: null };
    this.#waiting.add(waiting);
    if (this.#clock?.isStanding) void this.#clock.turn().then(() => this.#fire(waiting));
    else waiting.timer = setTimeout(() => this.#fire(waiting), ms);
    return () => this.#stop(waiting);
  }

  /** Resolves after `ms`. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.start(resolve, ms));
  }

  /** Checks whether the clock was set back, or stands still. */
  checkUp(now: number): void {
    this.#clock?.look(now, () => this.#letGo());
    const seen = this.#seen;
    this.#seen = now;
    if (now >= seen) return;
    for (const waiting of this.#waiting) {
      const leftMs = Math.max(0, waiting.dueAt - seen);
      disarm(waiting);
      waiting.dueAt = now + leftMs;
      waiting.timer = setTimeout(() => this.#fire(waiting), leftMs);
    }
  }

  #letGo(): void {
    for (const waiting of [...this.#waiting]) {
      disarm(waiting);
      this.#fire(waiting);
    }
  }

  #fire(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return;
    waiting.act();
    this.checkUp(Date.now());
  }

  #stop(waiting: Waiting): void {
    disarm(waiting);
    this.#waiting.delete(waiting);
    this.checkUp(Date.now());
  }
}

function disarm({ timer }: Waiting): void {
  if (timer !== null) clearTimeout(timer);
}
