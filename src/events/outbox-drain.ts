import { backoff } from "../domain/backoff.ts";
import { RECORD_BACKOFF_MS_MAX, RECORD_BACKOFF_MS_MIN } from "../domain/bounds.ts";
import { hasPassed } from "../domain/elapsed.ts";

/** What a drain needs of the outside: where batches come from, where they go, and a clock. */
export interface OutboxDrainDeps<Batch extends { upTo: number }> {
  /** Sequence of the newest event that there is. */
  newest(): number;
  /** The next stretch of events after a sequence, which is not the newest. */
  next(after: number): Batch;
  /** Writes a stretch; safe to repeat. Rejects when it is not known to have been written. */
  write(batch: Batch): Promise<void>;
  /** Everything up to here is recorded. */
  acknowledged(upTo: number): void;
  /** It failed and is due again at `retryAt`; somebody has to call `kick` then. */
  failed(error: unknown, retryAt: number): void;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Resolves when `work` is done or `ms` are over, and leaves no timer behind. */
  waitFor(work: Promise<void>, ms: number): Promise<void>;
  /** A number from 0 up to 1, for jitter. */
  random(): number;
  /** Writes start at most this often. */
  paceMs: number;
}

/**
 * Carries what is committed to where it has to go, in order: one write in flight, paced, retried for ever with capped backoff.
 * It keeps nothing that matters: after a crash it starts again from the last acknowledgment that was saved.
 */
export class OutboxDrain<Batch extends { upTo: number }> {
  readonly #deps: OutboxDrainDeps<Batch>;
  #recorded: number;
  #running = false;
  #failures = 0;
  /** When the last write failed, and for how long it is left alone. */
  #failed: { at: number; pauseMs: number } | null = null;
  /** When the last write began. */
  #startedAt = Number.NEGATIVE_INFINITY;
  readonly #waiters = new Set<{ sequence: number; resolve: () => void }>();

  constructor(deps: OutboxDrainDeps<Batch>, recorded: number) {
    this.#deps = deps;
    this.#recorded = recorded;
  }

  /** Sequence of the last event that is known to be recorded. */
  get recorded(): number {
    return this.#recorded;
  }

  /** When the next try is due after a failure, or null. */
  get retryAt(): number | null {
    return this.#failed === null ? null : this.#failed.at + this.#failed.pauseMs;
  }

  /** Starts writing unless a write is under way or a backoff is running. The promise ends with the run, and never rejects. */
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

  /** Between these sequences there is nothing to write: if all before is out, that is too. */
  pass(after: number, upTo: number): void {
    if (!this.#running && this.#recorded === after) this.#recorded = upTo;
  }

  /** Whether everything up to `sequence` gets recorded within `timeoutMs`. */
  async reached(sequence: number, timeoutMs: number): Promise<boolean> {
    if (this.#recorded >= sequence) return true;
    if (timeoutMs <= 0) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { sequence, resolve };
    this.#waiters.add(waiter);
    await this.#deps.waitFor(promise, timeoutMs);
    this.#waiters.delete(waiter);
    return this.#recorded >= sequence;
  }

  async #run(): Promise<void> {
    while (this.#deps.newest() > this.#recorded) {
      // The pause comes before the write, so that it takes along what has come meanwhile, and nobody waits for nothing.
      const pauseMs = this.#startedAt + this.#deps.paceMs - this.#deps.now();
      if (pauseMs > 0) await this.#deps.sleep(Math.min(pauseMs, this.#deps.paceMs));
      this.#startedAt = this.#deps.now();
      const batch = this.#deps.next(this.#recorded);
      await this.#deps.write(batch);
      this.#acknowledge(batch.upTo);
    }
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
