import { describe, expect, it } from "vitest";
import { GROUP_COMMANDS_MAX } from "../../src/domain/bounds.ts";
import type { Command } from "../../src/domain/command.ts";
import { internalRequest } from "../../src/domain/command.ts";
import {
  CLAIM_WAIT_MS_MAX,
  COMMAND_MS_MIN,
  commandMsAfter,
  isNewClaim,
  isToBeShed,
  SHED_COMMANDS_MIN,
  SHED_RETRY_SECONDS_MAX,
  shedRetrySeconds,
  spreadRetrySeconds,
  TELLING_COMMANDS_MIN,
  turnCommandsMax,
} from "../../src/domain/load.ts";

describe("the time that a command takes", () => {
  it("[TXN9] follows turns of many commands up and down", () => {
    let known = 0.2;
    for (let turn = 0; turn < 30; turn++) known = commandMsAfter(known, 100, 200);
    expect(known).toBeCloseTo(2, 1);
    for (let turn = 0; turn < 30; turn++) known = commandMsAfter(known, 100, 50);
    expect(known).toBeCloseTo(0.5, 1);
  });

  it("[TXN9] never becomes longer by a turn of few commands, which only shows that it is shorter", () => {
    expect(commandMsAfter(1, TELLING_COMMANDS_MIN - 1, 30_000)).toBe(1);
    expect(commandMsAfter(1, TELLING_COMMANDS_MIN, 30_000)).toBeGreaterThan(1);
    expect(commandMsAfter(500, 1, 5)).toBeLessThan(500);
  });

  it("is never taken for nothing, as a clock that stands still would say", () => {
    let known = 1;
    for (let turn = 0; turn < 100; turn++) known = commandMsAfter(known, 100, 0);
    expect(known).toBeCloseTo(COMMAND_MS_MIN);
  });
});

describe("what is decided from it", () => {
  it("[TXN9] a new claim is shed when it would wait longer than half a second, and not before", () => {
    expect(isToBeShed(1, CLAIM_WAIT_MS_MAX)).toBe(false);
    expect(isToBeShed(1, CLAIM_WAIT_MS_MAX + 1)).toBe(true);
    expect(isToBeShed(1_000_000, SHED_COMMANDS_MIN - 1)).toBe(false);
    expect(isToBeShed(1_000_000, SHED_COMMANDS_MIN)).toBe(true);
  });

  it("[TXN9] Retry-After grows with what is ahead, is spread, and has bounds", () => {
    expect([0, 0.5, 1].map((random) => shedRetrySeconds(1, 2_000, random))).toEqual([2, 3, 4]);
    expect(shedRetrySeconds(1, 4_000, 0)).toBe(4);
    expect(shedRetrySeconds(1, 0, 0)).toBe(1);
    expect(shedRetrySeconds(1, 1_000_000, 0)).toBe(SHED_RETRY_SECONDS_MAX);
    expect([0, 1].map((random) => spreadRetrySeconds(3, random))).toEqual([3, 6]);
  });

  it("a turn takes as many commands as fit into its time, within its bounds", () => {
    expect(turnCommandsMax(1)).toBe(100);
    expect(turnCommandsMax(COMMAND_MS_MIN)).toBe(GROUP_COMMANDS_MAX);
    expect(turnCommandsMax(1_000)).toBe(TELLING_COMMANDS_MIN);
  });
});

describe("[TXN9] what goes first", () => {
  const reserve: Command = { type: "reserve", id: "r", customer: "ann", quantity: 1, metadata: {} };
  const join: Command = { type: "join", entry: "e", offer: "o", customer: "ann", quantity: 1 };
  const batchOf = (...commands: Command[]): Command => ({
    type: "batch",
    requests: commands.map((command) => internalRequest(command)),
  });

  it.each([
    ["a reserve", reserve, true],
    ["a joining", join, true],
    ["a batch of reserves", batchOf(reserve, join), true],
    ["a batch with a payment", batchOf(reserve, { type: "confirm", id: "r" }), false],
    ["a line of a cart", { ...reserve, cart: "c" }, false],
    ["the answer to a try", { type: "settle", id: "r", granted: true, of: "reserve" }, false],
    ["a payment", { type: "confirm", id: "r" }, false],
    ["a release", { type: "release", id: "r" }, false],
    ["an extension", { type: "extend", id: "r" }, false],
    ["an adjustment", { type: "adjust", delta: 1, reason: "found" }, false],
  ] satisfies [string, Command, boolean][])("%s is a new claim or not", (_name, command, isNew) => {
    expect(isNewClaim(internalRequest(command))).toBe(isNew);
  });
});
