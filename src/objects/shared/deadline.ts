/** How long a caller waits for its call to begin, counted from when it came in: the caller says for how long, its clock may be another one. */
export class Deadline {
  readonly #since = Date.now();
  readonly #patienceMs: number;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  get isOver(): boolean {
    return this.leftMs === 0;
  }

  /** Never more than there was: after a clock that was set back nobody knows how long it has been. */
  get leftMs(): number {
    return Math.min(this.#patienceMs, Math.max(0, this.#since + this.#patienceMs - Date.now()));
  }
}
