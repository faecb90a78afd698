import { ABANDON_HOUR_MS, ABANDON_WANTED_WEIGHT, REHOLD_CUSTOMERS_MAX } from "./bounds.ts";
import type { Refusal } from "./command.ts";
import type { Policy } from "./model.ts";

/** What a customer gave back within the hour that began with the first of it. */
export interface Abandons {
  since: number;
  count: number;
}

/** Customers who were refused for stock, and customers who gave units back meanwhile. In memory only: after a wake it is empty. */
export interface Shortages {
  /** The newest refusals of two different customers: enough to tell for any customer whether others were refused. */
  refused: { customer: string; at: number }[];
  /** When customers gave back units that others wanted, newest last. */
  letGo: Map<string, number>;
}

/** A transaction's knowledge of whose turn it is. */
export interface Turns {
  /** For the customers of the commands; null: nothing within the hour. */
  abandons: Map<string, Abandons | null>;
  changed: Set<string>;
  shortages: Shortages;
}

/** Nobody was refused yet. */
export function noShortages(): Shortages {
  return { refused: [], letGo: new Map() };
}

/** The turns of one transaction, before their facts are gathered. */
export function openTurns(shortages: Shortages = noShortages()): Turns {
  return { abandons: new Map(), changed: new Set(), shortages };
}

/** Records a refusal for stock: a customer who gives such units back lets others go first. */
export function refusedForStock({ shortages }: Turns, customer: string, now: number): void {
  const others = shortages.refused.filter((one) => one.customer !== customer);
  shortages.refused = [{ customer, at: now }, ...others].slice(0, 2);
}

/** Records that a customer gave back, or let lapse, what it had since `since`; `letsUnitsGo`: units, not only a waitlist entry. */
export function abandon(turns: Turns, now: number, customer: string, since: number, letsUnitsGo: boolean): void {
  const { refused, letGo } = turns.shortages;
  const isWanted = refused.some((one) => one.customer !== customer && one.at >= since);
  const before = abandonsOf(turns, customer, now);
  const count = (before?.count ?? 0) + (isWanted ? ABANDON_WANTED_WEIGHT : 1);
  turns.abandons.set(customer, { since: before?.since ?? now, count });
  turns.changed.add(customer);
  if (!isWanted || !letsUnitsGo) return;
  letGo.delete(customer);
  letGo.set(customer, now);
  for (const oldest of letGo.keys()) {
    if (letGo.size <= REHOLD_CUSTOMERS_MAX) break;
    letGo.delete(oldest);
  }
}

/** Why a customer gets no more units within this hour, or null: it has given back as much as the policy allows. */
export function refusedAbandoner(turns: Turns, policy: Policy, customer: string, now: number): Refusal | null {
  const abandons = abandonsOf(turns, customer, now);
  if (abandons === null || abandons.count < policy.abandonsPerHour) return null;
  return letOthers("abandoned", policy.abandonsPerHour, abandons, abandons.since + ABANDON_HOUR_MS - now);
}

/** Why a customer has to wait although units are free, or null: it has just given back units that others were refused. */
export function refusedRehold(turns: Turns, policy: Policy, customer: string, now: number): Refusal | null {
  const letGoAt = turns.shortages.letGo.get(customer);
  const leftMs = letGoAt === undefined ? 0 : letGoAt + policy.reholdSeconds * 1000 - now;
  // A time that lies ahead comes from a wrong clock.
  if (letGoAt === undefined || letGoAt > now || leftMs <= 0) return null;
  return letOthers("rehold", policy.reholdSeconds, abandonsOf(turns, customer, now), leftMs);
}

/** Whether a customer may reserve now, as far as other customers are concerned. */
export function isTurnOf(turns: Turns, policy: Policy, customer: string, now: number): boolean {
  return (
    refusedAbandoner(turns, policy, customer, now) === null && refusedRehold(turns, policy, customer, now) === null
  );
}

function letOthers(scope: "abandoned" | "rehold", limit: number, abandons: Abandons | null, leftMs: number): Refusal {
  const retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000));
  return { code: "limit-exceeded", limit, used: abandons?.count ?? 0, remaining: 0, scope, retryAfterSeconds };
}

/** What counts for a customer now. Throws if it was not gathered. An hour that lies ahead comes from a wrong clock. */
function abandonsOf({ abandons }: Turns, customer: string, now: number): Abandons | null {
  const known = abandons.get(customer);
  if (known === undefined) throw new Error("the abandons of this customer were not gathered");
  return known !== null && known.since <= now && now < known.since + ABANDON_HOUR_MS ? known : null;
}
