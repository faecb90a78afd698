import { ALARM_AHEAD_MS_MIN, ALARM_LOST_MS, ALARM_RETRY_MS } from "../domain/bounds.ts";

/** The object's one alarm. It is only ever moved closer; when it rings, its handler looks what is due and sets the next. */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  #armedAt: number | null = null;
  #ringing = false;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Learns after a wake which alarm is set. */
  async restore(): Promise<void> {
    this.#armedAt = await this.#storage.getAlarm();
  }

  /**
   * The alarm rang: does what is due, and sets the next one for when that says, null: none. The platform gives an alarm up
   * after six failures; this one is never given up. `whose` goes into the log of a failure.
   */
  async ring(whose: Record<string, string>, whatIsDue: () => Promise<number | null>): Promise<void> {
    this.#armedAt = null;
    this.#ringing = true;
    try {
      const next = await whatIsDue();
      if (next !== null) this.set(next);
    } catch (error) {
      console.error(JSON.stringify({ event: "alarm-failed", ...whose, error: String(error) }));
      this.ensure(Date.now() + ALARM_RETRY_MS, Date.now());
    }
  }

  /**
   * Makes sure that an alarm rings at `deadline` or before. An alarm that should have rung long ago is taken for lost.
   * Inside a transaction it is part of it.
   */
  ensure(deadline: number, now: number): void {
    const armed = this.#armedAt;
    if (armed !== null && armed <= deadline && armed > now - ALARM_LOST_MS) return;
    this.set(Math.max(deadline, now + ALARM_AHEAD_MS_MIN));
  }

  /** Whoever comes by finds a lost alarm, one that should have rung long ago or none at all, and sets it anew. */
  checkUp(now: number): void {
    const lost = this.#armedAt === null ? !this.#ringing : this.#armedAt <= now - ALARM_LOST_MS;
    if (lost) this.set(now + ALARM_AHEAD_MS_MIN);
  }

  /** Sets the alarm, wherever it was. */
  set(at: number): void {
    this.#armedAt = at;
    this.#ringing = false;
    void this.#storage.setAlarm(at);
  }

  /** When it will ring, as far as this instance knows. */
  get armedAt(): number | null {
    return this.#armedAt;
  }

  /** The transaction in which it may have been set was rolled back, and the alarm with it. */
  rolledBack(armedAt: number | null): void {
    this.#armedAt = armedAt;
  }
}
