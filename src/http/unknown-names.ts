import { hasPassed } from "../domain/elapsed.ts";
import { UNKNOWN_NAME_MS, UNKNOWN_NAMES_MAX } from "../domain/isolate-memory.ts";
import { remember } from "./remember.ts";

/**
 * Names that this isolate knows not to exist. Anonymous callers get that answer again without a look, so that nobody can wake
 * objects for nothing; a name that is created in this isolate is removed at once.
 */
export class UnknownNames {
  /** When each was found missing, oldest first. */
  readonly #metAt = new Map<string, number>();

  has(name: string, now: number): boolean {
    const metAt = this.#metAt.get(name);
    return metAt !== undefined && !hasPassed(metAt, UNKNOWN_NAME_MS, now);
  }

  add(name: string, now: number): void {
    remember(this.#metAt, name, now, UNKNOWN_NAMES_MAX);
  }

  forget(name: string): void {
    this.#metAt.delete(name);
  }

  /** What `look` finds under a name; null if there is nothing, or if nothing was found a moment ago and the caller is anonymous. */
  async find<Found>(name: string, isAnonymous: boolean, look: () => Promise<Found | null>): Promise<Found | null> {
    if (isAnonymous && this.has(name, Date.now())) return null;
    const found = await look();
    if (found === null) this.add(name, Date.now());
    return found;
  }
}

export const unknownSkus = new UnknownNames();
export const unknownDrops = new UnknownNames();
