import { type Clock, systemClock } from "../../clock.ts";
import type { StuckClock } from "./stuck-clock.ts";

interface Waiting {
  act: () => void;
  dueAt: number;
  disarm: () => void;
}

/**
 * The timers of one object. The runtime arms them on the wall clock, and re-arms all of them whenever one is added or removed:
 * after the clock was set back, older ones would wait until it has caught up. So the clock is checked with every timer and
 * every call, and waits are re-armed for the time that they had left. Once the clock is found to stand still, all waits end.
 */
export class Timers implements Clock {
  readonly #waiting = new Set<Waiting>();
  readonly #stuck: StuckClock | null;
  readonly #clock: Clock;
  #seen = Number.NEGATIVE_INFINITY;

  constructor(stuck: StuckClock | null = null, clock: Clock = systemClock) {
    this.#stuck = stuck;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Calls `act` after `ms`, unless the returned function is called first. */
  start(act: () => void, ms: number): () => void {
    const now = this.now();
    this.checkUp(now);
    const waiting: Waiting = { act, dueAt: now + ms, disarm: () => {} };
    this.#waiting.add(waiting);
    if (this.#stuck?.isStanding) void this.#stuck.turn().then(() => this.#fire(waiting));
    else this.#arm(waiting, ms);
    return () => this.#stop(waiting);
  }

  /** Resolves after `ms`. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.start(resolve, ms));
  }

  /** Checks whether the clock was set back, or stands still. */
  checkUp(now: number): void {
    this.#stuck?.look(now, () => this.#letGo());
    const seen = this.#seen;
    this.#seen = now;
    if (now >= seen) return;
    for (const waiting of this.#waiting) {
      const leftMs = Math.max(0, waiting.dueAt - seen);
      waiting.disarm();
      waiting.dueAt = now + leftMs;
      this.#arm(waiting, leftMs);
    }
  }

  #arm(waiting: Waiting, ms: number): void {
    waiting.disarm = this.#clock.start(() => this.#fire(waiting), ms);
  }

  #letGo(): void {
    for (const waiting of [...this.#waiting]) {
      waiting.disarm();
      this.#fire(waiting);
    }
  }

  #fire(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return;
    waiting.act();
    this.checkUp(this.now());
  }

  #stop(waiting: Waiting): void {
    waiting.disarm();
    this.#waiting.delete(waiting);
    this.checkUp(this.now());
  }
}
