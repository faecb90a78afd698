import { type RefusalReason, reasonOf } from "../../domain/analytics.ts";
import { REFUSALS_PACE_MS } from "../../domain/bounds.ts";
import type { Refusal } from "../../domain/command.ts";
import type { OutboxDrain } from "../../events/outbox-drain.ts";
import { type RefusalCount, recordRefusals } from "../../storage/d1-rollup.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { drainOf } from "../shared/outbox-drains.ts";

/** A count, and the number of the refusal that last increased it. */
interface Growing extends RefusalCount {
  last: number;
}

/**
 * Counts refused reserves by minute and reason. A refusal writes nothing: counts are sent to D1 every few seconds while there
 * are any, and counts that were not sent are lost with the instance. They are statistics, not truth.
 */
export class RefusalStats {
  readonly #counts = new Map<string, Growing>();
  readonly #drain: OutboxDrain<{ upTo: number; counts: RefusalCount[] }>;
  #total = 0;

  constructor(db: D1Database, sku: string, alarm: AlarmClock) {
    const instance = crypto.randomUUID();
    this.#drain = drainOf(
      alarm,
      "refusal_counts_write_failed",
      {
        newest: () => this.#total,
        next: (after) => ({ upTo: this.#total, counts: this.#grownSince(after) }),
        write: ({ counts }) => recordRefusals(db, sku, instance, counts),
        acknowledged: (upTo) => this.#forget(upTo),
        paceMs: REFUSALS_PACE_MS,
      },
      0,
    );
  }

  /**
   * Counts a refusal, once or `by` times. Contended refusals are not counted: the cart retries. Refusals for a SKU that does not
   * exist are not counted: anybody can cause those.
   */
  add(refusal: Refusal, by = 1): void {
    if (refusal.code === "not-found" || (refusal.code === "insufficient-stock" && refusal.contended === true)) return;
    const minute = Math.floor(Date.now() / 60_000);
    const reason = reasonOf(refusal);
    const count = (this.#counts.get(nameOf(minute, reason))?.count ?? 0) + by;
    this.#total += by;
    this.#counts.set(nameOf(minute, reason), { minute, reason, count, last: this.#total });
  }

  /** Sends waiting counts; never rejects. */
  kick(): Promise<void> {
    return this.#drain.kick();
  }

  /** Whether counts wait to be sent. */
  get isBehind(): boolean {
    return this.#drain.recorded < this.#total;
  }

  #grownSince(after: number): RefusalCount[] {
    return [...this.#counts.values()].filter(({ last }) => last > after).map(({ last: _, ...count }) => count);
  }

  /** Removes counts that were sent and cannot grow any more. */
  #forget(upTo: number): void {
    const thisMinute = Math.floor(Date.now() / 60_000);
    for (const [name, { minute, last }] of this.#counts) {
      if (last <= upTo && minute < thisMinute) this.#counts.delete(name);
    }
  }
}

function nameOf(minute: number, reason: RefusalReason): string {
  return `${minute} ${reason}`;
}
