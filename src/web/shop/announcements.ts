/** Pause between two announcements, for the screen reader to finish the first one. */
export const ANNOUNCE_MS_MIN = 4_000;

/** The subject of the result of the visitor's own action. */
export const ANSWER = "answer";

/**
 * Paces announcements for screen readers. For each subject (a size, a timer) only the newest waits; subjects are announced in
 * order of arrival, and the result of an action at once.
 */
export class Announcements {
  readonly #say: (text: string) => void;
  readonly #later: (ms: number, then: () => void) => void;
  readonly #waiting = new Map<string, string>();
  #isQuiet = true;
  #saidCount = 0;

  constructor(say: (text: string) => void, later: (ms: number, then: () => void) => void) {
    this.#say = say;
    this.#later = later;
  }

  /** Announces this about `subject` as soon as possible. */
  announce(subject: string, text: string): void {
    if (subject !== ANSWER) this.#waiting.set(subject, text);
    if (subject === ANSWER) this.#speak(text);
    else if (this.#isQuiet) this.#next();
  }

  #next(): void {
    const [next] = this.#waiting;
    this.#isQuiet = next === undefined;
    if (next === undefined) return;
    this.#waiting.delete(next[0]);
    this.#speak(next[1]);
  }

  #speak(text: string): void {
    this.#isQuiet = false;
    this.#saidCount += 1;
    const said = this.#saidCount;
    this.#say(text);
    this.#later(ANNOUNCE_MS_MIN, () => said === this.#saidCount && this.#next());
  }
}
