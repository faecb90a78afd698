import type { Refusal } from "./command.ts";
import type { Reservation } from "./model.ts";

/** A reservation that a customer's allowance in a drop counts; with 0 units it has ended and stays known for a while. */
export interface Counted {
  id: string;
  sku: string;
  units: number;
  /** Version of the reservation that this is the state of: news that are older change nothing. */
  version: number;
}

/** A try that asks for its units of the drop's limit. */
export interface Claim extends Counted {
  limit: number;
}

export type Grant =
  | { granted: true }
  /** Without a refusal the try has ended already: it counts nowhere, and its SKU will not commit it. */
  | { granted: false; refusal: Refusal | null };

/** How a grant settles a try. One that has ended is settled as granted: its SKU knows best, and says that it lapsed. */
export function verdictOf(grant: Grant): { granted: boolean; refusal?: Refusal } {
  return grant.granted || grant.refusal === null ? { granted: true } : { granted: false, refusal: grant.refusal };
}

/**
 * Whether a try gets its units. Asked again it gets the same answer, and one that has ended gets none, however late it
 * asks: `record` is what to remember, null when nothing changes.
 */
export function claim(counted: ReadonlyMap<string, Counted>, wanted: Claim): { grant: Grant; record: Counted | null } {
  const { id, sku, units, version, limit } = wanted;
  const known = counted.get(id);
  if (known !== undefined && version <= known.version) {
    return { grant: known.units > 0 ? { granted: true } : { granted: false, refusal: null }, record: null };
  }
  const used = usedUnits([...counted.values()].filter((other) => other.id !== id));
  if (used + units <= limit) return { grant: { granted: true }, record: { id, sku, units, version } };
  const remaining = Math.max(0, limit - used);
  const refusal: Refusal = { code: "limit-exceeded", limit, used, remaining, scope: "drop" };
  return { grant: { granted: false, refusal }, record: null };
}

/** How many of `units` a limit leaves to whoever has what is counted. */
export function unitsLeft(counted: ReadonlyMap<string, Counted>, limit: number, units: number): number {
  return Math.max(0, Math.min(units, limit - usedUnits([...counted.values()])));
}

function usedUnits(counted: readonly Counted[]): number {
  return counted.reduce((sum, { units }) => sum + units, 0);
}

/** What to remember of a report: nothing when something newer is known. */
export function report(counted: ReadonlyMap<string, Counted>, news: Counted): Counted | null {
  const known = counted.get(news.id);
  return known !== undefined && news.version <= known.version ? null : news;
}

/** The name of the object that counts what a customer has of a drop. Names of drops have no slash. */
export function allowanceName(drop: string, customer: string): string {
  return `${drop}/${customer}`;
}

/** A try as the Shopper object is asked about it. */
export function claimOf({ id, sku, quantity, version }: Reservation, limit: number): Claim {
  return { id, sku, units: quantity, version, limit };
}

/** A reservation as the Shopper object counts it: held or locked, or bought and not returned. */
export function countOf(reservation: Reservation): Counted {
  const { id, sku, version, status, quantity, confirmedQuantity, returnedQuantity } = reservation;
  const units = status === "held" ? quantity : confirmedQuantity - returnedQuantity;
  return { id, sku, units, version };
}
