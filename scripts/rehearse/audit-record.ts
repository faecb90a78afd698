import { isDeepStrictEqual } from "node:util";
import type { Books, Reservation } from "./books.ts";
import { type Check, counted, type Evidence } from "./evidence.ts";
import type { SkuRecord } from "./record.ts";
import type { Step } from "./replay.ts";

/** Every success that a caller was told of is there, as told or as time has changed it since. */
export function checkAcknowledged({ books, record }: { books: Books; record: SkuRecord }): Check {
  const offenders = [...books.contradictions];
  for (const [id, told] of books.reservations) {
    const now = record.reservations.get(id);
    if (now === undefined) offenders.push(`${id} was promised and is gone`);
    else if (!isLater(told, now)) offenders.push(`${differenceOf(told, now)} (told, object)`);
  }
  offenders.push(...wrongRefunds(books, record));
  const moved = new Map(record.movements.map(({ sequence, data }) => [sequence, data.reservation]));
  for (const [version, told] of books.changes) {
    const shown = moved.get(version);
    // Metadata is told by the event that sets it only.
    const whole = shown === undefined ? told : { metadata: told.metadata, ...Object(shown) };
    if (!isDeepStrictEqual(whole, told)) offenders.push(`version ${version} was told otherwise`);
  }
  const figures = `${counted(books.changes.size, "change")} of ${counted(books.reservations.size, "reservation")}`;
  return { promise: "what was promised is there", figures, offenders };
}

/** There is no reservation, and no change of one, that no caller was told of. */
export function checkNothingElse({ books, record, replay }: Evidence): Check {
  const offenders = record.rows
    .filter(({ id }) => !books.reservations.has(id))
    .map(({ id, customer }) => `${id} of ${customer} was never asked for`);
  const silent = new Set(["reservation.expired"]);
  for (const { id, sequence, type, data } of record.movements) {
    // Whose claim gave way is told so live: its watchers are audited.
    if (data.reason === "superseded") continue;
    if (type.startsWith("reservation.") && !silent.has(type) && !books.changes.has(sequence)) {
      offenders.push(`${id}, ${type}, was never answered`);
    }
  }
  const figures = counted(replay.reservations.size, "reservation");
  return { promise: "and nothing else is", figures, offenders };
}

/** D1 says of every row what the object says. */
export function checkD1({ record }: { record: SkuRecord }): Check {
  const { rows, reservations, sku, skuRow, caughtUp } = record;
  const offenders = caughtUp ? [] : ["D1 has not caught up in time"];
  if (skuRow === null) offenders.push(`D1 has no SKU ${sku.sku}`);
  else if (!isDeepStrictEqual(skuRow, sku)) offenders.push(`${differenceOf(skuRow, sku)} (D1, object)`);
  for (const row of rows) {
    const now = reservations.get(row.id);
    if (now === undefined) offenders.push(`${row.id} is in D1 only`);
    else if (!isDeepStrictEqual(row, now)) offenders.push(`${differenceOf(row, now)} (D1, object)`);
  }
  const inD1 = new Set(rows.map(({ id }) => id));
  for (const id of reservations.keys()) if (!inD1.has(id)) offenders.push(`${id} is not in D1`);
  return { promise: "D1 equals the object", figures: `1 SKU, ${counted(rows.length, "row")} compared`, offenders };
}

/** The record adds up to the counts, ends at the version, and what is no movement can be accounted for. */
export function checkMovements(evidence: Evidence): Check {
  const { record, replay } = evidence;
  const { sku, movements } = record;
  const offenders = [...replay.impossible];
  for (const count of ["stock", "held", "sold"] as const) {
    if (replay.counts[count] !== sku[count])
      offenders.push(`${count} sums to ${replay.counts[count]}, not ${sku[count]}`);
  }
  const last = movements.at(-1)?.sequence ?? 0;
  if (last > sku.version) offenders.push(`movement ${last} is past version ${sku.version}`);
  offenders.push(...unaccounted(evidence).map((sequence) => `event ${sequence} is missing`));
  const figures = `${counted(movements.length, "movement")}, ${counted(sku.version - movements.length, "other event")}`;
  return { promise: "the record is complete", figures, offenders };
}

/** Every order that was refused for good is an event, and only one, stays refused, and no other order is. */
function wrongRefunds({ refunds }: Books, record: SkuRecord): string[] {
  const written = record.refunds.map(({ data }) => `${data.reservation.id} ${data.refund.orderId}`);
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

/** Sequences that are no movement and none of the events that move nothing. */
function unaccounted({ drop, books, record, replay }: Evidence): number[] {
  const moved = new Set(record.movements.map(({ sequence }) => sequence));
  const refundVersions = new Set(record.refunds.map(({ sequence }) => sequence));
  const missing: number[] = [];
  let lastSignal = 0;
  for (let sequence = 1; sequence <= record.sku.version; sequence++) {
    const isAboutTheSku = sequence === drop.scheduledVersion || sequence === drop.scheduledVersion + 1;
    const isExtension = books.changes.get(sequence)?.status === "held";
    if (moved.has(sequence) || isAboutTheSku || isExtension || refundVersions.has(sequence)) continue;
    // A transaction signals stock once and last, so two signals never stand side by side.
    if (lastSignal !== sequence - 1 && canSignal(replay.steps, sequence, drop.terms.lowStockThreshold))
      lastSignal = sequence;
    else missing.push(sequence);
  }
  return missing;
}

/** Whether stock ran low, ran out or came back in the transaction that ended before this sequence. */
function canSignal(steps: readonly Step[], sequence: number, threshold: number): boolean {
  const lastIndex = steps.findLastIndex((step) => step.sequence < sequence);
  const after = steps[lastIndex];
  if (after === undefined) return false;
  for (let index = lastIndex - 1; index >= 0; index--) {
    const before = steps[index];
    if (before === undefined) return false;
    const isOut = after.available === 0 && after.held === 0 && (before.available > 0 || before.held > 0);
    const isBack = after.available > 0 && before.available === 0;
    const isLow = after.available > 0 && after.available <= threshold && before.available > threshold;
    if (isOut || isBack || isLow) return true;
    if (before.time < after.time) return false;
  }
  return false;
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
