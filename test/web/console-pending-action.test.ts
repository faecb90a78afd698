import { describe, expect, it } from "vitest";
import { HoldfastError, type Refusal } from "../../src/client/client.ts";
import { explain, isUncertain } from "../../src/web/console/state/failure.ts";
import { Unanswered } from "../../src/web/console/state/unanswered.ts";

describe("a change that was not answered", () => {
  const hour = 60 * 60 * 1000;

  it("keeps its key until it is, so that it is not done twice", () => {
    const unanswered = new Unanswered();
    const key = unanswered.keyOf("put 5 in", 0);
    expect(unanswered.keyOf("put 5 in", hour)).toBe(key);
    expect(unanswered.keyOf("put 6 in", hour)).not.toBe(key);
    unanswered.answered("put 5 in");
    expect(unanswered.has("put 5 in", hour)).toBe(false);
    expect(unanswered.keyOf("put 5 in", hour)).not.toBe(key);
  });

  it("is another one when the service has forgotten its key", () => {
    const unanswered = new Unanswered();
    const key = unanswered.keyOf("put 5 in", 0);
    expect(unanswered.has("put 5 in", 23 * hour)).toBe(true);
    expect(unanswered.has("put 5 in", 24 * hour)).toBe(false);
    expect(unanswered.keyOf("put 5 in", 24 * hour)).not.toBe(key);
  });
});

describe("a failure", () => {
  const outage = new HoldfastError("network", "no answer", { outcome: "unknown" });

  it("leaves a change open when there was no answer to one of its tries", () => {
    expect(isUncertain(outage)).toBe(true);
    expect(isUncertain(new HoldfastError("rate-limited", "too many", { status: 429 }))).toBe(false);
    expect(
      isUncertain(new HoldfastError("rate-limited", "too many", { status: 429, tries: 2, outcome: "unknown" })),
    ).toBe(true);
    expect(isUncertain(new HoldfastError("overloaded", "too busy", { status: 503, tries: 5 }))).toBe(false);
    expect(isUncertain({ code: "stock-in-use" } as Refusal)).toBe(false);
  });

  it("does not promise that something else than what was asked for is done once", () => {
    expect(explain(outage, "change").detail).toContain("will not be done twice");
    expect(explain(outage, "another change").detail).toContain("would be a change in addition to it");
  });
});
