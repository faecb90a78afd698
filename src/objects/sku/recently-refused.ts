import { REFUSED_REMEMBERED_MAX, REFUSED_REMEMBERED_MS } from "../../domain/bounds.ts";

/** Customers that a limit refused recently, in memory only. */
export class RecentlyRefused {
  /** When each was last refused, earliest first. */
  readonly #refusedAt = new Map<string, number>();

  add(customer: string, now: number): void {
    this.#refusedAt.delete(customer);
    this.#refusedAt.set(customer, now);
    for (const [oldest, at] of this.#refusedAt) {
      if (this.#refusedAt.size <= REFUSED_REMEMBERED_MAX && isFresh(at, now)) break;
      this.#refusedAt.delete(oldest);
    }
  }

  forget(customer: string): void {
    this.#refusedAt.delete(customer);
  }

  has(customer: string, now: number): boolean {
    const at = this.#refusedAt.get(customer);
    return at !== undefined && isFresh(at, now);
  }

  get isEmpty(): boolean {
    return this.#refusedAt.size === 0;
  }
}

/** A time from a clock that was ahead does not count. */
function isFresh(at: number, now: number): boolean {
  return at <= now && now < at + REFUSED_REMEMBERED_MS;
}
