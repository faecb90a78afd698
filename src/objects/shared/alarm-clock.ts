import { ALARM_AHEAD_MS_MIN, ALARM_LOST_MS, ALARM_RETRY_MS } from "../../domain/bounds.ts";
import { Logger } from "../../logger.ts";
import { machineOf, StuckClock, wasStuck } from "./stuck-clock.ts";
import { Timers } from "./timers.ts";
import type { ObjectKind } from "./wall-clock.ts";

/**
 * The object's one alarm. It is only ever moved closer; when it rings, its handler looks what is due and sets the next. An
 * alarm waits for the wall clock: if that was set back, the next call makes the alarm ring at once, because what it was set for
 * may be due long before.
 */
export class AlarmClock {
  /** What the object logs with: its alarm resumes most of what fails. */
  readonly logger: Logger;
  readonly timers: Timers;
  readonly #storage: DurableObjectStorage;
  #armedAt: number | null = null;
  /** It rings or has rung, or was checked: nothing is left that it should have rung for. */
  #isLookedAfter = false;
  /** The latest clock reading that this instance knows of. */
  #seen = Number.NEGATIVE_INFINITY;

  constructor(ctx: DurableObjectState, kind: ObjectKind) {
    this.#storage = ctx.storage;
    this.logger = new Logger(kind.toLowerCase() as Lowercase<ObjectKind>, ctx.id.name);
    this.timers = new Timers(new StuckClock(machineOf(ctx, kind), this.logger));
  }

  /** Reads after a wake which alarm is set; `committedAt` is the clock at the last commit. */
  async restore(committedAt: number | null = null): Promise<void> {
    this.#armedAt = await this.#storage.getAlarm();
    this.#seen = committedAt ?? this.#seen;
    if (wasStuck(this.#storage) && this.#armedAt !== null) this.set(Date.now() + ALARM_AHEAD_MS_MIN);
  }

  /**
   * One transaction over the object's storage, alarm included: if it is rolled back, the memory of the alarm is too, and
   * `rolledBack` undoes what else is remembered.
   */
  transaction<Result>(write: () => Result, rolledBack = () => {}): Result {
    const [armedAt, isLookedAfter, seen] = [this.#armedAt, this.#isLookedAfter, this.#seen];
    try {
      return this.#storage.transactionSync(write);
    } catch (error) {
      this.#armedAt = armedAt;
      this.#isLookedAfter = isLookedAfter;
      this.#seen = seen;
      rolledBack();
      throw error;
    }
  }

  /**
   * The alarm rang: runs what is due, which returns when to ring next (null: never). The platform stops retrying an alarm after
   * six failures; this one is always set again.
   */
  async ring(whatIsDue: () => Promise<number | null>): Promise<void> {
    this.#armedAt = null;
    this.#isLookedAfter = true;
    try {
      const next = await whatIsDue();
      if (next !== null) this.set(next);
    } catch (error) {
      this.logger.log("alarm_failed", { error });
      this.ensure(Date.now() + ALARM_RETRY_MS, Date.now());
    }
  }

  /**
   * Ensures that the alarm rings at `deadline` or before. An alarm that should have rung long ago counts as lost. Inside a
   * transaction it is part of it.
   */
  ensure(deadline: number, now: number): void {
    if (this.noticeSetBack(now)) return;
    const armed = this.#armedAt;
    if (armed !== null && armed <= deadline && armed > now - ALARM_LOST_MS) return;
    this.set(Math.max(deadline, now + ALARM_AHEAD_MS_MIN));
  }

  /**
   * Sets a lost alarm again: one that is overdue, or a missing one if `nextDeadline` returns a time. That is asked once after a
   * wake, so that reads of an idle object set no alarm.
   */
  checkUp(now: number, nextDeadline: () => number | null): void {
    if (this.noticeSetBack(now)) return;
    if (this.#armedAt !== null) {
      if (this.#armedAt <= now - ALARM_LOST_MS) this.set(now + ALARM_AHEAD_MS_MIN);
      return;
    }
    if (this.#isLookedAfter) return;
    this.#isLookedAfter = true;
    const next = nextDeadline();
    if (next !== null) this.set(next);
  }

  /** Whether the clock was set back since the last call: then the alarm rings at once, and timers are re-armed. */
  noticeSetBack(now: number): boolean {
    const wasSetBack = now < this.#seen;
    this.#seen = now;
    this.timers.checkUp(now);
    if (wasSetBack) this.set(now + ALARM_AHEAD_MS_MIN);
    return wasSetBack;
  }

  /** Sets the alarm to this time. */
  set(at: number): void {
    this.#armedAt = at;
    this.#isLookedAfter = false;
    void this.#storage.setAlarm(at);
  }
}
