/** What the calls of a rehearsal were like: how long they took, how they ended, what went wrong. */
export class Journal {
  /** Milliseconds of every try, by kind of call. */
  readonly latencies = new Map<string, number[]>();
  /** How often each kind of call ended in each way. */
  readonly outcomes = new Map<string, Map<string, number>>();
  /** Answers that broke a rule, in words. */
  readonly surprises: string[] = [];
  /** Calls that failed for good, or were answered in no form that was promised. */
  readonly failures: string[] = [];
  /** Answers that the service was not able to do its work, each with when it came by this machine's clock. */
  readonly outages: { at: number; call: string }[] = [];
  /** Tries that the network lost, and that were made again. */
  lost = 0;
  /** How many calls were answered in each second. */
  readonly #perSecond = new Map<number, number>();

  /** One answer, and how long it took. */
  answered(kind: string, ended: string, refused: boolean, latencyMs: number): void {
    const label = refused ? `${kind}, refused` : kind;
    const samples = this.latencies.get(label);
    if (samples) samples.push(latencyMs);
    else this.latencies.set(label, [latencyMs]);

    const outcomes = this.outcomes.get(kind) ?? new Map<string, number>();
    this.outcomes.set(kind, outcomes.set(ended, (outcomes.get(ended) ?? 0) + 1));
    const second = Math.floor(Date.now() / 1000);
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + 1);
  }

  get calls(): number {
    return [...this.#perSecond.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Calls in the busiest second. */
  get peak(): number {
    return [...this.#perSecond.values()].reduce((most, count) => Math.max(most, count), 0);
  }
}
