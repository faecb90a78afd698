import { describe, expect, it } from "vitest";
import type { Evidence } from "../../scripts/rehearse/audit/evidence.ts";
import { drop } from "../../scripts/rehearse/scenarios/drop/drop.ts";
import type { Scenario } from "../../scripts/rehearse/scenarios/scenario.ts";
import { sku } from "../../scripts/rehearse/scenarios/sku/sku.ts";
import { dropFaults } from "./drop-faults.ts";
import { eventFaults } from "./event-faults.ts";
import { evidenceOf } from "./evidence.ts";
import { skuFaults } from "./sku-faults.ts";
import { dropStory, skuStory } from "./stories.ts";

describe.each([
  {
    name: "of one SKU",
    scenario: sku,
    tell: skuStory,
    watchers: ["ann", "eve"],
    faults: [...skuFaults, ...eventFaults],
  },
  { name: "of a drop", scenario: drop, tell: dropStory, watchers: ["ann", "fay"], faults: dropFaults },
])("the audit $name", ({ scenario, tell, watchers, faults }) => {
  it("finds every promise kept where all went well", () => {
    expect([...offendersBy(scenario, evidenceOf(tell(), ...watchers)).values()].flat()).toEqual([]);
  });

  it.each(faults)("%s: %s", (promise, says, fault) => {
    const story = tell();
    if ("done" in fault) fault.done(story);
    const evidence = evidenceOf(story, ...watchers);
    if ("seen" in fault) fault.seen(evidence);
    expect(offendersBy(scenario, evidence).get(promise)).toContainEqual(expect.stringContaining(says));
  });

  it("has a fault that breaks each of its promises", () => {
    const breakable = new Set([...skuFaults, ...eventFaults, ...dropFaults].map(([promise]) => promise));
    const promises = [...offendersBy(scenario, evidenceOf(tell(), ...watchers)).keys()];
    expect(promises.filter((promise) => !breakable.has(promise))).toEqual([]);
  });
});

function offendersBy({ checks }: Scenario, evidence: Evidence): Map<string, string[]> {
  return new Map(checks.map((check) => check(evidence)).map(({ promise, offenders }) => [promise, offenders]));
}
