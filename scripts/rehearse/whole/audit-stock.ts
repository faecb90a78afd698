import { isDeepStrictEqual } from "node:util";
import { type Check, counted, readable } from "../evidence.ts";
import type { Movement } from "../record.ts";
import type { ReservationView } from "./books.ts";
import { limit } from "./drop.ts";
import type { WholeEvidence } from "./evidence.ts";

/** A try that nobody settled is over after this: only then is it sure that a claim was granted. */
const tryMs = 10_000;

/** The movements of every SKU add up to its counts, which never were below zero, and nothing is left held. */
export function checkUnits({ record }: WholeEvidence): Check {
  const offenders: string[] = [];
  let sold = 0;
  for (const [name, { sku, movements }] of record.skus) {
    const counts = { stock: 0, held: 0, sold: 0 };
    for (const { id, dStock, dHeld, dSold } of movements) {
      counts.stock += dStock;
      counts.held += dHeld;
      counts.sold += dSold;
      const free = counts.stock - counts.held - counts.sold;
      if (Math.min(counts.stock, counts.held, counts.sold, free) < 0)
        offenders.push(`${id} leaves ${JSON.stringify(counts)}`);
    }
    const { stock, held } = sku;
    if (!isDeepStrictEqual(counts, { stock, held, sold: sku.sold })) {
      offenders.push(`${name} says ${JSON.stringify({ stock, held, sold: sku.sold })}, not ${JSON.stringify(counts)}`);
    }
    if (held > 0) offenders.push(`${name} still holds ${held}`);
    sold += sku.sold;
  }
  const figures = `${counted(record.skus.size, "SKU")}, ${counted(sold, "unit")} sold`;
  return { promise: "no unit lost, made or stranded", figures, offenders };
}

/** D1 says of every SKU and every reservation what its object says. */
export function checkRecord({ record }: WholeEvidence): Check {
  const offenders: string[] = [];
  let compared = 0;
  for (const [name, { sku, row, rows, reservations, caughtUp }] of record.skus) {
    if (!caughtUp) offenders.push(`D1 has not caught up with ${name}`);
    if (!isDeepStrictEqual(row, sku))
      offenders.push(`${name} is ${JSON.stringify(row)} in D1, and ${JSON.stringify(sku)}`);
    for (const one of rows) {
      compared += 1;
      if (!isDeepStrictEqual(reservations.get(one.id), one)) offenders.push(`${one.id} is another in D1`);
    }
    const inD1 = new Set(rows.map(({ id }) => id));
    for (const id of reservations.keys()) if (!inD1.has(id)) offenders.push(`${id} is not in D1`);
  }
  return { promise: "D1 equals the objects", figures: `${counted(compared, "row")} compared`, offenders };
}

/** Every success that a caller was told of is there. */
export function checkTold({ books, record }: WholeEvidence): Check {
  const offenders: string[] = [];
  for (const { id, sku, version } of books.reservations.values()) {
    const now = record.skus.get(sku)?.reservations.get(id);
    if (now === undefined) offenders.push(`${id} was promised and is gone`);
    else if (now.version < version)
      offenders.push(`${id} was promised in version ${version}, and is in ${now.version}`);
  }
  return { promise: "what was promised is there", figures: counted(books.reservations.size, "reservation"), offenders };
}

/** No customer had more pairs than the limit at any time, over all sizes. */
export function checkLimit({ drop, record }: WholeEvidence): Check {
  const claims = new Map<string, Claim[]>();
  for (const size of drop.sizes) {
    const { movements = [] } = record.skus.get(size) ?? {};
    for (const claim of claimsIn(movements)) claims.set(claim.customer, [...(claims.get(claim.customer) ?? []), claim]);
  }
  const offenders: string[] = [];
  for (const [customer, own] of claims) {
    for (const { from } of own) {
      const units = own.filter((one) => one.from <= from && from < one.to).reduce((sum, one) => sum + one.units, 0);
      if (units > limit) offenders.push(`${customer} had ${units} at ${new Date(from).toISOString()}`);
    }
  }
  return { promise: "no customer over the drop's limit", figures: counted(claims.size, "holder"), offenders };
}

type Claim = { customer: string; units: number; from: number; to: number };

/** From when to when customers surely had units: a try counts from the moment at which it cannot be pending any more. */
function claimsIn(movements: readonly Movement[]): Claim[] {
  const byId = Map.groupBy(
    movements.filter(({ data }) => data.reservation),
    ({ data }) => (data.reservation as ReservationView).id,
  );
  return [...byId.values()].flatMap((moves) =>
    moves.flatMap((move, index): Claim[] => {
      const { status, quantity, confirmedQuantity, returnedQuantity, customer } = move.data
        .reservation as ReservationView;
      const units = status === "held" ? quantity : confirmedQuantity - returnedQuantity;
      const next = moves[index + 1];
      if (units === 0 || next?.type === "reservation.cancelled") return [];
      const at = Date.parse(move.time);
      const to = next === undefined ? Number.POSITIVE_INFINITY : Date.parse(next.time);
      const from = move.type === "reservation.tried" ? Math.min(at + tryMs, to - 1) : at;
      return [{ customer, units, from, to }];
    }),
  );
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
  const figures = `${readable(turnedAway)} turned away, first claim ${first - drop.opensAt} ms after opening`;
  return { promise: "nothing before opening", figures, offenders };
}
