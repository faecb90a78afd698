import { describe, expect, it } from "vitest";
import type { Stock } from "../../src/client/wire.ts";
import { openingPhase } from "../../src/web/shop/opening-phase.ts";

describe("how far a drop is with its opening", () => {
  it.each<[string, Stock["state"][]]>([
    ["before", ["scheduled", "scheduled"]],
    ["before", ["open", "scheduled"]],
    ["before", ["paused", "scheduled"]],
    ["stopped", ["paused", "paused"]],
    ["stopped", ["open", "paused"]],
    ["stopped", ["closed", "closed"]],
    ["open", ["open", "sold_out"]],
    ["open", ["held_elsewhere", "closed"]],
  ])("is %s with %j", (phase, states) => {
    expect(openingPhase(states)).toBe(phase);
  });
});
