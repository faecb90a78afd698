import { type Claim, type Counted, claimOf, countOf } from "../domain/allowance.ts";
import type { EventType, Sku, SkuEvent } from "../domain/model.ts";
import { dropLimit } from "../domain/try.ts";

/** What an event means for another object. Each is idempotent by the id in it. */
export type Notice =
  /** The Shopper object counts these units from now on. */
  | { to: "shopper"; drop: string; customer: string; news: Counted }
  /** The Shopper object is asked whether an offer of the waitlist may be made. */
  | { to: "grantor"; drop: string; customer: string; claim: Claim }
  /** The Cart object learns that its customer gave this line back by itself. */
  | { to: "cart"; cart: string; reservation: string };

/** A stretch of events, and what others have to be told of them. */
export interface NoticeBatch {
  upTo: number;
  notices: Notice[];
}

/** After these events a reservation may count for fewer units than were granted. */
const LESSENING: ReadonlySet<EventType> = new Set([
  "reservation.cancelled",
  "reservation.unlocked",
  "reservation.confirmed",
  "reservation.released",
  "reservation.expired",
  "reservation.returned",
] as const);

/** What others have to be told of these events. */
export function noticesOf(sku: Sku, events: readonly SkuEvent[]): Notice[] {
  return events.flatMap((event): Notice[] => {
    const { type, reservation } = event;
    if (reservation === null) return [];
    const { countedBy: drop, customer, id, cart, attempt } = reservation;
    if (type === "reservation.tried" && attempt?.purpose === "offer") {
      const limit = dropLimit(sku);
      return limit === null
        ? []
        : [{ to: "grantor", drop: limit.drop, customer, claim: claimOf(reservation, limit.limit) }];
    }
    const notices: Notice[] = [];
    if (drop !== null && LESSENING.has(type))
      notices.push({ to: "shopper", drop, customer, news: countOf(reservation) });
    if (cart !== null && event.detail?.takenOut === true) notices.push({ to: "cart", cart, reservation: id });
    return notices;
  });
}
