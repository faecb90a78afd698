import { CLOCK_BEHIND_MS_MAX, RESTART_MS } from "../../domain/bounds.ts";
import type { Logger } from "../../logger.ts";
import type { ObjectKind } from "./wall-clock.ts";

/** What is needed to detect a clock that stands still, and to restart. */
export interface Machine {
  /** The clock of this object. */
  now(): number;
  /** Resolves after a turn of I/O. */
  turn(): Promise<void>;
  /** The machine's clock, independent of this object's. */
  wallNow(): Promise<number>;
  pause(ms: number): Promise<void>;
  /** Ends this instance of the object and starts the next. */
  restart(): Promise<void>;
}

/**
 * The runtime never sets the clock of a running object back: after the machine's clock was, the object's clock stands still
 * until the machine's has caught up, and no timer or alarm set meanwhile is due before. So a clock that has not moved after a
 * turn of I/O is compared with the machine's. If it is ahead, the object restarts: pending waits are released, and the next
 * instance reads the right time. Commits are in its rows.
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

  /** The clock stands still, and the object is about to restart. */
  get isStanding(): boolean {
    return this.#isStanding;
  }

  /** Checks the clock. `found` is called, once, if it stands still. */
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
      if (this.#machine.now() !== now) return;
      const wallNow = await this.#machine.wallNow();
      if (this.#machine.now() !== now || now - wallNow <= CLOCK_BEHIND_MS_MAX) return;
      this.#logger.log("clock_stuck", { aheadMs: now - wallNow });
      this.#isStanding = true;
      found();
      // Lets the answers of released callers leave; D1 usually has their changes by then.
      await this.#machine.pause(RESTART_MS);
      await this.#machine.restart();
    } catch (error) {
      this.#isStanding = false;
      this.#logger.log("clock_check_failed", { error });
    }
  }
}

const STOOD_STILL = "clockStoodStill";

/** Whether the previous instance ended because its clock stood still: its alarm waits for the wrong time. True only once. */
export function wasStuck(storage: DurableObjectStorage): boolean {
  return storage.kv.delete(STOOD_STILL);
}

/** Access to the machine past the object's own clock. */
export function machineOf(ctx: DurableObjectState, kind: ObjectKind): Machine {
  const wall = ctx.exports.WallClock;
  return {
    now: () => Date.now(),
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
