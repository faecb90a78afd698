import { RECORD_TIMEOUT_MS } from "../domain/bounds.ts";
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
  deps: Pick<RecorderDeps<Batch>, "next" | "write" | "acknowledged">,
  recorded: number,
): Recorder<Batch> {
  return new Recorder<Batch>(
    {
      ...deps,
      failed: (error, retryAt) => {
        console.warn(JSON.stringify({ event: failure, retryAt, error: String(error) }));
        alarm.ensure(retryAt, Date.now());
      },
      now: () => Date.now(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      random: () => Math.random(),
    },
    recorded,
  );
}

/** The recorder of one SKU object: from its outbox to D1. How far others have been `told` is saved with it, at no cost. */
export function d1Recorder(
  ctx: DurableObjectState,
  db: D1Database,
  sale: Sale,
  alarm: AlarmClock,
  told: () => number,
): Recorder<OutboxBatch> {
  const outbox = new Outbox(ctx.storage.sql);
  return recorderOf<OutboxBatch>(
    alarm,
    "d1-write-failed",
    {
      next: (after) => (sale.store === null ? null : outbox.next(after, sale.store.sku())),
      // Given up, it may still happen, and then the next one repeats it in vain.
      write: (batch) => withinTime(recordInD1(db, batch), RECORD_TIMEOUT_MS, "D1"),
      // Saved only when D1 has caught up: the cursor is a hint, and what is sent twice changes nothing.
      acknowledged: (upTo) => {
        if (sale.store?.sku().version === upTo) outbox.saveProgress(upTo, told());
      },
    },
    sale.store === null ? 0 : outbox.recorded(),
  );
}

/** The recorder of a Cart or Drop object: from its events to D1. */
export function documentRecorder(
  db: D1Database,
  kind: "cart" | "drop",
  name: string,
  store: Pick<DocumentStore<never, never>, "next" | "recorded" | "saveRecorded">,
  alarm: AlarmClock,
): Recorder<DocumentBatch> {
  return recorderOf<DocumentBatch>(
    alarm,
    "d1-write-failed",
    {
      next: (after) => store.next(after),
      write: (batch) => withinTime(recordDocumentInD1(db, kind, name, batch), RECORD_TIMEOUT_MS, "D1"),
      acknowledged: (upTo) => store.saveRecorded(upTo),
    },
    store.recorded(),
  );
}
