import type { Clock } from "../clock.ts";
import { POSITIONS_INTERVAL_MS } from "../domain/bounds.ts";
import type { WaitlistEntry } from "../domain/model.ts";
import { positionFrameOf } from "./frames.ts";

/** Sends positions to the front of a waitlist when they have changed, at most once per interval. */
export class Positions {
  readonly #clock: Clock;
  readonly #front: () => readonly WaitlistEntry[];
  readonly #send: (customer: string, frame: string) => void;
  /** The lowest rank that came or went since the last time: positions from there on have changed. */
  #from = Number.POSITIVE_INFINITY;
  #isWaiting = false;

  /** `front` returns the entries to inform, first come first. */
  constructor(clock: Clock, front: () => readonly WaitlistEntry[], send: (customer: string, frame: string) => void) {
    this.#clock = clock;
    this.#front = front;
    this.#send = send;
  }

  /** An entry has joined the line or left it. */
  moved({ rank }: WaitlistEntry): void {
    this.#from = Math.min(this.#from, rank);
    if (!this.#isWaiting) this.#clock.start(() => this.#tell(), POSITIONS_INTERVAL_MS);
    this.#isWaiting = true;
  }

  #tell(): void {
    const from = this.#from;
    this.#from = Number.POSITIVE_INFINITY;
    this.#isWaiting = false;
    for (const [index, entry] of this.#front().entries()) {
      if (entry.rank >= from) this.#send(entry.customer, positionFrameOf({ entry, position: index + 1 }));
    }
  }
}
