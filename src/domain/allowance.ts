import { CLAIMS_NAMED_MAX } from "./bounds.ts";
import type { DropLimit, Refusal } from "./command.ts";
import type { Reservation } from "./model.ts";

/** A reservation that counts against its customer's limit in a drop; with 0 units it has ended and stays known for a while. */
export interface CountedClaim {
  id: string;
  customer: string;
  sku: string;
  units: number;
  /** Version of the reservation that this is the state of: news that are older change nothing. */
  version: number;
}

/** A try that asks for its units of the drop's limit. */
export interface Claim extends CountedClaim {
  limit: number;
  /** Asked before there is a try: the answer is the same, and nothing is counted. */
  isQuestion?: boolean;
  /** What was lent to a late payment does not count against it, as long as nothing newer is known. */
  without?: readonly Excluded[];
}

/** A reservation in the state of this version. */
export type Excluded = Pick<CountedClaim, "id" | "version">;

/** What else is counted for a customer, of whose reservations a refusal tells. */
export type OtherClaim = Pick<CountedClaim, "id" | "sku" | "units">;

export type Grant =
  | { granted: true }
  | {
      granted: false;
      /** Null: the try has ended already. It counts nowhere, and its SKU will not commit it. */
      refusal: Refusal | null;
      /** The customer's other reservations that fill the limit, newest first, at most CLAIMS_NAMED_MAX. */
      claims: OtherClaim[];
    };

/** What an Allowance object knows of some customers: everything that counts, and those ended reservations that were asked for. */
export type Known = Map<string, Map<string, CountedClaim>>;

/** How a grant settles a try. One that has ended is settled as granted: its SKU knows best, and says that it lapsed. */
export function verdictOf(grant: Grant): { granted: boolean; refusal?: Refusal } {
  return grant.granted || grant.refusal === null ? { granted: true } : { granted: false, refusal: grant.refusal };
}

/** Whether the limit has no room for a claim, which is what a customer is told. */
export function isRefused(grant: Grant): boolean {
  return !grant.granted && grant.refusal !== null;
}

/**
 * Judges claims of any number of customers, in order, each with what those before it were granted. What is to be remembered
 * is entered in `known` and returned.
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

/** Takes in news of any number of reservations, in `known` too; returns what is to be remembered. */
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
 * Whether a try gets its units. Asked again it gets the same answer, and one that has ended gets none, however late it
 * asks: `record` is what to remember, null when nothing changes.
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

/** How many of `units` a limit leaves to whoever has what is counted. */
export function unitsLeft(counted: ReadonlyMap<string, CountedClaim>, limit: number, units: number): number {
  return Math.max(0, Math.min(units, limit - usedUnits([...counted.values()])));
}

/** What to remember of a report: nothing when something newer is known. */
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

/** Ids are in the order of time. */
function newestFirst(counted: readonly CountedClaim[]): OtherClaim[] {
  const ordered = [...counted].sort((one, other) => (one.id < other.id ? 1 : -1));
  return ordered.slice(0, CLAIMS_NAMED_MAX).map(({ id, sku, units }) => ({ id, sku, units }));
}

/**
 * The name of the object that counts what a customer has of a drop. It names no customer, for names of objects are visible
 * to operators of the platform. Names of drops have no slash.
 */
export function allowanceName({ drop, allowances }: Pick<DropLimit, "drop" | "allowances">, customer: string): string {
  return `${drop}/${hashOf(customer) % allowances}`;
}

/** FNV-1a over UTF-16 code units with a last mix, so that the low bits depend on all of them. Spread is all it is for. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A try as the Allowance object is asked about it. */
export function claimOf(reservation: Reservation, limit: number): Claim {
  const { id, customer, sku, version } = reservation;
  return { id, customer, sku, units: claimedUnits(reservation), version, limit };
}

/** A reservation as the Allowance object counts it: held or locked, or bought and not returned. */
export function countOf(reservation: Reservation): CountedClaim {
  const { id, customer, sku, version, status, confirmedQuantity, returnedQuantity } = reservation;
  const units = status === "held" ? claimedUnits(reservation) : confirmedQuantity - returnedQuantity;
  return { id, customer, sku, units, version };
}

/** Of a late payment all that is paid: what its try holds is only the part that other claims do not give. */
function claimedUnits({ attempt, quantity }: Reservation): number {
  return attempt?.purpose === "rescue" ? attempt.paid : quantity;
}
