import type { CartBatch, CartStore } from "../../storage/cart-store.ts";
import { recordCartsInD1 } from "../../storage/d1-record.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { OutboxDrains } from "../shared/outbox-drains.ts";

/** The drains of one Cart object, for the events of all its carts: they resume after the last event that the queue took. */
export function cartOutbox(env: Env, name: string, store: CartStore, alarm: AlarmClock): OutboxDrains<CartBatch> {
  const recorded = store.recorded();
  return new OutboxDrains(
    env.NEWS,
    alarm,
    {
      stream: name,
      newest: () => store.newest(),
      next: (after) => store.next(after),
      write: (batch) => recordCartsInD1(env.DB, batch),
      announced: (upTo) => store.saveRecorded(upTo),
    },
    { recorded, announced: recorded },
  );
}
