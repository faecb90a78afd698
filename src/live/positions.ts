import { POSITIONS_INTERVAL_MS } from "../domain/bounds.ts";
import type { WaitlistEntry } from "../domain/model.ts";
import { positionFrameOf } from "./frames.ts";

/** Sends positions to the front of a waitlist when they have changed, at most once per interval. */
export class Positions {
  readonly #front: () => readonly WaitlistEntry[];
  readonly #send: (customer: string, frame: string) => void;
  /** The lowest rank that came or went since the last time: positions from there on have changed. */
  #from = Number.POSITIVE_INFINITY;
  #timer: { id: ReturnType<typeof setTimeout>; since: number } | null = null;

  /** `front` returns the entries to inform, first come first. */
  constructor(front: () => readonly WaitlistEntry[], send: (customer: string, frame: string) => void) {
    this.#front = front;
    this.#send = send;
  }

  /** An entry has joined the line or left it. */
  moved({ rank }: WaitlistEntry): void {
    this.#from = Math.min(this.#from, rank);
    const now = Date.now();
    // A timer from before the clock was set back would fire far too late.
    if (this.#timer !== null && now < this.#timer.since) this.#rest();
    this.#timer ??= { id: setTimeout(() => this.#tell(), POSITIONS_INTERVAL_MS), since: now };
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer.id);
    this.#timer = null;
  }

  #tell(): void {
    const from = this.#from;
    this.#from = Number.POSITIVE_INFINITY;
    this.#rest();
    for (const [index, entry] of this.#front().entries()) {
      if (entry.rank >= from) this.#send(entry.customer, positionFrameOf({ entry, position: index + 1 }));
    }
  }
}
