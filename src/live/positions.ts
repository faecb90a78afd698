import { POSITIONS_INTERVAL_MS } from "../domain/bounds.ts";
import type { WaitlistEntry } from "../domain/model.ts";
import { positionFrameOf } from "./frames.ts";

/** Tells those at the front of a waitlist where they stand, when that has changed, and not all the time. */
export class Positions {
  readonly #front: () => readonly WaitlistEntry[];
  readonly #send: (customer: string, frame: string) => void;
  #told = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `front` are those who are told, first come first. */
  constructor(front: () => readonly WaitlistEntry[], send: (customer: string, frame: string) => void) {
    this.#front = front;
    this.#send = send;
  }

  /** The line has moved. */
  moved(): void {
    this.#timer ??= setTimeout(() => this.#tell(), POSITIONS_INTERVAL_MS);
  }

  #tell(): void {
    this.#timer = null;
    const told = new Map<string, number>();
    for (const [index, entry] of this.#front().entries()) {
      const position = index + 1;
      told.set(entry.id, position);
      if (this.#told.get(entry.id) !== position) this.#send(entry.customer, positionFrameOf({ entry, position }));
    }
    this.#told = told;
  }
}
