import { backoff } from "../domain/backoff.ts";
import { RECORD_BACKOFF_MS_MAX, RECORD_BACKOFF_MS_MIN } from "../domain/bounds.ts";
import { hasPassed } from "../domain/elapsed.ts";

/** The dependencies of a drain: source and target of batches, and a clock. */
export interface OutboxDrainDeps<Batch extends { upTo: number }> {
  /** Sequence of the newest event. */
  newest(): number;
  /** The next range of events after a sequence, which is not the newest. */
  next(after: number): Batch;
  /** Writes a batch; safe to repeat. Rejects if it is not known to have been written. */
  write(batch: Batch): Promise<void>;
  /** Everything up to this sequence is recorded. */
  acknowledged(upTo: number): void;
  /** A write failed; `kick` has to be called at `retryAt`. */
  failed(error: unknown, retryAt: number): void;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Resolves when `work` is done or `ms` are over, and leaves no timer behind. */
  waitFor(work: Promise<void>, ms: number): Promise<void>;
  /** A number from 0 (inclusive) to 1 (exclusive), for jitter. */
  random(): number;
  /** Writes start at most this often. */
  paceMs: number;
  /** The same while somebody waits for one; `paceMs` if absent. */
  hurriedPaceMs?: number;
}

/**
 * Sends committed events on, in order: one write in flight, paced, retried for ever with capped backoff. Its memory may be
 * lost: after a crash it resumes from the last saved acknowledgment.
 */
export class OutboxDrain<Batch extends { upTo: number }> {
  readonly #deps: OutboxDrainDeps<Batch>;
  #recorded: number;
  #running = false;
  #failures = 0;
  /** When the last write failed, and how long to wait after it. */
  #failed: { at: number; pauseMs: number } | null = null;
  /** When the last write began. */
  #startedAt = Number.NEGATIVE_INFINITY;
  readonly #waiters = new Set<{ sequence: number; resolve: () => void }>();
  /** Ends the pause before the next write: somebody has begun to wait. */
  #hurry = () => {};

  constructor(deps: OutboxDrainDeps<Batch>, recorded: number) {
    this.#deps = deps;
    this.#recorded = recorded;
  }

  /** Sequence of the last event that is known to be recorded. */
  get recorded(): number {
    return this.#recorded;
  }

  /** When the next try after a failure is due, or null. */
  get retryAt(): number | null {
    return this.#failed === null ? null : this.#failed.at + this.#failed.pauseMs;
  }

  /** Starts writing unless a write is in flight or a backoff is running. Resolves when the run ends; never rejects. */
  async kick(): Promise<void> {
    if (this.#running) return;
    if (this.#failed !== null && !hasPassed(this.#failed.at, this.#failed.pauseMs, this.#deps.now())) return;
    this.#running = true;
    this.#failed = null;
    try {
      await this.#run();
    } catch (error) {
      this.#backOff(error);
    } finally {
      this.#running = false;
    }
  }

  /** There is nothing to write between these sequences: if everything before is recorded, this range is too. */
  pass(after: number, upTo: number): void {
    if (!this.#running && this.#recorded === after) this.#recorded = upTo;
  }

  /** Whether everything up to `sequence` is recorded within `timeoutMs`. */
  async reached(sequence: number, timeoutMs: number): Promise<boolean> {
    if (this.#recorded >= sequence) return true;
    if (timeoutMs <= 0) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { sequence, resolve };
    this.#waiters.add(waiter);
    this.#hurry();
    await this.#deps.waitFor(promise, timeoutMs);
    this.#waiters.delete(waiter);
    return this.#recorded >= sequence;
  }

  async #run(): Promise<void> {
    while (this.#deps.newest() > this.#recorded) {
      // The pause comes before the write, so that the write includes what is committed meanwhile.
      if (this.#leftMs(this.#paceMs) > 0) await this.#pause();
      this.#startedAt = this.#deps.now();
      const batch = this.#deps.next(this.#recorded);
      await this.#deps.write(batch);
      this.#acknowledge(batch.upTo);
    }
  }

  get #paceMs(): number {
    const { paceMs, hurriedPaceMs = paceMs } = this.#deps;
    return this.#waiters.size > 0 ? hurriedPaceMs : paceMs;
  }

  async #pause(): Promise<void> {
    if (this.#waiters.size === 0 && this.#deps.hurriedPaceMs !== undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#hurry = resolve;
      await this.#deps.waitFor(promise, this.#leftMs(this.#paceMs));
      if (this.#waiters.size === 0) return;
    }
    const leftMs = this.#leftMs(this.#paceMs);
    if (leftMs > 0) await this.#deps.sleep(leftMs);
  }

  /** Until the next write may start at this pace: all of it at most, because the clock may have been set back. */
  #leftMs(paceMs: number): number {
    return Math.min(paceMs, Math.max(0, this.#startedAt + paceMs - this.#deps.now()));
  }

  #acknowledge(upTo: number): void {
    this.#recorded = upTo;
    this.#failures = 0;
    for (const { sequence, resolve } of this.#waiters) if (sequence <= upTo) resolve();
    this.#deps.acknowledged(upTo);
  }

  #backOff(error: unknown): void {
    this.#failures += 1;
    const ceilingMs = backoff(this.#failures, RECORD_BACKOFF_MS_MIN, RECORD_BACKOFF_MS_MAX);
    const failed = { at: this.#deps.now(), pauseMs: Math.ceil(ceilingMs * (0.5 + this.#deps.random() / 2)) };
    this.#failed = failed;
    this.#deps.failed(error, failed.at + failed.pauseMs);
  }
}
