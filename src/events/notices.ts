import { type CountedClaim, countOf } from "../domain/allowance.ts";
import type { LoanEnd } from "../domain/cart-loan.ts";
import { rescueName } from "../domain/lend.ts";
import type { Tried } from "../domain/limit-claims.ts";
import type { EventType, Lender, Reservation, Sku, SkuEvent } from "../domain/model.ts";
import { dropLimit } from "../domain/stock.ts";

/** What an event means for another object. Each notice is idempotent by the id in it. */
export type Notice =
  /** The Allowance object counts these units from now on. */
  | { to: "allowance"; allowance: string; news: CountedClaim }
  /** The limit is asked whether an offer of the waitlist may be made. */
  | { to: "limit"; offer: Tried }
  /** The Cart object learns that its customer gave this line back, or that the line expired by its SKU's clock. */
  | { to: "cart"; cart: string; reservation: string; what: "taken-out" | "lapsed" }
  /** A lender learns the outcome of the late payment that it lent to. */
  | { to: "lender"; lender: Lender; end: LoanEnd };

/** A range of events, and the notices that follow from them. */
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

/** Event types that can concern another object. Most events in a rush cannot, and must not delay those that do. */
export const NOTICED: readonly EventType[] = ["reservation.tried", ...LESSENING];

/** The notices for other objects that follow from these events. */
export function noticesOf(sku: Sku, events: readonly SkuEvent[]): Notice[] {
  return events.flatMap((event): Notice[] => {
    const { type, reservation } = event;
    if (reservation === null) return [];
    const { countedBy: allowance, id, cart, attempt } = reservation;
    if (type === "reservation.tried" && attempt?.purpose === "offer") {
      return [{ to: "limit", offer: { reservation, limit: dropLimit(sku), by: "offer" } }];
    }
    const notices: Notice[] = [];
    const news = countOf(reservation);
    // A full sale counts the same as the hold did.
    const isLess = type !== "reservation.confirmed" || news.units < reservation.quantity;
    if (allowance !== null && LESSENING.has(type) && isLess) notices.push({ to: "allowance", allowance, news });
    notices.push(...lenderNotices(reservation, event.detail));
    if (cart !== null && event.detail?.takenOut === true) {
      notices.push({ to: "cart", cart, reservation: id, what: "taken-out" });
    }
    if (cart !== null && type === "reservation.expired") {
      notices.push({ to: "cart", cart, reservation: id, what: "lapsed" });
    }
    return notices;
  });
}

/** Claims of the same SKU that gave way need no notice. */
function lenderNotices(reservation: Reservation, detail: SkuEvent["detail"]): Notice[] {
  const rescue = rescueName(reservation);
  return (["restored", "superseded"] as const).flatMap((word) => {
    const lenders = (detail?.[word] ?? []) as Lender[];
    const others = lenders.filter((lender) => "cart" in lender || lender.sku !== reservation.sku);
    const end: LoanEnd = {
      rescue,
      serial: Number(detail?.serial ?? 0),
      fate: word === "restored" ? "restore" : "supersede",
    };
    return others.map((lender): Notice => ({ to: "lender", lender, end }));
  });
}
