import { RECORD_EVENTS_MAX } from "../domain/bounds.ts";
import type { Sku } from "../domain/model.ts";
import { type CommandRow, EVENT_TABLE, type EventRow } from "./rows.ts";

/** A range of one SKU's events on its way out, with the keys that were answered in it. */
export interface OutboxBatch {
  sku: Sku;
  /** Sequence of its last event. */
  upTo: number;
  events: EventRow[];
  commands: CommandRow[];
  /** Whether no newer event waits: only then does the SKU's row belong to these events. */
  complete: boolean;
}

/** The same on its way to D1. `dueAt`: when the clock has to change something next, null: never. */
export interface RecordBatch extends OutboxBatch {
  dueAt: number | null;
}

/** The events that D1 does not have yet, and the progress of the drains. */
export class Outbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Sequences up to which events have been sent: `recorded` to D1 (which may have more, because an acknowledgment can be lost),
   * `told` to other objects, `announced` to the queue.
   */
  progress(): { recorded: number; told: number; announced: number } {
    return this.#sql
      .exec<{ recorded: number; told: number; announced: number }>(
        "SELECT recorded_version AS recorded, told_version AS told, announced_version AS announced FROM sku",
      )
      .one();
  }

  /** Stores the progress of the drains. */
  saveProgress(recorded: number, told: number, announced: number): void {
    this.#sql.exec(
      `UPDATE sku SET recorded_version = MAX(recorded_version, ?1), told_version = MAX(told_version, ?2),
        announced_version = MAX(announced_version, ?3)
      WHERE recorded_version < ?1 OR told_version < ?2 OR announced_version < ?3`,
      recorded,
      told,
      announced,
    );
  }

  /** The next range after `after`, which is not the newest event; bounded in events. */
  next(after: number, sku: Sku): OutboxBatch {
    const events = this.#eventsAfter(after);
    const upTo = events.at(-1)?.sequence;
    if (upTo === undefined) throw new Error(`events of ${sku.sku} after ${after} are missing`);
    const commands = this.#sql
      .exec<CommandRow>(
        "SELECT key, sequence, at, content, outcome FROM command WHERE sequence > ? AND sequence <= ?",
        after,
        upTo,
      )
      .toArray();
    return { sku, upTo, events, commands, complete: upTo === sku.version };
  }

  #eventsAfter(after: number): EventRow[] {
    return this.#sql
      .exec<EventRow>(
        `SELECT ${EVENT_TABLE.columns} FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        after,
        RECORD_EVENTS_MAX,
      )
      .toArray();
  }
}
