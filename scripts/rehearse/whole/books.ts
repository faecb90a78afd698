import type { z } from "zod";
import type { cartView } from "../../../src/contracts/cart.ts";
import type { reservationView } from "../../../src/contracts/reservation.ts";
import type { entryView } from "../../../src/contracts/waitlist.ts";

export type CartView = z.infer<typeof cartView>;
export type ReservationView = z.infer<typeof reservationView>;
export type EntryView = z.infer<typeof entryView>;

/** What callers were told, kept apart from what the service says of itself later. */
export class WholeBooks {
  /** Single reservations, as last told. */
  readonly reservations = new Map<string, ReservationView>();
  /** Carts, as last told; each was told "held" once. */
  readonly carts = new Map<string, CartView>();
  /** The latest end that a cart was told to have while it was held. */
  readonly cartEnds = new Map<string, number>();
  /** Carts whose payment goes back, for good. */
  readonly refunds = new Set<string>();
  readonly entries = new Map<string, EntryView>();
  /** When the service was killed, and when it was back. */
  readonly outages: { from: number; to: number }[] = [];

  tellCart(cart: CartView): CartView {
    const known = this.carts.get(cart.id);
    if (known === undefined || cart.version >= known.version) this.carts.set(cart.id, cart);
    if (cart.status === "held" && cart.expiresAt !== null) {
      const end = Date.parse(cart.expiresAt);
      this.cartEnds.set(cart.id, Math.max(end, this.cartEnds.get(cart.id) ?? 0));
    }
    return cart;
  }

  tell(reservation: ReservationView): ReservationView {
    const known = this.reservations.get(reservation.id);
    if (known === undefined || reservation.version >= known.version) {
      this.reservations.set(reservation.id, reservation);
    }
    return reservation;
  }

  /** How long the service was away between two instants. */
  awayMs(from: number, to: number): number {
    return this.outages.reduce((sum, away) => sum + Math.max(0, Math.min(to, away.to) - Math.max(from, away.from)), 0);
  }
}
