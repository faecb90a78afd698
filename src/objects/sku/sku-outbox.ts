import { nextWakeAt } from "../../domain/clock.ts";
import { recordInD1 } from "../../storage/d1-record.ts";
import { Outbox, type OutboxBatch } from "../../storage/outbox.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { type DrainRoute, OutboxDrains } from "../shared/outbox-drains.ts";
import type { Transactions } from "./transactions.ts";

/** When the clock has to change something next: a hold, an offer or the sale begins or ends. */
export function dueAt({ store, sku }: Transactions, now: number): number | null {
  const due = [store?.nextExpiryAt() ?? null, nextWakeAt(sku, now)].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** The drains of one SKU's outbox, to D1 and to the queue. The cursor of the peer notices, `told`, is saved with theirs. */
export function skuOutbox(
  ctx: DurableObjectState,
  env: Env,
  transactions: Transactions,
  alarm: AlarmClock,
  newest: () => number,
  told: () => number,
): OutboxDrains<OutboxBatch> {
  const outbox = new Outbox(ctx.storage.sql);
  const route: DrainRoute<OutboxBatch> = {
    stream: `sku/${ctx.id.name}`,
    newest,
    next: (after) => outbox.next(after, transactions.sku),
    write: (batch) => recordInD1(env.DB, { ...batch, dueAt: dueAt(transactions, Date.now()) }),
    // Saved only when D1 has caught up: the cursors are hints, and sending twice changes nothing.
    recorded: (upTo) => {
      if (newest() === upTo) outbox.saveProgress(upTo, told(), drains.announced);
    },
  };
  const from = transactions.store === null ? { recorded: 0, announced: 0 } : outbox.progress();
  const drains: OutboxDrains<OutboxBatch> = new OutboxDrains(env.NEWS, alarm, route, from);
  return drains;
}
