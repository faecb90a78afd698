import type { CartView } from "../crowd/books.ts";
import { reservationIn } from "../record/movements.ts";
import { type Check, counted, type Evidence, readable } from "./evidence.ts";

/** What a cart set aside lapses within ten seconds; the alarm that says so has one more. */
const lapseMs = 11_000;

/** Every cart that was told "held" ended whole: all of its lines sold, or none. */
export function checkCarts(evidence: Evidence): Check {
  const { books, carts, untoldCarts } = evidence;
  const statusOf = (sku: string, line: string) =>
    evidence.skus.get(sku)?.record.reservations.get(line)?.status ?? "gone";
  const offenders: string[] = [];
  const ends = new Map<string, number>();
  for (const [id, last] of books.carts) {
    const cart = carts.get(id);
    if (cart === undefined) {
      offenders.push(`${id} was held and is gone`);
      continue;
    }
    ends.set(cart.status, (ends.get(cart.status) ?? 0) + 1);
    const hasEnded = cart.status === "confirmed" || cart.status === "released" || cart.status === "expired";
    if (!hasEnded) offenders.push(`${id} is still ${cart.status}`);
    const isFinal = last.status === "confirmed" || last.status === "released";
    if (isFinal && cart.status !== last.status) offenders.push(`${id} was told ${last.status}, and is ${cart.status}`);
    if (cart.orderId !== last.orderId && last.status === "confirmed")
      offenders.push(`${id} is sold to ${cart.orderId}, not ${last.orderId}`);
    if (cart.orderId !== null && books.cartRefunds.told(id, cart.orderId) !== null)
      offenders.push(`${id} was refused for good, and then sold`);
    offenders.push(...brokenLines(cart, books.givenBack, statusOf));
  }
  // Of those nobody was told, because whoever asked gave up: each ends as if it was left alone.
  for (const [id, cart] of untoldCarts) {
    if (cart.status !== "released" && cart.status !== "expired")
      offenders.push(`${id}, never told of, is ${cart.status}`);
    offenders.push(...brokenLines(cart, books.givenBack, statusOf));
  }
  const told = [...ends].map(([status, count]) => `${readable(count)} ${status}`).join(", ");
  const figures = `${told}, ${readable(untoldCarts.size)} never told of`;
  return { promise: "every cart ended whole", figures, offenders };
}

function brokenLines(
  cart: CartView,
  givenBack: ReadonlySet<string>,
  find: (sku: string, id: string) => string,
): string[] {
  return cart.lines.flatMap(({ sku, reservation, status }) => {
    if (reservation === null || status === "refused") return [];
    const now = find(sku, reservation);
    const isGivenBack = givenBack.has(reservation);
    const fits = isGivenBack
      ? now === "released" && status === "released"
      : cart.status === "confirmed"
        ? now === "confirmed" || now === "returned"
        : now === "released" || now === "expired";
    return fits ? [] : [`${cart.id} is ${cart.status}, but its line ${reservation}, ${status} in it, is ${now}`];
  });
}

/** A cart that was told "held" stayed wholly held until its end, unless its customer gave it or a line of it back. */
export function checkCartEnds({ books, skus }: Evidence): Check {
  const offenders: string[] = [];
  // By line, not by cart: an opening that is repeated after a failure makes the cart of the same id anew.
  const cartOf = new Map<string, CartView>();
  for (const cart of books.carts.values()) {
    for (const { reservation } of cart.lines) if (reservation !== null) cartOf.set(reservation, cart);
  }
  let ended = 0;
  for (const movement of [...skus.values()].flatMap(({ record }) => record.movements)) {
    const line = reservationIn(movement)?.id ?? "";
    const cart = cartOf.get(line);
    const { id, type, time, data } = movement;
    if (cart === undefined || (type !== "reservation.expired" && type !== "reservation.released")) continue;
    ended += 1;
    const earlyMs = (books.cartEnds.get(cart.id) ?? 0) - Date.parse(time);
    const isWanted =
      type === "reservation.released" &&
      (books.givenBack.has(line) || cart.status === "released" || data.reason === "superseded");
    if (earlyMs > 0 && !isWanted) offenders.push(`${id}, ${type}, came ${earlyMs} ms before the end of ${cart.id}`);
  }
  return { promise: "carts held until their end", figures: counted(ended, "line"), offenders };
}

/** What a cart that failed had set aside was free again in time, and so was every other claim that came to nothing. */
export function checkTries({ books, carts, skus }: Evidence): Check {
  const offenders: string[] = [];
  let latest = 0;
  let tries = 0;
  const toldLines = new Set([...carts.values()].flatMap(({ lines }) => lines.map((line) => line.reservation)));
  for (const {
    record: { movements },
  } of skus.values()) {
    const since = new Map<string, number>();
    for (const movement of movements) {
      const { id: event, type, time } = movement;
      const reservation = reservationIn(movement);
      if (reservation === null) continue;
      const { id, cart } = reservation;
      if (type === "reservation.tried") since.set(id, Date.parse(time));
      // Lines of a cart that nobody was told of may have been held for a moment, but were never sold.
      const isUntold = cart !== null && !toldLines.has(id);
      if (isUntold && type === "reservation.confirmed") offenders.push(`${event} sold a line of a cart that failed`);
      const from = since.get(id);
      if (from === undefined || (type !== "reservation.cancelled" && !isUntold)) continue;
      if (type === "reservation.tried") continue;
      tries += 1;
      const tookMs = Date.parse(time) - from - books.awayMs(from, Date.parse(time));
      latest = Math.max(latest, tookMs);
      if (tookMs > lapseMs) offenders.push(`${event} was set aside for ${tookMs} ms`);
    }
    for (const [id] of since) {
      const last = movements.findLast((movement) => reservationIn(movement)?.id === id);
      if (last?.type === "reservation.tried") offenders.push(`${last.id} was never settled`);
    }
  }
  const figures = `${counted(tries, "claim")} came to nothing, given back at most ${readable(latest)} ms later`;
  return { promise: "what failed gave its units back", figures, offenders };
}
