import { POSITIONS_INTERVAL_MS } from "../domain/bounds.ts";
import type { WaitlistEntry } from "../domain/model.ts";
import { positionFrameOf } from "./frames.ts";

/** Tells those at the front of a waitlist where they stand, when that has changed, and not all the time. */
export class Positions {
  readonly #front: () => readonly WaitlistEntry[];
  readonly #send: (customer: string, frame: string) => void;
  /** The lowest rank that has come or gone since the last time: places from there on are new, those before it are not. */
  #from = Number.POSITIVE_INFINITY;
  #timer: { id: ReturnType<typeof setTimeout>; since: number } | null = null;

  /** `front` are those who are told, first come first. */
  constructor(front: () => readonly WaitlistEntry[], send: (customer: string, frame: string) => void) {
    this.#front = front;
    this.#send = send;
  }

  /** An entry has joined the line or left it. */
  moved({ rank }: WaitlistEntry): void {
    this.#from = Math.min(this.#from, rank);
    const now = Date.now();
    // One of a clock that was set back since would not fire for long.
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
