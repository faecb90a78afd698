import type { Cart, CartLine, Reservation } from "../../client/client.ts";
import type { LiveNews } from "../../client/live.ts";

/** What of one SKU is the visitor's: holds and purchases, and a place on the waitlist. */
export interface Own {
  reservations: readonly Reservation[];
  /** The newest place's id: how it stands, and what became of it, is known to whoever follows it. */
  place: string | null;
  /** When all of it was told the last time, by the service's clock. */
  toldAtMs: number;
}

export type OwnBySku = Readonly<Record<string, Own>>;

const NOTHING: Own = { reservations: [], place: null, toldAtMs: 0 };

/** What is the visitor's after a piece of news. */
export function ownAfter(own: OwnBySku, news: LiveNews, nowMs: number): OwnBySku {
  if (news.type === "snapshot") {
    const { sku, reservations, waitlist } = news;
    // A place that has come to its end is in no snapshot, and what became of it is still worth telling.
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

/** With a place that was just taken. */
export function withPlace(own: OwnBySku, { sku, id }: { sku: string; id: string }): OwnBySku {
  return { ...own, [sku]: { ...(own[sku] ?? NOTHING), place: id } };
}

/** The visitor's newest cart that is held or bought, if it was opened after this instant. */
export function cartIn(own: OwnBySku, after = ""): string | null {
  const lines = Object.values(own)
    .flatMap(({ reservations }) => reservations)
    .filter(({ cart, status }) => cart !== null && (status === "held" || status === "confirmed"))
    .filter(({ createdAt }) => createdAt > after)
    .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
  return lines[0]?.cart ?? null;
}

/** Reservations of these SKUs that are bought, and not wholly returned. */
export function boughtIn(own: OwnBySku, skus: readonly string[]): Reservation[] {
  return skus.flatMap((sku) => own[sku]?.reservations ?? []).filter(isBought);
}

/** The same without those of one cart, together where they were bought together. */
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

/** Whether one of this SKU is held for the visitor. */
export function isHeldIn(own: OwnBySku, sku: string): boolean {
  return (own[sku]?.reservations ?? []).some(({ status }) => status === "held");
}

/** The lines of a cart that are held, or bought and, as far as is known, not returned since. */
export function linesLeft(cart: Cart, own: OwnBySku): CartLine[] {
  return cart.lines.filter((line) => {
    return line.status === "held" || (line.status === "confirmed" && !isReturned(line, cart, own[line.sku]));
  });
}

/** A cart does not say what was returned later. Its SKU does, and what was told before the cart was opened is no evidence. */
function isReturned({ reservation }: CartLine, { createdAt }: Cart, own: Own | undefined): boolean {
  const found = own?.reservations.find(({ id }) => id === reservation);
  if (found === undefined) return own !== undefined && own.toldAtMs > Date.parse(createdAt);
  return found.status === "returned" || (found.status === "confirmed" && !isBought(found));
}

function isBought({ status, confirmedQuantity, returnedQuantity }: Reservation): boolean {
  return status === "confirmed" && confirmedQuantity > returnedQuantity;
}
