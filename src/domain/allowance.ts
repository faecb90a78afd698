import { CLAIMS_NAMED_MAX } from "./bounds.ts";
import type { DropLimit, Refusal } from "./command.ts";
import { hashOf } from "./hash.ts";
import type { Reservation } from "./model.ts";

/** A reservation that counts against its customer's limit in a drop. With 0 units it has ended; it stays known for a while. */
export interface CountedClaim {
  id: string;
  customer: string;
  sku: string;
  units: number;
  /** Version of the reservation in this state. Reports with an older version change nothing. */
  version: number;
}

/** A try that asks for units of the drop's limit. */
export interface Claim extends CountedClaim {
  limit: number;
  /** Asked before there is a try: the answer is the same, but nothing is counted. */
  isQuestion?: boolean;
  /** Claims lent to a late payment: they do not count against it, unless a newer version is known. */
  without?: readonly Excluded[];
}

/** A reservation in the state of this version. */
export type Excluded = Pick<CountedClaim, "id" | "version">;

/** Another counted reservation of the customer, named in a refusal. */
export type OtherClaim = Pick<CountedClaim, "id" | "sku" | "units">;

export type Grant =
  | { granted: true }
  | {
      granted: false;
      /** Null: the try has already ended. It counts nowhere, and its SKU will not commit it. */
      refusal: Refusal | null;
      /** The customer's other reservations that fill the limit, newest first, at most CLAIMS_NAMED_MAX. */
      claims: OtherClaim[];
    };

/** What an Allowance object knows of some customers: all reservations that count, and the ended ones that were asked for. */
export type Known = Map<string, Map<string, CountedClaim>>;

/** How a grant settles a try. An ended try is settled as granted: its SKU knows that it lapsed and answers so. */
export function verdictOf(grant: Grant): { granted: boolean; refusal?: Refusal } {
  return grant.granted || grant.refusal === null ? { granted: true } : { granted: false, refusal: grant.refusal };
}

/** Whether the limit has no room for a claim, which is what the customer is told. */
export function isRefused(grant: Grant): boolean {
  return !grant.granted && grant.refusal !== null;
}

/**
 * Decides claims of any number of customers in order; each sees what the previous ones were granted. Updates `known`, and
 * returns what has to be stored.
 */
export function claimAll(known: Known, claims: readonly Claim[]): { grants: Grant[]; records: CountedClaim[] } {
  const records: CountedClaim[] = [];
  const grants = claims.map((wanted) => {
    const { grant, record } = claim(knownOf(known, wanted.customer), wanted);
    if (record !== null) {
      knownOf(known, record.customer).set(record.id, record);
      records.push(record);
    }
    return grant;
  });
  return { grants, records };
}

/** Applies reports on any number of reservations to `known`; returns what has to be stored. */
export function reportAll(known: Known, news: readonly CountedClaim[]): CountedClaim[] {
  return news.flatMap((one) => {
    const counted = knownOf(known, one.customer);
    const record = report(counted, one);
    if (record === null) return [];
    counted.set(record.id, record);
    return [record];
  });
}

/**
 * Whether a try gets its units. A repeated question gets the same answer, and a try that has ended gets none, however late it
 * asks. `record` is what to store, null if nothing changes.
 */
export function claim(
  counted: ReadonlyMap<string, CountedClaim>,
  wanted: Claim,
): { grant: Grant; record: CountedClaim | null } {
  const { limit, isQuestion, without = [], ...record } = wanted;
  const known = counted.get(wanted.id);
  if (known !== undefined && wanted.version <= known.version) {
    const grant: Grant = known.units > 0 ? { granted: true } : { granted: false, refusal: null, claims: [] };
    return { grant, record: null };
  }
  const isLent = ({ id, version }: CountedClaim) => without.some((one) => one.id === id && version <= one.version);
  const others = [...counted.values()].filter((one) => one.id !== wanted.id && one.units > 0 && !isLent(one));
  const used = usedUnits(others);
  if (used + wanted.units <= limit) return { grant: { granted: true }, record: isQuestion ? null : record };
  const remaining = Math.max(0, limit - used);
  const refusal: Refusal = { code: "limit-exceeded", limit, used, remaining, scope: "drop" };
  return { grant: { granted: false, refusal, claims: newestFirst(others) }, record: null };
}

/** How many of `units` the limit leaves for a customer with these counted reservations. */
export function unitsLeft(counted: ReadonlyMap<string, CountedClaim>, limit: number, units: number): number {
  return Math.max(0, Math.min(units, limit - usedUnits([...counted.values()])));
}

/** What to store for a report: null if a newer version is known. */
export function report(counted: ReadonlyMap<string, CountedClaim>, news: CountedClaim): CountedClaim | null {
  const known = counted.get(news.id);
  return known !== undefined && news.version <= known.version ? null : news;
}

/** What is known of one customer. */
export function knownOf(known: Known, customer: string): Map<string, CountedClaim> {
  const counted = known.get(customer) ?? new Map<string, CountedClaim>();
  known.set(customer, counted);
  return counted;
}

function usedUnits(counted: readonly CountedClaim[]): number {
  return counted.reduce((sum, { units }) => sum + units, 0);
}

/** Ids sort by time. */
function newestFirst(counted: readonly CountedClaim[]): OtherClaim[] {
  const ordered = [...counted].sort((one, other) => (one.id < other.id ? 1 : -1));
  return ordered.slice(0, CLAIMS_NAMED_MAX).map(({ id, sku, units }) => ({ id, sku, units }));
}

/**
 * The name of the object that counts a customer's units in a drop. It does not contain the customer, because platform operators
 * can see object names. Drop names contain no slash.
 */
export function allowanceName({ drop, allowances }: Pick<DropLimit, "drop" | "allowances">, customer: string): string {
  return `${drop}/${hashOf(customer) % allowances}`;
}

/** A try as a claim for the Allowance object. */
export function claimOf(reservation: Reservation, limit: number): Claim {
  const { id, customer, sku, version } = reservation;
  return { id, customer, sku, units: claimedUnits(reservation), version, limit };
}

/** A reservation as the Allowance object counts it: held or locked units, or bought units that were not returned. */
export function countOf(reservation: Reservation): CountedClaim {
  const { id, customer, sku, version, status, confirmedQuantity, returnedQuantity } = reservation;
  const units = status === "held" ? claimedUnits(reservation) : confirmedQuantity - returnedQuantity;
  return { id, customer, sku, units, version };
}

/**
 * What a SKU answers about reservations that a limit counts: what became of each, and that it has ended where it is not there. A
 * try is left out: its own claim decides whether it counts, and a count of it would stand for a grant that nobody gave.
 */
export function countsOf(
  ids: readonly string[],
  found: readonly Reservation[],
  { sku, version }: Pick<CountedClaim, "sku" | "version">,
): Omit<CountedClaim, "customer">[] {
  const byId = new Map(found.map((reservation) => [reservation.id, reservation]));
  return ids.flatMap((id) => {
    const reservation = byId.get(id);
    if (reservation === undefined) return { id, sku, units: 0, version };
    return reservation.attempt === null ? countOf(reservation) : [];
  });
}

/** A late payment counts with all units that were paid: its try holds only the units that other claims do not give. */
function claimedUnits({ attempt, quantity }: Reservation): number {
  return attempt?.purpose === "rescue" ? attempt.paid : quantity;
}
