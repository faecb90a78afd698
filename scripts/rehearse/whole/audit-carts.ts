import { type Check, counted, readable } from "../evidence.ts";
import type { Movement } from "../record.ts";
import type { CartView, EntryView, ReservationView } from "./books.ts";
import type { WholeEvidence } from "./evidence.ts";

/** A try lapses within ten seconds; the alarm that says so has one more. */
const lapseMs = 11_000;
const openWithinMs = 1000;

/** Every cart that was told "held" ended whole: all of its lines sold, or none. */
export function checkCarts({ books, record }: WholeEvidence): Check {
  const offenders: string[] = [];
  const ends = new Map<string, number>();
  for (const id of books.carts.keys()) {
    const cart = record.carts.get(id);
    if (cart === undefined) {
      offenders.push(`${id} was held and is gone`);
      continue;
    }
    ends.set(cart.status, (ends.get(cart.status) ?? 0) + 1);
    if (!["confirmed", "released", "expired"].includes(cart.status)) offenders.push(`${id} is still ${cart.status}`);
    if (books.refunds.has(id) && cart.status === "confirmed")
      offenders.push(`${id} was refused for good, and then sold`);
    offenders.push(...brokenLines(cart, (sku, line) => record.skus.get(sku)?.reservations.get(line)));
  }
  const figures = [...ends].map(([status, count]) => `${readable(count)} ${status}`).join(", ");
  return { promise: "every cart ended whole", figures, offenders };
}

function brokenLines(cart: CartView, find: (sku: string, id: string) => ReservationView | undefined): string[] {
  const isSold = cart.status === "confirmed";
  return cart.lines.flatMap(({ sku, reservation, status }) => {
    if (reservation === null || status === "refused") return [];
    const now = find(sku, reservation)?.status ?? "gone";
    // A release is decided when it is asked for: should the service die then, its lines end by themselves.
    const isOver = now === "released" || now === "expired";
    const fits = isSold ? now === (status === "released" ? "released" : "confirmed") : isOver;
    return fits ? [] : [`${cart.id} is ${cart.status}, but its line ${reservation} is ${now}`];
  });
}

/** No line of a cart lapsed before the end that its customer was told. */
export function checkCartEnds({ books, record }: WholeEvidence): Check {
  const offenders: string[] = [];
  let lapsed = 0;
  // By line, not by cart: an opening that is repeated after a failure makes the cart of the same id anew.
  const ends = new Map<string, number>();
  for (const { id, lines } of books.carts.values()) {
    for (const { reservation } of lines) if (reservation !== null) ends.set(reservation, books.cartEnds.get(id) ?? 0);
  }
  for (const { id, type, time, data } of allMovements(record.skus)) {
    const { id: line = "" } = (data.reservation ?? {}) as Partial<ReservationView>;
    const end = ends.get(line);
    if (type !== "reservation.expired" || end === undefined) continue;
    lapsed += 1;
    if (Date.parse(time) < end) offenders.push(`${id} lapsed ${end - Date.parse(time)} ms before its cart`);
  }
  return { promise: "no line lapsed before its cart", figures: counted(lapsed, "lapsed line"), offenders };
}

/** What a cart that failed had set aside was free again in time, and so was every other claim that came to nothing. */
export function checkTries({ books, record }: WholeEvidence): Check {
  const offenders: string[] = [];
  let latest = 0;
  let tries = 0;
  for (const { movements } of record.skus.values()) {
    const tried = new Map<string, number>();
    for (const { id, type, time, data } of movements) {
      const reservation = (data.reservation ?? { id: "" }) as ReservationView;
      if (type === "reservation.tried") tried.set(reservation.id, Date.parse(time));
      const since = tried.get(reservation.id);
      if (type !== "reservation.cancelled" || since === undefined) continue;
      tries += 1;
      const tookMs = Date.parse(time) - since - books.awayMs(since, Date.parse(time));
      latest = Math.max(latest, tookMs);
      if (tookMs > lapseMs) offenders.push(`${id} was set aside for ${tookMs} ms`);
    }
  }
  const figures = `${counted(tries, "claim")} came to nothing, given back at most ${readable(latest)} ms later`;
  return { promise: "what failed gave its units back", figures, offenders };
}

