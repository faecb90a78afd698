import { hashOf } from "../../domain/hash.ts";
import { KNOWN_CUSTOMERS_MAX } from "../../domain/isolate-memory.ts";
import type { SkuEvent } from "../../domain/model.ts";

/**
 * Hashes of all customers with units of this SKU, and of all who gave some back. Read once when somebody asks, then kept up with
 * every commit; a customer who has nothing any more stays, for it does no harm.
 */
export class KnownCustomers {
  readonly #read: (limit: number) => string[];
  #hashes: Set<number> | null = null;
  #sorted: Uint32Array | null = null;
  #areTooMany = false;

  /** `read` returns the customers that are known now, at most `limit`. */
  constructor(read: (limit: number) => string[]) {
    this.#read = read;
  }

  /** The hashes in ascending order; null: there are, or once were, more than KNOWN_CUSTOMERS_MAX. */
  hashes(): Uint32Array | null {
    if (this.#hashes === null) {
      const customers = this.#read(KNOWN_CUSTOMERS_MAX + 1);
      this.#areTooMany = customers.length > KNOWN_CUSTOMERS_MAX;
      this.#hashes = new Set(this.#areTooMany ? [] : customers.map(hashOf));
    }
    if (this.#areTooMany) return null;
    this.#sorted ??= Uint32Array.from(this.#hashes).sort();
    return this.#sorted;
  }

  /** Whoever these events are about is known from now on. */
  committed(events: readonly SkuEvent[]): void {
    const hashes = this.#hashes;
    if (hashes === null || this.#areTooMany) return;
    for (const { reservation, entry } of events) {
      const customer = reservation?.customer ?? entry?.customer;
      if (customer === undefined) continue;
      const before = hashes.size;
      hashes.add(hashOf(customer));
      if (hashes.size > before) this.#sorted = null;
    }
    this.#areTooMany = hashes.size > KNOWN_CUSTOMERS_MAX;
  }
}
