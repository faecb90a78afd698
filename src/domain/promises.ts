import { PROMISE_MS, PROMISES_MAX } from "./bounds.ts";
import type { Promised, UnitOfWork } from "./unit-of-work.ts";

/**
 * Late payments that were told to retry, and the units reserved for them until then. In memory only: a refusal writes nothing,
 * and an object that has just woken has promised nothing.
 */
export class Promises {
  readonly #until = new Map<string, Promised & { until: number }>();

  /** The promises valid at `now`. One that ends too far ahead was made while the clock was ahead, and is ignored. */
  at(now: number): Promised[] {
    for (const [id, { until }] of this.#until) {
      if (until <= now || until > now + PROMISE_MS) this.#until.delete(id);
    }
    return [...this.#until.values()];
  }

  /** When the last promise ends, or null: its units are free for everybody then. */
  get endsAt(): number | null {
    return this.#until.size === 0 ? null : Math.max(...Array.from(this.#until.values(), ({ until }) => until));
  }

  /** Stores the promises that a transaction made, and removes the payments that it has decided. */
  take({ newPromises, events, now }: UnitOfWork): void {
    for (const { reservation, type } of events) {
      if (reservation !== null && DECIDED.has(type)) this.#until.delete(reservation.id);
    }
    for (const { id, units } of newPromises) {
      if (this.#until.has(id) || this.#until.size < PROMISES_MAX)
        this.#until.set(id, { id, units, until: now + PROMISE_MS });
    }
  }
}

const DECIDED: ReadonlySet<string> = new Set(["reservation.confirmed", "reservation.refund_required"]);