/** Offers were made in the order of joining, and nobody passed by the line. */
export function checkWaitlist({ record }: WholeEvidence): Check {
  const offenders: string[] = [];
  let offers = 0;
  for (const [sku, { movements }] of record.skus) {
    const entries = [...record.entries.values()].filter((entry) => entry.sku === sku).sort(byAge);
    const startedAt = new Map<string, number>();
    for (const { type, time, data } of movements) {
      const { id = "" } = (data.reservation ?? {}) as Partial<ReservationView>;
      if ((type === "reservation.tried" || type === "reservation.held") && !startedAt.has(id))
        startedAt.set(id, Date.parse(time));
    }
    const line = entries.map((entry) => ({
      entry,
      offeredAt: entry.reservation === null ? null : (startedAt.get(entry.reservation) ?? null),
      triedFor: triesFor(entry, movements),
    }));
    offers += line.filter(({ offeredAt }) => offeredAt !== null).length;
    offenders.push(...passedBy(line), ...jumpedTheLine(line, startedAt));
  }
  const figures = `${counted(record.entries.size, "entry").replace("entrys", "entries")}, ${counted(offers, "offer")}`;
  return { promise: "first come, first offered", figures, offenders };
}

/** From when to when units were set aside for an offer that could not be granted in time, as when the service died. */
type Span = { from: number; to: number };
type InLine = { entry: EntryView; offeredAt: number | null; triedFor: Span[] };

function triesFor({ customer }: EntryView, movements: readonly Movement[]): Span[] {
  const tried = new Map<string, number>();
  return movements.flatMap(({ type, time, data }): Span[] => {
    const reservation = (data.reservation ?? { id: "", customer: "" }) as ReservationView;
    if (reservation.customer !== customer) return [];
    if (type === "reservation.tried") tried.set(reservation.id, Date.parse(time));
    const from = tried.get(reservation.id);
    return type === "reservation.cancelled" && from !== undefined ? [{ from, to: Date.parse(time) }] : [];
  });
}

/** Whether somebody had units set aside at an instant, and so waited for no others. */
function isProvided({ triedFor }: InLine, at: number): boolean {
  return triedFor.some(({ from, to }) => from <= at && at <= to);
}

/** Those who joined later and were offered something earlier. Whoever left or was withdrawn is out of the line. */
function passedBy(line: readonly InLine[]): string[] {
  return line.flatMap((waiting, index) => {
    const { entry, offeredAt } = waiting;
    if (entry.status === "withdrawn") return [];
    const at = offeredAt ?? Number.POSITIVE_INFINITY;
    const ahead = line
      .slice(index + 1)
      .find((later) => later.offeredAt !== null && later.offeredAt < at && !isProvided(waiting, later.offeredAt));
    return ahead ? [`${entry.id} was passed by ${ahead.entry.id}`] : [];
  });
}

/** Claims that were no offers and took a unit while somebody waited who was offered one later. */
function jumpedTheLine(line: readonly InLine[], startedAt: ReadonlyMap<string, number>): string[] {
  const offers = new Set(line.map(({ entry }) => entry.reservation));
  return line.flatMap((waiting) => {
    const { entry, offeredAt } = waiting;
    if (offeredAt === null) return [];
    const joinedAt = Date.parse(entry.createdAt);
    const jumper = [...startedAt].find(
      ([id, at]) => !offers.has(id) && at > joinedAt && at < offeredAt && !isProvided(waiting, at),
    );
    return jumper ? [`${jumper[0]} got a unit while ${entry.id} waited`] : [];
  });
}

function byAge(one: EntryView, other: EntryView): number {
  return one.id < other.id ? -1 : 1;
}

/** Everybody saw all sizes open in time, versions went forward only, and all ended on the newest. */
export function checkWholeWatchers({ drop, record, watchers }: WholeEvidence): Check {
  const offenders: string[] = [];
  let latest = 0;
  for (const watcher of watchers) {
    offenders.push(...watcher.faults.map((fault) => `${watcher.name} ${fault}`));
    for (const size of drop.sizes) {
      const seenAt = watcher.openedAt.get(size);
      if (seenAt === undefined) offenders.push(`${watcher.name} never saw ${size} open`);
      else {
        const lateMs = seenAt + (drop.clock.now() - Date.now()) - drop.opensAt - drop.clock.toleranceMs;
        latest = Math.max(latest, lateMs);
        if (lateMs > openWithinMs) offenders.push(`${watcher.name} saw ${size} open ${lateMs} ms late`);
      }
      const { version } = record.skus.get(size)?.sku ?? { version: 0 };
      if (watcher.stock.get(size)?.version !== version)
        offenders.push(`${watcher.name} did not end on ${size} ${version}`);
    }
  }
  const figures = `${readable(watchers.length)} saw it at most ${Math.max(0, Math.round(latest))} ms after opening`;
  return { promise: "watchers saw all sizes open", figures, offenders };
}

function allMovements(skus: ReadonlyMap<string, { movements: Movement[] }>): Movement[] {
  return [...skus.values()].flatMap(({ movements }) => movements);
}
