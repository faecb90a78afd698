import { describe, expect, it } from "vitest";
import { REFUSED_REMEMBERED_MAX, REFUSED_REMEMBERED_MS } from "../../../src/domain/bounds.ts";
import { RecentlyRefused } from "../../../src/objects/sku/recently-refused.ts";

const NOW = 1_800_000_000_000;

describe("what a SKU remembers of whom a limit refused", () => {
  it("[ALW12] is over after five seconds, anew with every refusal, and at once with a yes", () => {
    const refused = new RecentlyRefused();
    refused.add("ann", NOW);
    expect(refused.has("ann", NOW + REFUSED_REMEMBERED_MS - 1)).toBe(true);
    expect(refused.has("ann", NOW + REFUSED_REMEMBERED_MS)).toBe(false);
    refused.add("ann", NOW + 2_000);
    expect(refused.has("ann", NOW + REFUSED_REMEMBERED_MS)).toBe(true);
    refused.forget("ann");
    expect(refused.isEmpty).toBe(true);
  });

  it("[ALW12] holds those refused last, and nothing of a clock that was ahead", () => {
    const refused = new RecentlyRefused();
    for (let index = 0; index < REFUSED_REMEMBERED_MAX; index++) refused.add(`customer-${index}`, NOW);
    expect(refused.has("customer-0", NOW)).toBe(true);
    refused.add("one more", NOW);
    expect(["customer-0", "customer-1", "one more"].map((one) => refused.has(one, NOW))).toEqual([false, true, true]);
    expect(refused.has("customer-1", NOW - 1)).toBe(false);
    refused.add("ann", NOW + REFUSED_REMEMBERED_MS);
    refused.forget("ann");
    expect(refused.isEmpty).toBe(true);
  });
});
