import { reservationIn } from "../record/movements.ts";
import type { Movement } from "../record/sku-record.ts";
import { type Check, counted, type Evidence, offendersIn, readable, type SkuEvidence, sumOf } from "./evidence.ts";
import { supersededIn } from "./refunds.ts";

const expiryLateMsMax = 1000;
/** A door may repeat "sold out" for a second without asking the object again. */
const staleRefusalMs = 1000;

/** Units are neither made nor lost, and none is left where nobody can buy it. */
export function checkStock(evidence: Evidence): Check {
  const offenders = offendersIn(evidence, ({ units, books, record: { sku } }) => {
    const { stock, available, held, sold, waiting } = sku;
    const expected = units - books.unitsTakenOut;
    return [
      ...(stock === available + held + sold ? [] : [`${available} + ${held} + ${sold} is not ${stock}`]),
      ...(held === 0 ? [] : [`${held} units are still held`]),
      ...(stock === expected ? [] : [`the stock should be ${expected}, not ${stock}`]),
      ...(waiting === 0 ? [] : [`${waiting} wait, but all have left`]),
    ];
  });
  const [stock, available, held, sold] = (["stock", "available", "held", "sold"] as const).map((count) =>
    readable(sumOf(evidence, ({ record }) => record.sku[count])),
  );
  const figures = `${stock} = ${available} available + ${held} held + ${sold} sold`;
  return { promise: "no unit lost, made or stranded", figures, offenders };
}

/** What is sold is what reservations say was bought and not returned. */
export function checkSold(evidence: Evidence): Check {
  const boughtOf = ({ record }: SkuEvidence) => sum(record.reservations.values(), (one) => one.confirmedQuantity);
  const returnedOf = ({ record }: SkuEvidence) => sum(record.reservations.values(), (one) => one.returnedQuantity);
  const offenders = offendersIn(evidence, (one) => {
    const { sold } = one.record.sku;
    const [bought, returned] = [boughtOf(one), returnedOf(one)];
    return sold === bought - returned ? [] : [`${bought} - ${returned} is not ${sold}`];
  });
  const [sold, bought, returned] = [({ record }: SkuEvidence) => record.sku.sold, boughtOf, returnedOf].map((count) =>
    readable(sumOf(evidence, count)),
  );
  return {
    promise: "no unit sold twice",
    figures: `${sold} sold = ${bought} confirmed - ${returned} returned`,
    offenders,
  };
}

function sum<Item>(items: Iterable<Item>, count: (item: Item) => number): number {
  return Array.from(items, count).reduce((all, one) => all + one, 0);
}

/** Nothing was held or set aside before the opening, by the service's own clock. */
export function checkOpening({ sale, skus, journal }: Evidence): Check {
  const claims = sale.limited.flatMap((sku) =>
    (skus.get(sku)?.record.movements ?? []).filter(({ type }) => type.startsWith("reservation.")),
  );
  const offenders = claims
    .filter(({ time }) => Date.parse(time) < sale.opensAt)
    .map(({ id, time }) => `${id} at ${time}`);
  const turnedAway = journal.outcomes.get("reserve")?.get("not-open") ?? 0;
  const first = claims.reduce((least, { time }) => Math.min(least, Date.parse(time)), Number.POSITIVE_INFINITY);
  const start = claims.length === 0 ? "no claim" : `first claim ${first - sale.opensAt} ms after opening`;
  return {
    promise: "nothing before opening",
    figures: `${counted(turnedAway, "early bird")} turned away, ${start}`,
    offenders,
  };
}

/** Whoever was refused for want of stock, in a cart or alone, was refused while there really was too little. */
export function checkRefusals(evidence: Evidence): Check {
  const offenders = offendersIn(evidence, ({ books, replay }) =>
    books.stockRefusals
      .filter(({ quantity, from, to }) => {
        const promised = books.promisedUnits(from - staleRefusalMs, to);
        return leastAvailable(replay.steps, from - staleRefusalMs, to) - promised >= quantity;
      })
      .map(({ customer, quantity, to }) => `${customer} was refused ${quantity} before ${new Date(to).toISOString()}`),
  );
  const refusals = sumOf(evidence, ({ books }) => books.stockRefusals.length);
  return { promise: "no refusal while units were free", figures: counted(refusals, "refusal"), offenders };
}

/** The fewest units that were free between two instants. */
function leastAvailable(steps: SkuEvidence["replay"]["steps"], from: number, to: number): number {
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

/** Every lapsed hold, offer and line was released in time, none too early, and nothing is held for ever. */
export function checkExpiry(evidence: Evidence): Check {
  let latest = 0;
  const offenders = offendersIn(evidence, (one) => {
    const late = one.replay.expiries.map((expiry) => ({
      ...expiry,
      faultMs: expiry.lateMs - excusedMs(evidence, one, expiry),
    }));
    latest = Math.max(latest, ...late.map(({ faultMs }) => faultMs));
    const outOfTime = late.filter(({ lateMs, faultMs }) => lateMs < 0 || faultMs > expiryLateMsMax);
    return [...unswept(one), ...outOfTime.map(({ id, lateMs }) => `${id} was released ${lateMs} ms after its end`)];
  });
  const lapsed = sumOf(evidence, ({ replay }) => new Set(replay.expiries.map(({ id }) => id)).size);
  const figures = `${readable(lapsed)} lapsed, released at most ${readable(latest)} ms late`;
  return { promise: "every lapsed hold released", figures, offenders };
}

/** Holds that have not ended as they should have. */
function unswept({ record, replay }: SkuEvidence): string[] {
  const lapsed = new Set(replay.expiries.map(({ id }) => id));
  const superseded = supersededIn(record.movements);
  return [...record.reservations.values()].flatMap(({ id, status, rescued, expiresAt }) => [
    ...(status === "held" ? [`${id} is still held, though it ended at ${expiresAt}`] : []),
    ...((status === "expired" || rescued) && !lapsed.has(id) && !superseded.has(id)
      ? [`${id} lapsed without an event`]
      : []),
    ...(status === "released" && lapsed.has(id) ? [`${id} lapsed, but was released`] : []),
  ]);
}

/** For how long an expiry could not be had: while the service was away. */
function excusedMs(
  { books }: Evidence,
  { record }: SkuEvidence,
  { id, dueAt, lateMs }: SkuEvidence["replay"]["expiries"][number],
): number {
  // A line of which nobody was told while it was held may be committed after its end, when the service is back.
  const isUntold = (record.reservations.get(id)?.cart ?? null) !== null && !books.sureFrom.has(id);
  const due = isUntold ? Math.max(dueAt, committedAt(record.movements, id) ?? dueAt) : dueAt;
  return due - dueAt + books.awayMs(due, dueAt + lateMs);
}

/** When a reservation became a hold. */
function committedAt(movements: readonly Movement[], id: string): number | null {
  const held = movements.findLast((one) => one.type === "reservation.held" && reservationIn(one)?.id === id);
  return held === undefined ? null : Date.parse(held.time);
}
