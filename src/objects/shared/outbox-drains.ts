import {
  NEWS_PACE_MS,
  OBJECT_CALL_MS,
  RECORD_GRACE_MS,
  RECORD_PACE_MS,
  RECORD_TIMEOUT_MS,
} from "../../domain/bounds.ts";
import type { News } from "../../domain/log.ts";
import { OutboxDrain, type OutboxDrainDeps } from "../../events/outbox-drain.ts";
import type { LogEvent } from "../../logger.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import { waitFor, withTimeout } from "./timeout.ts";

/** A drain on the object's clock; after a failure the object's alarm resumes it. */
export function drainOf<Batch extends { upTo: number }>(
  alarm: AlarmClock,
  failure: LogEvent,
  deps: Pick<OutboxDrainDeps<Batch>, "newest" | "next" | "write" | "acknowledged"> &
    Partial<Pick<OutboxDrainDeps<Batch>, "paceMs" | "hurriedPaceMs">>,
  recorded: number,
): OutboxDrain<Batch> {
  return new OutboxDrain<Batch>(
    {
      paceMs: RECORD_PACE_MS,
      ...deps,
      failed: (error, retryAt) => {
        alarm.logger.log(failure, { retryAt, error });
        alarm.ensure(retryAt, alarm.timers.now());
      },
      now: () => alarm.timers.now(),
      sleep: (ms) => alarm.timers.pause(ms),
      waitFor: (work, ms) => waitFor(work, ms, alarm.timers),
      random: () => Math.random(),
    },
    recorded,
  );
}

/** Where the events of one stream go: into the log in D1, and then as a message to the queue. The two do not wait for each other. */
export interface DrainRoute<Batch extends { upTo: number }> {
  stream: string;
  /** Where it is not the usual: how often D1 and the queue hear of it while nobody waits. */
  paceMs?: number;
  newest(): number;
  next(after: number): Batch;
  write(batch: Batch): Promise<void>;
  /** The log has everything up to this sequence. */
  recorded?(upTo: number): void;
  /** The queue has a message for everything up to this sequence. */
  announced?(upTo: number): void;
}

/** Drains the events of one object into D1 and announces them on the queue. */
export class OutboxDrains<Batch extends { upTo: number }> {
  readonly #log: OutboxDrain<Batch>;
  readonly #news: OutboxDrain<News>;

  constructor(
    queue: Queue,
    alarm: AlarmClock,
    route: DrainRoute<Batch>,
    from: { recorded: number; announced: number },
  ) {
    const { stream, paceMs = RECORD_PACE_MS } = route;
    this.#log = drainOf<Batch>(
      alarm,
      "d1_write_failed",
      {
        newest: () => route.newest(),
        next: (after) => route.next(after),
        // A write that was abandoned may still happen; the next one then repeats it without effect.
        write: (batch) => withTimeout(route.write(batch), RECORD_TIMEOUT_MS, "D1", alarm.timers),
        paceMs,
        ...(paceMs > RECORD_PACE_MS ? { hurriedPaceMs: RECORD_PACE_MS } : {}),
        acknowledged: (upTo) => {
          route.recorded?.(upTo);
          void this.#news.kick();
        },
      },
      from.recorded,
    );
    this.#news = drainOf<News>(
      alarm,
      "queue_send_failed",
      {
        newest: () => this.recorded,
        next: () => ({ stream, upTo: this.recorded }),
        write: async (news) => {
          await withTimeout(queue.send(news), OBJECT_CALL_MS, "the queue", alarm.timers);
        },
        acknowledged: (upTo) => route.announced?.(upTo),
        paceMs: Math.max(paceMs, NEWS_PACE_MS),
      },
      from.announced,
    );
  }

  /** Sequence of the last event that the log is known to have. */
  get recorded(): number {
    return this.#log.recorded;
  }

  /** Sequence up to which the queue was told. */
  get announced(): number {
    return this.#news.recorded;
  }

  /** Sends what is still waiting. Resolves when the log has it all or a write fails; never rejects. */
  async kick(): Promise<void> {
    const logged = this.#log.kick();
    void this.#news.kick();
    await logged;
  }

  /** Whether the log has everything up to `sequence` within `timeoutMs`. */
  reached(sequence: number, timeoutMs: number): Promise<boolean> {
    return this.#log.reached(sequence, timeoutMs);
  }

  /** When to look again if events up to `version` are to be sent; null if all were. */
  nextAt(version: number, now: number): number | null {
    if (this.recorded < version) return this.#log.retryAt ?? now + RECORD_GRACE_MS;
    return this.announced < this.recorded ? (this.#news.retryAt ?? now + RECORD_GRACE_MS) : null;
  }
}

/** What a Cart or Drop object keeps of its own events. */
interface EventSource<Batch> {
  newest(): number;
  next(after: number): Batch;
  recorded(): number;
  saveRecorded(upTo: number): void;
}

/** The drains of a Cart or Drop object: they resume after the last event that the queue took. */
export function outboxOf<Batch extends { upTo: number }>(
  env: Env,
  alarm: AlarmClock,
  stream: string,
  store: EventSource<Batch>,
  write: (batch: Batch) => Promise<void>,
  paceMs = RECORD_PACE_MS,
): OutboxDrains<Batch> {
  const recorded = store.recorded();
  const route: DrainRoute<Batch> = {
    stream,
    paceMs,
    newest: () => store.newest(),
    next: (after) => store.next(after),
    write,
    announced: (upTo) => store.saveRecorded(upTo),
  };
  return new OutboxDrains(env.NEWS, alarm, route, { recorded, announced: recorded });
}
