import { backoff } from "../../domain/backoff.ts";
import { ROUND_PAUSE_MS_MAX, ROUND_PAUSE_MS_MIN } from "../../domain/bounds.ts";
import { Deadline } from "./deadline.ts";
import { waitFor } from "./timeout.ts";
import type { Timers } from "./timers.ts";

/** A protocol whose messages follow from its state alone: it can be taken up again wherever it stopped. */
export interface Protocol<Message, Answer> {
  /** What is to be said now; none: it has come to rest. */
  messages(): Message[];
  /** Says it. Never rejects: what brings no answer is an answer too. */
  say(message: Message): Promise<Answer>;
  /** Takes in the answers of a round, durably where they decide anything; false when they brought nothing. */
  take(answers: readonly { message: Message; answer: Answer }[]): boolean;
  /** How long to wait before the same is said again, after so many rounds in vain; by default a doubling pause. */
  pauseMs?(vainRounds: number): number;
}

/** Runs a protocol in rounds, one run at a time: whoever asks meanwhile waits for the run that is under way. */
export class ProtocolRunner<Message, Answer> {
  readonly #protocol: Protocol<Message, Answer>;
  readonly #timers: Timers;
  #run: Promise<void> | null = null;

  constructor(protocol: Protocol<Message, Answer>, timers: Timers) {
    this.#protocol = protocol;
    this.#timers = timers;
  }

  /**
   * Resolves when the protocol rests, or when `patienceMs` are over, whoever began the run that is under way and whatever
   * that waits for; then it is up to the alarm.
   */
  async run(patienceMs: number): Promise<void> {
    if (this.#protocol.messages().length === 0) return;
    this.#timers.checkUp(Date.now());
    this.#run ??= this.#loop(new Deadline(patienceMs)).finally(() => {
      this.#run = null;
    });
    await waitFor(this.#run, patienceMs, this.#timers);
  }

  get isRunning(): boolean {
    return this.#run !== null;
  }

  async #loop(deadline: Deadline): Promise<void> {
    for (let vainRounds = 0; ; ) {
      const messages = this.#protocol.messages();
      if (messages.length === 0) return;
      const answers = await Promise.all(
        messages.map(async (message) => ({ message, answer: await this.#protocol.say(message) })),
      );
      vainRounds = this.#protocol.take(answers) ? 0 : vainRounds + 1;
      if (deadline.isOver) return;
      if (vainRounds === 0) continue;
      const pauseMs = this.#protocol.pauseMs?.(vainRounds) ?? roundPauseMs(vainRounds);
      await this.#timers.pause(Math.min(pauseMs, deadline.leftMs));
    }
  }
}

/** Doubled with every round in vain, up to its bound. */
export function roundPauseMs(vainRounds: number): number {
  return backoff(vainRounds, ROUND_PAUSE_MS_MIN, ROUND_PAUSE_MS_MAX);
}
