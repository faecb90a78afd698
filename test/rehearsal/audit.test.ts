import { describe, expect, it } from "vitest";
import type { Evidence } from "../../scripts/rehearse/audit/evidence.ts";
import { drop } from "../../scripts/rehearse/scenarios/drop/drop.ts";
import type { Scenario } from "../../scripts/rehearse/scenarios/scenario.ts";
import { sku } from "../../scripts/rehearse/scenarios/sku/sku.ts";
import { evidenceOf } from "./evidence.ts";
import { faultsOfDrop, faultsOfSku } from "./faults.ts";
import { dropStory, skuStory } from "./stories.ts";

describe.each([
  { name: "of one SKU", scenario: sku, tell: skuStory, watchers: ["ann", "eve"], faults: faultsOfSku },
  { name: "of a drop", scenario: drop, tell: dropStory, watchers: ["ann", "fay"], faults: faultsOfDrop },
])("the audit $name", ({ scenario, tell, watchers, faults }) => {
  it("finds every promise kept where all went well", () => {
    expect(brokenBy(scenario, evidenceOf(tell(), ...watchers))).toEqual([]);
  });

  it.each(faults)("sees $what: $promise", ({ promise, done, seen }) => {
    const story = tell();
    done?.(story);
    const evidence = evidenceOf(story, ...watchers);
    seen?.(evidence);
    expect(brokenBy(scenario, evidence)).toContain(promise);
  });

  it("has a fault that breaks each of its promises", () => {
    const evidence = evidenceOf(tell(), ...watchers);
    const breakable = new Set([...faultsOfSku, ...faultsOfDrop].map(({ promise }) => promise));
    const promises = scenario.checks.map((check) => check(evidence).promise);
    expect(promises.filter((promise) => !breakable.has(promise))).toEqual([]);
  });
});

function brokenBy({ checks }: Scenario, evidence: Evidence): string[] {
  return checks
    .map((check) => check(evidence))
    .flatMap(({ promise, offenders }) => (offenders.length > 0 ? promise : []));
}
