import { backoff } from "../../domain/backoff.ts";
import { ROUND_PAUSE_MS_MAX, ROUND_PAUSE_MS_MIN } from "../../domain/bounds.ts";
import { Deadline } from "./deadline.ts";
import { waitFor } from "./timeout.ts";
import type { Timers } from "./timers.ts";

/** A protocol whose messages follow from its state alone, so that it can be resumed at any point. */
export interface Protocol<Message, Answer> {
  /** The messages to send now; none: it has come to rest. */
  messages(): Message[];
  /** Sends a message. Never rejects: a missing answer is an answer too. */
  say(message: Message): Promise<Answer>;
  /** Applies the answers of a round, and stores what they decided; false if they made no progress. */
  take(answers: readonly { message: Message; answer: Answer }[]): boolean;
  /** Pause before the next round after this many rounds without progress; by default it doubles. */
  pauseMs?(vainRounds: number): number;
}

/** Runs a protocol in rounds, one run at a time: concurrent callers wait for the run in progress. */
export class ProtocolRunner<Message, Answer> {
  readonly #protocol: Protocol<Message, Answer>;
  readonly #timers: Timers;
  #run: Promise<void> | null = null;

  constructor(protocol: Protocol<Message, Answer>, timers: Timers) {
    this.#protocol = protocol;
    this.#timers = timers;
  }

  /**
   * Resolves when the protocol rests, or after `patienceMs`, whoever began the run and whatever it waits for; then the alarm
   * continues it.
   */
  async run(patienceMs: number): Promise<void> {
    const deadline = new Deadline(patienceMs, this.#timers);
    // A run that somebody else began may end with that caller's patience.
    while (this.#protocol.messages().length > 0 && !deadline.isOver) {
      this.#timers.checkUp(this.#timers.now());
      this.#run ??= this.#loop(new Deadline(deadline.leftMs, this.#timers)).finally(() => {
        this.#run = null;
      });
      await waitFor(this.#run, deadline.leftMs, this.#timers);
    }
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

/** Doubles with every round without progress, up to its bound. */
export function roundPauseMs(vainRounds: number): number {
  return backoff(vainRounds, ROUND_PAUSE_MS_MIN, ROUND_PAUSE_MS_MAX);
}
