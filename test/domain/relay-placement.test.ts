import { describe, expect, it } from "vitest";
import { RELAY_TIERS } from "../../src/domain/bounds.ts";
import { placeOf, relayOf } from "../../src/domain/relay-placement.ts";

const tiers = Array.from({ length: RELAY_TIERS }, (_none, tier) => tier);

describe("the Relays", () => {
  it("[LIV11] stand in tiers that share none", () => {
    const names = tiers.map((tier) => new Set(Array.from({ length: 200 }, (_none, place) => relayOf(tier, place))));
    expect(names.map(({ size }) => size)).toEqual([1, 2, 4, 8, 16, 32]);
    expect(new Set(names.flatMap((tier) => [...tier])).size).toBe(63);
    expect(relayOf(0, 7)).toBe("relay-0");
    expect(relayOf(5, 31)).toBe("relay-62");
  });

  it.each(tiers.slice(1))("[LIV11] share customers evenly in tier %i", (tier) => {
    const counts = new Map<string, number>();
    for (let number = 0; number < 2 ** tier * 1000; number++) {
      const name = relayOf(tier, placeOf(`customer-${number}`));
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(counts.size).toBe(2 ** tier);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });
});
