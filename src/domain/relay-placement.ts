import { hashOf } from "./hash.ts";

/**
 * Relays are arranged in tiers of one, two, four and so on: relay-0, then relay-1 and -2, then relay-3 to -6. Returns the Relay
 * of a tier for this `place`.
 */
export function relayOf(tier: number, place: number): string {
  const width = 2 ** tier;
  return `relay-${width - 1 + (place % width)}`;
}

/** A customer's place, the same in every tier. */
export function placeOf(customer: string): number {
  return hashOf(customer);
}
