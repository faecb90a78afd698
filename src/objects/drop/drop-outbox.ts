import { recordDropInD1 } from "../../storage/d1-record.ts";
import type { DocumentBatch, DocumentStore } from "../../storage/document-store.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { OutboxDrains } from "../shared/outbox-drains.ts";

/** The drains of a Drop object: they resume after the last event that the queue took. */
export function dropOutbox(
  env: Env,
  name: string,
  store: Pick<DocumentStore<never, never>, "newest" | "next" | "recorded" | "saveRecorded">,
  alarm: AlarmClock,
): OutboxDrains<DocumentBatch> {
  const recorded = store.recorded();
  return new OutboxDrains(
    env.NEWS,
    alarm,
    {
      stream: `drop/${name}`,
      newest: () => store.newest(),
      next: (after) => store.next(after),
      write: (batch) => recordDropInD1(env.DB, name, batch),
      announced: (upTo) => store.saveRecorded(upTo),
    },
    { recorded, announced: recorded },
  );
}
