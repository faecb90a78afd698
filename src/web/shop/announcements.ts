/** Between two announcements: a reader needs the time to say the first one. */
export const ANNOUNCE_MS_MIN = 4_000;

/**
 * Says things to people who listen to the page, not more often than they can hear them. Of each subject (a size, a timer)
 * only the newest waits; subjects are said in the order in which they came up.
 */
export class Announcements {
  readonly #say: (text: string) => void;
  readonly #later: (ms: number, then: () => void) => void;
  readonly #waiting = new Map<string, string>();
  #isQuiet = true;

  constructor(say: (text: string) => void, later: (ms: number, then: () => void) => void) {
    this.#say = say;
    this.#later = later;
  }

  /** Says this about `subject` as soon as it may. */
  announce(subject: string, text: string): void {
    this.#waiting.set(subject, text);
    if (this.#isQuiet) this.#next();
  }

  #next(): void {
    const [next] = this.#waiting;
    this.#isQuiet = next === undefined;
    if (next === undefined) return;
    this.#waiting.delete(next[0]);
    this.#say(next[1]);
    this.#later(ANNOUNCE_MS_MIN, () => this.#next());
  }
}
