import { CLOCK_BEHIND_MS_MAX, RESTART_MS } from "../../domain/bounds.ts";
import type { Logger } from "../../logger.ts";
import type { ObjectKind } from "./wall-clock.ts";

/** What a clock that stands still is found out with, and what is done about it. */
export interface Machine {
  /** Resolves after a turn of I/O. */
  turn(): Promise<void>;
  /** The machine's clock, whatever this object's says. */
  wallNow(): Promise<number>;
  pause(ms: number): Promise<void>;
  /** Ends this instance of the object, and begins the next. */
  restart(): Promise<void>;
}

/**
 * The runtime never sets the clock of a running object back: after the machine's was, the object's stands still until that has
 * caught up, and no timer or alarm that it sets is due before. So a clock that still says the same after a turn of I/O is
 * compared with the machine's. One that is ahead is got rid of with the object: whoever waits is let go, and the next
 * instance reads the right time. What is committed is in its rows.
 */
export class StuckClock {
  readonly #machine: Machine;
  readonly #logger: Logger;
  #seen = Number.NaN;
  #isAsking = false;
  #isStanding = false;

  constructor(machine: Machine, logger: Logger) {
    this.#machine = machine;
    this.#logger = logger;
  }

  /** It was found to stand still, and the object is about to begin anew. */
  get isStanding(): boolean {
    return this.#isStanding;
  }

  /** Looks at what the clock says. `found` is called, once, when it stands still. */
  look(now: number, found: () => void): void {
    const isSame = now === this.#seen;
    this.#seen = now;
    if (!isSame || this.#isAsking || this.#isStanding) return;
    this.#isAsking = true;
    void this.#ask(now, found).finally(() => {
      this.#isAsking = false;
    });
  }

  /** Resolves when the machine has answered: a turn that needs no timer. */
  async turn(): Promise<void> {
    await this.#machine.wallNow().catch(() => {});
  }

  async #ask(now: number, found: () => void): Promise<void> {
    try {
      await this.#machine.turn();
      if (Date.now() !== now) return;
      const wallNow = await this.#machine.wallNow();
      if (Date.now() !== now || now - wallNow <= CLOCK_BEHIND_MS_MAX) return;
      this.#logger.log("clock_stuck", { aheadMs: now - wallNow });
      this.#isStanding = true;
      found();
      // The answers of those who were let go leave, and mostly D1 has what they are about.
      await this.#machine.pause(RESTART_MS);
      await this.#machine.restart();
    } catch (error) {
      this.#isStanding = false;
      this.#logger.log("clock_check_failed", { error });
    }
  }
}

const STOOD_STILL = "clockStoodStill";

/** Whether the instance before this one ended because its clock stood still: its alarm waits for the wrong time. Says so once. */
export function wasStuck(storage: DurableObjectStorage): boolean {
  return storage.kv.delete(STOOD_STILL);
}

/** The machine as an object reaches it, past its own clock. */
export function machineOf(ctx: DurableObjectState, kind: ObjectKind): Machine {
  const wall = ctx.exports.WallClock;
  return {
    turn: () => ctx.storage.sync(),
    wallNow: async () => wall.now(),
    pause: async (ms) => wall.pause(ms),
    restart: async () => {
      ctx.storage.kv.put(STOOD_STILL, true);
      await wall.beginAnew(kind, ctx.id.toString(), RESTART_MS);
      ctx.abort("The clock of the object stood still.");
    },
  };
}
