import { RECORD_TIMEOUT_MS } from "../domain/bounds.ts";
import { Recorder } from "../events/recorder.ts";
import { recordInD1 } from "../storage/d1-record.ts";
import { Outbox, type OutboxBatch } from "../storage/outbox.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { Sale } from "./sale.ts";

/** The recorder of one SKU object: from its outbox to D1, with the alarm as the one who never gives up. */
export function d1Recorder(
  ctx: DurableObjectState,
  db: D1Database,
  sale: Sale,
  alarm: AlarmClock,
): Recorder<OutboxBatch> {
  const outbox = new Outbox(ctx.storage.sql);
  return new Recorder<OutboxBatch>(
    {
      next: (after) => (sale.store === null ? null : outbox.next(after, sale.store.sku())),
      write: (batch) => withinTime(recordInD1(db, batch)),
      // Saved only when D1 has caught up: the cursor is a hint, and what is sent twice changes nothing.
      acknowledged: (upTo) => {
        if (sale.store?.sku().version === upTo) outbox.saveRecorded(upTo);
      },
      failed: (error, retryAt) => {
        console.warn(JSON.stringify({ event: "d1-write-failed", retryAt, error: String(error) }));
        alarm.ensure(retryAt, Date.now());
      },
      now: () => Date.now(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      random: () => Math.random(),
    },
    sale.store === null ? 0 : outbox.recorded(),
  );
}

/** Gives a write up that hangs: it may still happen, and then the next one repeats it in vain. */
async function withinTime(write: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("D1 did not answer in time")), RECORD_TIMEOUT_MS);
  });
  try {
    await Promise.race([write, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
