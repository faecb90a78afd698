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
import { iso } from "./story.ts";

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

describe("what is no fault", () => {
  const always = { from: 0, to: Number.POSITIVE_INFINITY };
  const offendersOf = (scenario: Scenario, evidence: Evidence, promise: string) =>
    offendersBy(scenario, evidence).get(promise);

  it.each([
    { scenario: sku, faults: skuFaults, promise: "no refusal while units were free", says: "zoe was refused 1" },
    { scenario: drop, faults: dropFaults, promise: "first come, first offered", says: "took a unit while" },
  ])("$promise: the free units may have been kept for a late payment", ({ scenario, faults, promise, says }) => {
    const fault = faults.find((one) => one[0] === promise && one[1].startsWith(says))?.[2];
    const story = scenario === sku ? skuStory() : dropStory();
    if (fault !== undefined && "done" in fault) fault.done(story);
    const evidence = evidenceOf(story);
    if (fault !== undefined && "seen" in fault) fault.seen(evidence);
    expect(offendersOf(scenario, evidence, promise)).not.toEqual([]);
    for (const { books } of evidence.skus.values()) books.latePayments.push({ units: 99, ...always });
    expect(offendersOf(scenario, evidence, promise)).toEqual([]);
  });

  it("no refund of what fitted: a line's SKU may hear long after its cart has decided", () => {
    const story = dropStory();
    const refund = { orderId: "late", quantity: 1, cart: "cart-cal" };
    const inTheWay = story.claim("b", "zoe", 1);
    const told = {
      sku: null,
      position: story.log.length + 1,
      type: "cart.refund_required",
      time: iso(story.at),
    } as const;
    const decision = { ...told, id: "cart/cart-cal:3", stream: "cart/cart-cal", sequence: 3, data: { refund } };
    story.at += 20_000;
    story.change(inTheWay, "reservation.released", { held: -1 }, { status: "released" });
    story.at += 20_000;
    const data = { refund, code: "hold-expired" };
    story.change(story.of("b", "cal"), "reservation.refund_required", {}, {}, data);
    const promise = "no refund of what fitted";
    expect(offendersOf(drop, evidenceOf(story), promise)).not.toEqual([]);
    story.log.push(decision);
    expect(offendersOf(drop, evidenceOf(story), promise)).toEqual([]);
  });

  it("what was promised is there: a call that was given up may have ended the hold", () => {
    const evidence = evidenceOf(skuStory());
    const [one] = evidence.skus.values();
    const [reservation] = one?.record.reservations.values() ?? [];
    if (one === undefined || reservation === undefined) throw new Error("the story has no reservation");
    one.record.reservations.set(reservation.id, { ...reservation, status: "released", version: 99 });
    expect(offendersOf(sku, evidence, "what was promised is there")).not.toEqual([]);
    one.books.uncertain.add(reservation.id);
    expect(offendersOf(sku, evidence, "what was promised is there")).toEqual([]);
  });
});

function offendersBy({ checks }: Scenario, evidence: Evidence): Map<string, string[]> {
  return new Map(checks.map((check) => check(evidence)).map(({ promise, offenders }) => [promise, offenders]));
}
