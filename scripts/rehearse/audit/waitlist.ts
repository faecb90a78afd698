import type { EntryView } from "../crowd/books.ts";
import { entryIn, reservationIn } from "../record/movements.ts";
import { type Check, counted, type Evidence, type SkuEvidence } from "./evidence.ts";

/** How an entry's offer ended, and so the entry. */
const endOf: Record<string, EntryView["status"]> = { confirmed: "accepted", released: "declined", expired: "lapsed" };

/** A customer in line: when units were set aside for it, and until when it surely had nothing but its place. */
type InLine = { entry: EntryView; served: number[]; waitedUntil: number };
/** Somebody took units; `free` were there to be taken. */
type Taking = { id: string; at: number; entry: string | null; free: number };

/** Offers were made in the order of joining, and nobody passed by the line. */
export function checkWaitlist(evidence: Evidence): Check {
  const offenders: string[] = [];
  let offers = 0;
  for (const [sku, one] of evidence.skus) {
    const takings = takingsIn(one, evidence);
    const line = lineOf(sku, takings, evidence);
    offers += line.filter(({ entry }) => entry.reservation !== null).length;
    offenders.push(...passedBy(line), ...jumpedTheLine(line, takings));
  }
  const { size } = evidence.entries;
  return { promise: "first come, first offered", figures: `${places(size)}, ${counted(offers, "offer")}`, offenders };
}

/** Every entry ended, as its offer did, and an offer lasted as long as it was meant to. */
export function checkEntries({ books, entries, skus, sale }: Evidence): Check {
  const offenders: string[] = [];
  const ends = new Map<string, number>();
  for (const { id } of books.entries.values()) {
    const entry = entries.get(id);
    if (entry === undefined) {
      offenders.push(`${id} waited and is gone`);
      continue;
    }
    ends.set(entry.status, (ends.get(entry.status) ?? 0) + 1);
    const { sku, status, reservation, reason } = entry;
    if (status === "waiting" || status === "offered") offenders.push(`${id} is still ${status}`);
    if (status === "withdrawn" && reason !== "left") offenders.push(`${id} was withdrawn: ${reason}`);
    if (status === "withdrawn" || reservation === null) continue;
    const offer = skus.get(sku)?.record.reservations.get(reservation);
    if (status !== endOf[offer?.status ?? ""]) offenders.push(`${id} is ${status}, but its offer is ${offer?.status}`);
    const endMs = Date.parse(entry.offerExpiresAt ?? "");
    const offeredAt = endMs - sale.policy.offerTtlSeconds * 1000;
    if (offer && (Date.parse(offer.expiresAt) !== endMs || Date.parse(offer.createdAt) > offeredAt)) {
      offenders.push(`${id} was offered until ${entry.offerExpiresAt}, and ${offer.id} ended at ${offer.expiresAt}`);
    }
  }
  const figures = [...ends].map(([status, count]) => `${count} ${status}`).join(", ");
  return { promise: "every entry ended as its offer", figures, offenders };
}

/** Every time that somebody took units of a SKU. */
function takingsIn({ record, replay, books }: SkuEvidence, { entries }: Evidence): Taking[] {
  const steps = new Map(replay.steps.map((step) => [step.sequence, step]));
  const entryOf = new Map<string, string>();
  for (const { id, reservation } of entries.values()) if (reservation !== null) entryOf.set(reservation, id);
  const ended = new Set<string>();
  const takings: Taking[] = [];
  for (const movement of record.movements) {
    const reservation = reservationIn(movement);
    if (reservation === null) continue;
    const entry = entryIn(movement)?.id ?? null;
    if (entry !== null && movement.type === "reservation.tried") entryOf.set(reservation.id, entry);
    const { id, sequence, time, type } = movement;
    const taken = movement.dHeld + movement.dSold;
    // A late payment that was told to come again goes ahead of the line, and so does one that its customer's own claims give
    // way to.
    if (type === "reservation.expired" || type === "reservation.released") ended.add(reservation.id);
    if (taken <= 0 || ended.has(reservation.id)) continue;
    const at = Date.parse(time);
    const free = taken + (steps.get(sequence)?.available ?? 0) - books.promisedUnits(at, at);
    takings.push({ id, at, entry: entryOf.get(reservation.id) ?? null, free });
  }
  return takings;
}

/** Those who waited for a SKU, in the order of joining. */
function lineOf(sku: string, takings: readonly Taking[], { books, entries }: Evidence): InLine[] {
  return [...entries.values()]
    .filter((entry) => entry.sku === sku)
    .sort((one, other) => Date.parse(one.createdAt) - Date.parse(other.createdAt))
    .map((entry) => {
      const served = takings.filter((taking) => taking.entry === entry.id).map(({ at }) => at);
      const stoodUntil = books.stoodUntil.get(entry.id) ?? 0;
      return { entry, served, waitedUntil: served[0] ?? stoodUntil };
    });
}

/** Those who waited while somebody who joined later, and wanted no less, was served. Whom chance made join in the same millisecond has no order. */
function passedBy(line: readonly InLine[]): string[] {
  return line.flatMap(({ entry, waitedUntil }, index) => {
    const ahead = line
      .slice(index + 1)
      .find(
        (later) =>
          later.entry.createdAt > entry.createdAt &&
          later.entry.quantity >= entry.quantity &&
          later.served.some((at) => at < waitedUntil),
      );
    return ahead ? [`${entry.id} was passed by ${ahead.entry.id}`] : [];
  });
}

/** Claims from outside the line that took units while somebody waited who could have had them. */
function jumpedTheLine(line: readonly InLine[], takings: readonly Taking[]): string[] {
  const outside = takings.filter(({ entry }) => entry === null);
  return line.flatMap(({ entry, waitedUntil }) => {
    const joinedAt = Date.parse(entry.createdAt);
    const jumper = outside.find(({ at, free }) => at > joinedAt && at < waitedUntil && free >= entry.quantity);
    return jumper ? [`${jumper.id} took a unit while ${entry.id} waited`] : [];
  });
}

function places(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}
