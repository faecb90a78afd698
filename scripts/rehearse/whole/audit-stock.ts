import { checkAcknowledged, checkD1 } from "../audit-record.ts";
import { checkExpiry, checkFairness, checkSold, checkStock } from "../audit-sale.ts";
import { type Check, counted, readable } from "../evidence.ts";
import type { Movement } from "../record.ts";
import { reservationIn } from "./audit-movements.ts";
import { offendersIn, recordOf, type WholeEvidence } from "./evidence.ts";

/** In every SKU the movements add up to its counts, which never were below zero; what is there is what was put up for sale. */
export function checkUnits(evidence: WholeEvidence): Check {
  const { drop, books, record } = evidence;
  const offenders = offendersIn(evidence, (sku, { counts, impossible }) => {
    const own = { drop: { stock: drop.stock.get(sku) ?? 0 }, books: books.of(sku), record: recordOf(evidence, sku) };
    const stock = checkStock(own);
    const { stock: units, held, sold, waiting } = own.record.sku;
    const sums = { stock: units, held, sold };
    const wrong = (["stock", "held", "sold"] as const).filter((count) => counts[count] !== sums[count]);
    return {
      ...stock,
      offenders: [
        ...stock.offenders,
        ...impossible,
        ...wrong.map((count) => `${count} sums to ${counts[count]}, not ${sums[count]}`),
        ...(waiting === 0 ? [] : [`${waiting} wait, but all have left`]),
      ],
    };
  });
  const moved = [...record.skus.values()].reduce((sum, { movements }) => sum + movements.length, 0);
  const figures = `${counted(record.skus.size, "SKU")}, ${counted(moved, "movement")}`;
  return { promise: "no unit lost, made or stranded", figures, offenders };
}

/** What is sold is what reservations say was bought and not returned. */
export function checkAllSold(evidence: WholeEvidence): Check {
  const offenders = offendersIn(evidence, (sku) => checkSold({ record: recordOf(evidence, sku) }));
  const sold = [...evidence.record.skus.values()].reduce((sum, { sku }) => sum + sku.sold, 0);
  return { promise: "no unit sold twice", figures: `${readable(sold)} sold`, offenders };
}

/** Whoever was refused for want of stock, in a cart or alone, was refused while there really was too little. */
export function checkRefusals(evidence: WholeEvidence): Check {
  const { books, drop } = evidence;
  const offenders = offendersIn(evidence, (sku, replay) => checkFairness({ books: books.of(sku), replay }));
  const refusals = [...drop.stock.keys()].reduce((sum, sku) => sum + books.of(sku).stockRefusals.length, 0);
  return { promise: "no refusal while units were free", figures: counted(refusals, "refusal"), offenders };
}

/** No hold, offer or line lapsed before its end, and none long after it. */
export function checkLapses(evidence: WholeEvidence): Check {
  const { books, replays } = evidence;
  const offenders = offendersIn(evidence, (sku, replay) => {
    const record = recordOf(evidence, sku);
    const committedAt = commitments(record.movements);
    return checkExpiry({ record, replay }, (id, end, to) => {
      // A line of which nobody was told while it was held may be committed after its end, when the service is back.
      const isUntold = (record.reservations.get(id)?.cart ?? null) !== null && !books.sureFrom.has(id);
      const due = isUntold ? Math.max(end, committedAt.get(id) ?? end) : end;
      return due - end + books.awayMs(due, to);
    });
  });
  const lapsed = [...replays.values()].reduce((sum, { expiries }) => sum + expiries.length, 0);
  return { promise: "every lapsed hold released", figures: `${readable(lapsed)} lapsed`, offenders };
}

/** When each reservation became a hold. */
function commitments(movements: readonly Movement[]): Map<string, number> {
  const held = movements.filter(({ type }) => type === "reservation.held");
  return new Map(held.map((movement) => [reservationIn(movement)?.id ?? "", Date.parse(movement.time)]));
}

/** Every success that a caller was told of is there, as told or as time has changed it since. */
export function checkTold(evidence: WholeEvidence): Check {
  const { books, record } = evidence;
  const offenders = offendersIn(evidence, (sku) =>
    checkAcknowledged({ books: books.of(sku), record: recordOf(evidence, sku) }),
  );
  const told = [...record.skus.keys()].reduce((sum, sku) => sum + books.of(sku).changes.size, 0);
  return { promise: "what was promised is there", figures: `${counted(told, "change")}`, offenders };
}

/** There is no reservation that nobody was told of: none alone, none in a cart, none of the waitlist. */
export function checkNothingElse(evidence: WholeEvidence): Check {
  const { books, record } = evidence;
  const lines = [...record.carts.values()].flatMap((cart) => cart.lines.map(({ reservation }) => reservation));
  const offers = [...record.entries.values()].map(({ reservation }) => reservation);
  const known = new Set([...lines, ...offers]);
  let count = 0;
  const offenders = offendersIn(evidence, (sku) => {
    const { rows } = recordOf(evidence, sku);
    count += rows.length;
    // Lines of a cart that failed while it was being held were never told of, and have to be given back: see the carts.
    const unknown = rows.filter(
      ({ id, cart }) => !books.of(sku).reservations.has(id) && !known.has(id) && cart === null,
    );
    const messages = unknown.map(({ id, customer, status }) => `${id} of ${customer}, ${status}, was never told of`);
    return { promise: "", figures: "", offenders: messages };
  });
  return { promise: "and nothing else is", figures: counted(count, "reservation"), offenders };
}

/** D1 says of every SKU and every reservation what its object says. */
export function checkRecord(evidence: WholeEvidence): Check {
  const offenders = offendersIn(evidence, (sku) => checkD1({ record: recordOf(evidence, sku) }));
  const compared = [...evidence.record.skus.values()].reduce((sum, { rows }) => sum + rows.length, 0);
  const figures = `${counted(evidence.record.skus.size, "SKU")}, ${counted(compared, "row")} compared`;
  return { promise: "D1 equals the objects", figures, offenders };
}

/** Nothing was set aside before the opening, by the service's own clock. */
export function checkOpening({ drop, record, journal }: WholeEvidence): Check {
  const offenders: string[] = [];
  let first = Number.POSITIVE_INFINITY;
  for (const size of drop.sizes) {
    for (const { id, type, time } of record.skus.get(size)?.movements ?? []) {
      if (!type.startsWith("reservation.")) continue;
      first = Math.min(first, Date.parse(time));
      if (Date.parse(time) < drop.opensAt) offenders.push(`${id} at ${time}`);
    }
  }
  const turnedAway = journal.outcomes.get("reserve")?.get("not-open") ?? 0;
  const start = Number.isFinite(first) ? `first claim ${first - drop.opensAt} ms after opening` : "no claim";
  const figures = `${counted(turnedAway, "early bird")} turned away, ${start}`;
  return { promise: "nothing before opening", figures, offenders };
}
