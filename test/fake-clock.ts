import type { Clock } from "../src/clock.ts";

interface Timer {
  act: () => void;
  dueAt: number;
}

/**
 * A clock that a test moves. Like the machine's it arms timers by its time: when it is set back, they wait until it has caught
 * up.
 */
export class FakeClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  start(act: () => void, ms: number): () => void {
    const timer = { act, dueAt: this.#now + ms };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.start(resolve, ms));
  }

  /** In how many milliseconds each of the running timers is due, soonest first. */
  get timers(): number[] {
    return this.#timers.map(({ dueAt }) => dueAt - this.#now).sort((one, other) => one - other);
  }

  /** Sets the clock by so much, which fires nothing. */
  step(ms: number): void {
    this.#now += ms;
  }

  /** Lets so much time pass: timers fire in order, each followed by everything that waited for it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.dueAt);
      this.#timers = this.#timers.filter((one) => one !== next);
      next.act();
      await settled();
    }
    this.#now = until;
  }

  #next(until: number): Timer | undefined {
    const due = this.#timers.filter(({ dueAt }) => dueAt <= until);
    return due.sort((one, other) => one.dueAt - other.dueAt)[0];
  }
}

/** Lets everything go on that waits for settled promises. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}
