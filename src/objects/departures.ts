import { NEWS_PACE_MS, OBJECT_CALL_MS, RECORD_GRACE_MS, RECORD_PACE_MS, RECORD_TIMEOUT_MS } from "../domain/bounds.ts";
import type { News } from "../domain/log.ts";
import { Recorder, type RecorderDeps } from "../events/recorder.ts";
import { recordDocumentInD1, recordInD1 } from "../storage/d1-record.ts";
import type { DocumentBatch, DocumentStore } from "../storage/document-store.ts";
import { Outbox, type OutboxBatch } from "../storage/outbox.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { Sale } from "./sale.ts";
import { withinTime } from "./within-time.ts";

/** A recorder on this machine's clock, with the object's alarm as the one who never gives up. */
export function recorderOf<Batch extends { upTo: number }>(
  alarm: AlarmClock,
  failure: string,
  deps: Pick<RecorderDeps<Batch>, "newest" | "next" | "write" | "acknowledged"> & { paceMs?: number },
  recorded: number,
): Recorder<Batch> {
  return new Recorder<Batch>(
    {
      paceMs: RECORD_PACE_MS,
      ...deps,
      failed: (error, retryAt) => {
        console.warn(JSON.stringify({ event: failure, retryAt, error: String(error) }));
        alarm.ensure(retryAt, Date.now());
      },
      now: () => Date.now(),
      sleep: (ms) => alarm.timers.pause(ms),
      random: () => Math.random(),
    },
    recorded,
  );
}

/** Where the events of one stream go: into the log, and once they are there, as news to the queue. Neither waits for the other. */
export interface Route<Batch extends { upTo: number }> {
  stream: string;
  newest(): number;
  next(after: number): Batch;
  write(batch: Batch): Promise<void>;
  /** The log has everything up to here. */
  recorded?(upTo: number): void;
  /** Everybody who follows the log has been told of it. */
  announced?(upTo: number): void;
}

/** How far the events of one object have got, and how they go on. */
export class Departures<Batch extends { upTo: number }> {
  readonly #log: Recorder<Batch>;
  readonly #news: Recorder<News>;

  constructor(queue: Queue, alarm: AlarmClock, route: Route<Batch>, from: { recorded: number; announced: number }) {
    const { stream } = route;
    this.#log = recorderOf<Batch>(
      alarm,
      "d1-write-failed",
      {
        newest: () => route.newest(),
        next: (after) => route.next(after),
        // Given up, it may still happen, and then the next one repeats it in vain.
        write: (batch) => withinTime(route.write(batch), RECORD_TIMEOUT_MS, "D1"),
        acknowledged: (upTo) => {
          route.recorded?.(upTo);
          void this.#news.kick();
        },
      },
      from.recorded,
    );
    this.#news = recorderOf<News>(
      alarm,
      "news-failed",
      {
        newest: () => this.recorded,
        next: () => ({ stream, upTo: this.recorded }),
        write: async (news) => {
          await withinTime(queue.send(news), OBJECT_CALL_MS, "the queue");
        },
        acknowledged: (upTo) => route.announced?.(upTo),
        paceMs: NEWS_PACE_MS,
      },
      from.announced,
    );
  }

  /** Sequence of the last event that the log is known to have. */
  get recorded(): number {
    return this.#log.recorded;
  }

  /** Sequence up to which the queue has been told. */
  get announced(): number {
    return this.#news.recorded;
  }

  /** Sends off what has not gone yet. The promise ends when the log has it all, or fails to take it; it never rejects. */
  async kick(): Promise<void> {
    const logged = this.#log.kick();
    void this.#news.kick();
    await logged;
  }

  /** Whether the log has everything up to `sequence` within `timeoutMs`. */
  reached(sequence: number, timeoutMs: number): Promise<boolean> {
    return this.#log.reached(sequence, timeoutMs);
  }

  /** When to look after it again, if events up to `version` are to go; null when all have gone. */
  nextAt(version: number, now: number): number | null {
    if (this.recorded < version) return this.#log.retryAt ?? now + RECORD_GRACE_MS;
    return this.announced < this.recorded ? (this.#news.retryAt ?? now + RECORD_GRACE_MS) : null;
  }
}

/** The departures of one SKU object. How far others have been `told` is saved with them, at no cost. */
export function skuDepartures(
  ctx: DurableObjectState,
  env: Env,
  sale: Sale,
  alarm: AlarmClock,
  newest: () => number,
  told: () => number,
): Departures<OutboxBatch> {
  const outbox = new Outbox(ctx.storage.sql);
  const route: Route<OutboxBatch> = {
    stream: `sku/${ctx.id.name}`,
    newest,
    next: (after) => outbox.next(after, sale.sku),
    write: (batch) => recordInD1(env.DB, batch),
    // Saved only when D1 has caught up: the cursors are hints, and what is sent twice changes nothing.
    recorded: (upTo) => {
      if (newest() === upTo) outbox.saveProgress(upTo, told(), departures.announced);
    },
  };
  const from = sale.store === null ? { recorded: 0, announced: 0 } : outbox.progress();
  const departures = new Departures(env.NEWS, alarm, route, from);
  return departures;
}

/** The departures of a Cart or Drop object. They begin again with what the queue has not been told. */
export function documentDepartures(
  env: Env,
  kind: "cart" | "drop",
  name: string,
  store: Pick<DocumentStore<never, never>, "newest" | "next" | "recorded" | "saveRecorded">,
  alarm: AlarmClock,
): Departures<DocumentBatch> {
  const recorded = store.recorded();
  const route: Route<DocumentBatch> = {
    stream: `${kind}/${name}`,
    newest: () => store.newest(),
    next: (after) => store.next(after),
    write: (batch) => recordDocumentInD1(env.DB, kind, name, batch),
    announced: (upTo) => store.saveRecorded(upTo),
  };
  return new Departures(env.NEWS, alarm, route, { recorded, announced: recorded });
}
