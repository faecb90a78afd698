import type { Cart, CartLine, Reservation } from "../../client/client.ts";
import type { LiveNews } from "../../client/live.ts";

/** The visitor's part of one SKU: holds, purchases and a waitlist entry. */
export interface Own {
  reservations: readonly Reservation[];
  /** Id of the newest entry; its state is known to the waitlist store that follows it. */
  place: string | null;
  /** When all of it was last reported, by the service's clock. */
  toldAtMs: number;
}

export type OwnBySku = Readonly<Record<string, Own>>;

const NOTHING: Own = { reservations: [], place: null, toldAtMs: 0 };

/** The visitor's part after a piece of news. */
export function ownAfter(own: OwnBySku, news: LiveNews, nowMs: number): OwnBySku {
  if (news.type === "snapshot") {
    const { sku, reservations, waitlist } = news;
    // An ended entry is in no snapshot, and how it ended is still worth showing.
    return { ...own, [sku]: { reservations, place: waitlist?.id ?? own[sku]?.place ?? null, toldAtMs: nowMs } };
  }
  if (news.type === "reservation") {
    const { reservation } = news;
    const before = own[reservation.sku] ?? NOTHING;
    const others = before.reservations.filter(({ id }) => id !== reservation.id);
    return { ...own, [reservation.sku]: { ...before, reservations: [reservation, ...others] } };
  }
  if (news.type === "waitlist") return withPlace(own, news.entry);
  return own;
}

/** Adds an entry that was just joined. */
export function withPlace(own: OwnBySku, { sku, id }: { sku: string; id: string }): OwnBySku {
  return { ...own, [sku]: { ...(own[sku] ?? NOTHING), place: id } };
}

/** The visitor's newest held or bought cart, if it was opened after this instant. */
export function cartIn(own: OwnBySku, after = ""): string | null {
  const lines = Object.values(own)
    .flatMap(({ reservations }) => reservations)
    .filter(({ cart, status }) => cart !== null && (status === "held" || status === "confirmed"))
    .filter(({ createdAt }) => createdAt > after)
    .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
  return lines[0]?.cart ?? null;
}

/** Bought reservations of these SKUs that are not fully returned. */
export function boughtIn(own: OwnBySku, skus: readonly string[]): Reservation[] {
  return skus.flatMap((sku) => own[sku]?.reservations ?? []).filter(isBought);
}

/** The same without those of one cart, grouped by cart. */
export function ordersBeside(
  cart: string | null,
  own: OwnBySku,
  skus: readonly string[],
): [Reservation, ...Reservation[]][] {
  const orders = new Map<string, [Reservation, ...Reservation[]]>();
  for (const bought of boughtIn(own, skus)) {
    const name = bought.cart ?? bought.id;
    const order = orders.get(name);
    if (order !== undefined) order.push(bought);
    else if (name !== cart) orders.set(name, [bought]);
  }
  return [...orders.values()];
}

/** Whether the visitor holds one of this SKU. */
export function isHeldIn(own: OwnBySku, sku: string): boolean {
  return (own[sku]?.reservations ?? []).some(({ status }) => status === "held");
}

/** The lines of a cart that are held, or bought and not known to be returned. */
export function linesLeft(cart: Cart, own: OwnBySku): CartLine[] {
  return cart.lines.filter((line) => {
    return line.status === "held" || (line.status === "confirmed" && !isReturned(line, cart, own[line.sku]));
  });
}

/** A cart does not show later returns. Its SKU does, but only news from after the cart's opening counts. */
function isReturned({ reservation }: CartLine, { createdAt }: Cart, own: Own | undefined): boolean {
  const found = own?.reservations.find(({ id }) => id === reservation);
  if (found === undefined) return own !== undefined && own.toldAtMs > Date.parse(createdAt);
  return found.status === "returned" || (found.status === "confirmed" && !isBought(found));
}

function isBought({ status, confirmedQuantity, returnedQuantity }: Reservation): boolean {
  return status === "confirmed" && confirmedQuantity > returnedQuantity;
}
