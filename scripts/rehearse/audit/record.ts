import { isDeepStrictEqual } from "node:util";
import type { Reservation, SkuBooks } from "../crowd/sku-books.ts";
import type { SkuRecord } from "../record/sku-record.ts";
import { type Check, counted, type Evidence, offendersIn, type SkuEvidence, sumOf } from "./evidence.ts";
import { supersededIn } from "./refunds.ts";

/** Every success that a caller was told of is there, as told or as time has changed it since. */
export function checkAcknowledged(evidence: Evidence): Check {
  const offenders = offendersIn(evidence, (one) => {
    const { books, record } = one;
    const unkept = Array.from(books.reservations, ([id, told]) => {
      const now = record.reservations.get(id);
      if (now === undefined) return [`${id} was promised and is gone`];
      if (books.uncertain.has(id) || gaveWay(told, now, record)) return [];
      return isLater(told, now) ? [] : [`${differenceOf(told, now)} (told, object)`];
    });
    return [...books.contradictions, ...unkept.flat(), ...wrongRefunds(one), ...wrongChanges(books, record)];
  });
  const changes = sumOf(evidence, ({ books }) => books.changes.size);
  const told = sumOf(evidence, ({ books }) => books.reservations.size);
  const figures = `${counted(changes, "change")} of ${counted(told, "reservation")}`;
  return { promise: "what was promised is there", figures, offenders };
}

/** Whether a hold has given way to an earlier claim of its customer since it was told of. */
function gaveWay(told: Reservation, now: Reservation, { movements }: SkuRecord): boolean {
  if (!supersededIn(movements).has(told.id) || now.version <= told.version) return false;
  return isDeepStrictEqual({ ...told, status: "released", refunds: now.refunds, version: now.version }, now);
}

/** Changes that the record shows otherwise than a caller was told. */
function wrongChanges({ changes }: SkuBooks, { movements }: SkuRecord): string[] {
  const moved = new Map(movements.map(({ sequence, data }) => [sequence, data.reservation]));
  return [...changes].flatMap(([version, told]) => {
    const shown = moved.get(version);
    // Metadata is told by the event that sets it only.
    const whole = shown === undefined ? told : { metadata: told.metadata, ...Object(shown) };
    return isDeepStrictEqual(whole, told) ? [] : [`version ${version} was told otherwise`];
  });
}

/** There is no reservation that nobody was told of: none alone, none in a cart, none of the waitlist. */
export function checkNothingElse(evidence: Evidence): Check {
  const lines = [...evidence.carts.values()].flatMap((cart) => cart.lines.map(({ reservation }) => reservation));
  const offers = new Set(Array.from(evidence.entries.values(), ({ reservation }) => reservation));
  const known = new Set([...lines, ...offers]);
  const offenders = offendersIn(evidence, ({ books, record }) =>
    // Lines of a cart that failed while it was being held were never told of, and have to be given back: see the carts.
    record.rows
      .filter(({ id, cart }) => !books.reservations.has(id) && !known.has(id) && cart === null)
      .map(({ id, customer, status }) => `${id} of ${customer}, ${status}, was never asked for`),
  );
  const figures = counted(
    sumOf(evidence, ({ record }) => record.rows.length),
    "reservation",
  );
  return { promise: "and nothing else is", figures, offenders };
}

/** D1 says of every SKU and every reservation what its object says. */
export function checkD1(evidence: Evidence): Check {
  const offenders = offendersIn(evidence, ({ record: { rows, reservations, sku, skuRow, caughtUp } }) => {
    const found = caughtUp ? [] : ["D1 has not caught up in time"];
    if (skuRow === null) found.push(`D1 has no SKU ${sku.sku}`);
    else if (!isDeepStrictEqual(skuRow, sku)) found.push(`${differenceOf(skuRow, sku)} (D1, object)`);
    for (const row of rows) {
      const now = reservations.get(row.id);
      if (now === undefined) found.push(`${row.id} is in D1 only`);
      else if (!isDeepStrictEqual(row, now)) found.push(`${differenceOf(row, now)} (D1, object)`);
    }
    const inD1 = new Set(rows.map(({ id }) => id));
    return [...found, ...[...reservations.keys()].filter((id) => !inD1.has(id)).map((id) => `${id} is not in D1`)];
  });
  const rows = sumOf(evidence, ({ record }) => record.rows.length);
  const figures = `${counted(evidence.skus.size, "SKU")}, ${counted(rows, "row")} compared`;
  return { promise: "D1 equals the objects", figures, offenders };
}

/** The record of every SKU adds up to its counts, which never were below zero, and ends at its version. */
export function checkMovements(evidence: Evidence): Check {
  const offenders = offendersIn(evidence, ({ record: { sku, movements }, replay }) => {
    const wrong = (["stock", "held", "sold"] as const).filter((count) => replay.counts[count] !== sku[count]);
    const last = movements.at(-1)?.sequence ?? 0;
    return [
      ...replay.impossible,
      ...wrong.map((count) => `${count} sums to ${replay.counts[count]}, not ${sku[count]}`),
      ...(last > sku.version ? [`movement ${last} is past version ${sku.version}`] : []),
    ];
  });
  const moved = sumOf(evidence, ({ record }) => record.movements.length);
  const others = sumOf(evidence, ({ record }) => record.sku.version) - moved;
  const figures = `${counted(moved, "movement")}, ${counted(others, "other event")}`;
  return { promise: "the record is complete", figures, offenders };
}

/** Every order that was refused for good is an event, and only one, stays refused, and no other order is. */
function wrongRefunds({ books: { refunds }, record, feed }: SkuEvidence): string[] {
  const written = feed.flatMap(({ type, data: { reservation, refund } }) =>
    type === "reservation.refund_required" ? `${Object(reservation).id} ${Object(refund).orderId}` : [],
  );
  const told = new Set(refunds.all().map(({ id, orderId }) => `${id} ${orderId}`));
  const twice = written.filter((order, index) => written.indexOf(order) < index);
  const silent = [...told].filter((order) => !written.includes(order));
  const sold = refunds.all().filter(({ id, orderId }) => record.reservations.get(id)?.orderId === orderId);
  return [
    ...twice.map((order) => `the refund of ${order} was written twice`),
    ...silent.map((order) => `the refund of ${order} was not written`),
    ...sold.map(({ id, orderId }) => `${orderId} was refused for good, and then ${id} was sold to it`),
  ];
}

/** Whether `now` is what was told, or a hold that has lapsed since, perhaps with a refund on top. */
function isLater(told: Reservation, now: Reservation): boolean {
  if (isDeepStrictEqual(told, now)) return true;
  if (isDeepStrictEqual({ ...told, refunds: now.refunds, version: now.version }, now))
    return now.version > told.version;
  const canLapse = told.status === "held" || told.status === "expired";
  const lapsed: Reservation = { ...told, status: "expired", refunds: now.refunds, version: now.version };
  return canLapse && now.version > told.version && isDeepStrictEqual(lapsed, now);
}

/** "…: status held/expired": the members in which two views of one thing differ. */
export function differenceOf<View extends { id: string } | { sku: string }>(one: View, other: View): string {
  const name = "id" in one ? one.id : one.sku;
  const members = Object.keys(one) as (keyof View)[];
  const different = members.filter((member) => !isDeepStrictEqual(one[member], other[member]));
  const values = different.map((member) => {
    return `${String(member)} ${JSON.stringify(one[member])} / ${JSON.stringify(other[member])}`;
  });
  return `${name}: ${values.join(", ")}`;
}
