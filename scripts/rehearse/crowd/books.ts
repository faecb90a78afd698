import type { z } from "zod";
import type { cartView } from "../../../src/contracts/cart.ts";
import type { entryView } from "../../../src/contracts/waitlist.ts";
import { RefusedOrders, SkuBooks } from "./sku-books.ts";

export type CartView = z.infer<typeof cartView>;
export type EntryView = z.infer<typeof entryView>;
export type Outage = { from: number; to: number };

/** When the service comes back, everything wakes at once, and everybody calls again: for so long nothing is in time. */
const wakeMs = 2000;

/** What callers were told, kept apart from what the service says of itself later. Times are the service's. */
export class Books {
  readonly #skus = new Map<string, SkuBooks>();
  /** Carts, as last told; each was told "held" once. */
  readonly carts = new Map<string, CartView>();
  /** The latest end that a cart was told to have while it was held. */
  readonly cartEnds = new Map<string, number>();
  /** The orders of carts whose money has to go back, for good. */
  readonly cartRefunds = new RefusedOrders();
  /** Carts that gave way to a late payment of their customer. */
  readonly supersededCarts = new Set<string>();
  /** The carts that each key of an opening was answered with. */
  readonly cartsByKey = new Map<string, Set<string>>();
  /** Keys of openings of which lines were refused: told again, they may be the same refusals. */
  readonly refusedCartKeys = new Set<string>();
  /** Lines that their customer gave back by itself. */
  readonly givenBack = new Set<string>();
  /** From when on a reservation was surely its customer's. */
  readonly sureFrom = new Map<string, number>();
  /** Places on the waitlist, as last told, and until when their customers surely stood in line. */
  readonly entries = new Map<string, EntryView>();
  readonly stoodUntil = new Map<string, number>();
  /** Calls that were given up when the connection broke. */
  givenUp = 0;
  /** When the service was killed, and when it was back. */
  readonly outages: Outage[] = [];

  /** The books of one SKU. */
  of(sku: string): SkuBooks {
    const books = this.#skus.get(sku) ?? new SkuBooks();
    this.#skus.set(sku, books);
    return books;
  }

  /** Somebody is told of a cart, at `at` at the latest. */
  tellCart(cart: CartView, at: number): CartView {
    const known = this.carts.get(cart.id);
    if (known === undefined || cart.version >= known.version) this.carts.set(cart.id, cart);
    if (cart.status === "held" && cart.expiresAt !== null) {
      const end = Date.parse(cart.expiresAt);
      this.cartEnds.set(cart.id, Math.max(end, this.cartEnds.get(cart.id) ?? 0));
      for (const { reservation, status } of cart.lines) {
        if (reservation !== null && status === "held") this.isSureFrom(reservation, at);
      }
    }
    return cart;
  }

  /** Somebody was told at `at` that this reservation is theirs. */
  isSureFrom(reservation: string, at: number): void {
    this.sureFrom.set(reservation, Math.min(at, this.sureFrom.get(reservation) ?? at));
  }

  /** Whether the service was killed and is not back yet. */
  get isAway(): boolean {
    return this.outages.at(-1)?.to === Number.POSITIVE_INFINITY;
  }

  /** For how long between two instants nobody could expect anything of the service. */
  awayMs(from: number, to: number): number {
    return this.outages.reduce(
      (sum, away) => sum + Math.max(0, Math.min(to, away.to + wakeMs) - Math.max(from, away.from)),
      0,
    );
  }
}
