import { supersededIn } from "./audit-refunds.ts";
import { type Check, counted, type Evidence, readable } from "./evidence.ts";
import type { SkuRecord } from "./record.ts";
import { liveUnits } from "./replay.ts";

/** What a check of any one SKU looks at. */
type PartOf<Member extends keyof Evidence> = Pick<Evidence, Member> & { record: SkuRecord };

const expiryLateMsMax = 1000;
/** A door may repeat "sold out" for a second without asking the object again. */
const staleRefusalMs = 1000;

/** Units are neither made nor lost. */
export function checkStock({ drop, books, record }: PartOf<"books"> & { drop: { stock: number } }): Check {
  const { stock, available, held, sold } = record.sku;
  const offenders: string[] = [];
  if (stock !== available + held + sold) offenders.push(`${available} + ${held} + ${sold} is not ${stock}`);
  if (held > 0) offenders.push(`${held} units are still held`);
  const expected = drop.stock - books.unitsTakenOut;
  if (stock !== expected) offenders.push(`the stock should be ${expected}, not ${stock}`);
  const figures = `${readable(stock)} = ${readable(available)} available + ${held} held + ${readable(sold)} sold`;
  return { promise: "no unit lost or made", figures, offenders };
}

/** What is sold is what reservations say was bought and not returned. */
export function checkSold({ record }: PartOf<never>): Check {
  let confirmed = 0;
  let returned = 0;
  for (const { confirmedQuantity, returnedQuantity } of record.reservations.values()) {
    confirmed += confirmedQuantity;
    returned += returnedQuantity;
  }
  const { sold } = record.sku;
  const offenders = sold === confirmed - returned ? [] : [`${confirmed} - ${returned} is not ${sold}`];
  const figures = `${readable(sold)} sold = ${readable(confirmed)} confirmed - ${readable(returned)} returned`;
  return { promise: "no unit sold twice", figures, offenders };
}

/** Nobody had more than the limit at any time, as the record and the object count it. */
export function checkLimit({ drop, record, replay }: Evidence): Check {
  const limit = drop.terms.perCustomerLimit;
  const units = new Map<string, number>();
  for (const reservation of record.reservations.values()) {
    const live = liveUnits(reservation, Date.parse(record.sku.updatedAt));
    units.set(reservation.customer, (units.get(reservation.customer) ?? 0) + live);
  }
  const over = [...units].filter(([, count]) => count > limit).map(([customer, count]) => `${customer} has ${count}`);
  const miscounted = [...record.unitsByCustomer]
    .filter(([customer, count]) => count !== (units.get(customer) ?? 0))
    .map(([customer, count]) => `${customer} has ${units.get(customer) ?? 0}, but the object counts ${count}`);
  const most = Math.max(0, ...units.values());
  const figures = `${counted(units.size, "holder")}, at most ${most} of ${limit} units each`;
  return { promise: "no customer over the limit", figures, offenders: [...replay.overLimit, ...over, ...miscounted] };
}

/** Nothing was held before the opening, by the service's own clock. */
export function checkOpening({ drop, record, journal }: Evidence): Check {
  const held = record.movements.filter(({ type }) => type === "reservation.held");
  const early = held.filter(({ time }) => Date.parse(time) < drop.opensAt).map(({ id, time }) => `${id} at ${time}`);
  const turnedAway = journal.outcomes.get("reserve")?.get("not-open") ?? 0;
  const first = held[0] ? `first hold ${Date.parse(held[0].time) - drop.opensAt} ms after opening` : "no hold";
  return {
    promise: "nothing before opening",
    figures: `${counted(turnedAway, "early bird")} turned away, ${first}`,
    offenders: early,
  };
}

/** Every lapsed hold was released in time, and nothing is held for ever. While the service was away nobody could. */
export function checkExpiry(
  { record, replay }: PartOf<"replay">,
  excusedMs: (id: string, from: number, to: number) => number = () => 0,
): Check {
  const lapsed = new Set(replay.expiries.map(({ id }) => id));
  const superseded = supersededIn(record.movements);
  const offenders: string[] = [];
  for (const { id, status, rescued, expiresAt } of record.reservations.values()) {
    if (status === "held") offenders.push(`${id} is still held, though it ended at ${expiresAt}`);
    if ((status === "expired" || rescued) && !lapsed.has(id) && !superseded.has(id))
      offenders.push(`${id} lapsed without an event`);
    if (status === "released" && lapsed.has(id)) offenders.push(`${id} lapsed, but was released`);
  }
  let latest = 0;
  for (const { id, dueAt, lateMs } of replay.expiries) {
    const atFault = lateMs - excusedMs(id, dueAt, dueAt + lateMs);
    latest = Math.max(latest, atFault);
    if (lateMs < 0 || atFault > expiryLateMsMax) offenders.push(`${id} was released ${lateMs} ms after its end`);
  }
  const figures = `${readable(lapsed.size)} lapsed, released at most ${readable(latest)} ms late`;
  return { promise: "every lapsed hold released", figures, offenders };
}

/** Whoever was refused for want of stock was refused while there really was too little. */
export function checkFairness({ books, replay }: Pick<Evidence, "books" | "replay">): Check {
  const offenders = books.stockRefusals
    .filter(({ quantity, from, to }) => leastAvailable(replay.steps, from - staleRefusalMs, to) >= quantity)
    .map(({ customer, quantity, to }) => `${customer} was refused ${quantity} before ${new Date(to).toISOString()}`);
  const figures = counted(books.stockRefusals.length, "refusal");
  return { promise: "no refusal while units were free", figures, offenders };
}

/** The fewest units that were free between two instants. */
function leastAvailable(steps: Evidence["replay"]["steps"], from: number, to: number): number {
  const next = steps.findIndex(({ time }) => time >= from);
  const first = next === -1 ? steps.length - 1 : Math.max(0, next - 1);
  let least = Number.POSITIVE_INFINITY;
  for (let index = first; index < steps.length; index++) {
    const step = steps[index];
    if (step === undefined || (index > first && step.time > to)) break;
    least = Math.min(least, step.available);
  }
  return least;
}
