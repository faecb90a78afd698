import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Claim, Grant } from "../../../src/domain/allowance.ts";
import { COUNT_PAUSE_MS, OBJECT_CALL_MS } from "../../../src/domain/bounds.ts";
import type { Tried, Verdict } from "../../../src/domain/limit-claims.ts";
import type { RescueAnswer } from "../../../src/domain/rescue-steps.ts";
import { Logger } from "../../../src/logger.ts";
import { Timers } from "../../../src/objects/shared/timers.ts";
import { AllowanceCalls } from "../../../src/objects/sku/allowance-calls.ts";
import { GroupCommit } from "../../../src/objects/sku/group-commit.ts";
import { Rescues } from "../../../src/objects/sku/rescues.ts";
import { Sale } from "../../domain/sale.ts";
import { FakeClock } from "../../fake-clock.ts";

let clock: FakeClock;
let timers: Timers;
beforeEach(() => {
  clock = new FakeClock();
  timers = new Timers(null, clock);
});
afterEach(() => void vi.restoreAllMocks());

/** A late payment that a cart would have to lend for, and what becomes of it. */
function late(lend: () => Promise<RescueAnswer>) {
  const claimed: { claims: Claim[]; at: number }[] = [];
  const claim = async (claims: Claim[]): Promise<Grant[]> => {
    claimed.push({ claims, at: clock.now() });
    return claims.map(() => ({ granted: true }));
  };
  const env = {
    CART: { getByName: () => ({ lend }) },
    ALLOWANCE: { getByName: () => ({ claim }) },
  } as unknown as Env;
  const alarm = { timers, logger: new Logger("sku", "shoe") };
  const group = new GroupCommit({
    transact: () => [],
    committed: async () => {},
    sweep: () => false,
  });
  const rescues = new Rescues(env, group, new AllowanceCalls(env, alarm), alarm);
  const reservation = { ...new Sale(1).hold(), lenders: [{ cart: "carts" }] };
  const tried: Tried = { reservation, limit: { drop: "noon", limit: 1, allowances: 1 }, by: "confirm" };
  const began = clock.now();
  const decided: { verdict: Verdict; afterMs: number }[] = [];
  const deciding = rescues.decide(tried, async (verdict) => {
    decided.push({ verdict, afterMs: clock.now() - began });
  });
  return { rescues, id: reservation.id, claimed, began, decided, deciding };
}

describe("a late payment", () => {
  it("[CNF17] is overloaded when a lender does not answer within five seconds", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { rescues, id, decided, deciding } = late(() => new Promise(() => {}));
    await clock.pass(OBJECT_CALL_MS - 1);
    expect([decided, rescues.has(id)]).toEqual([[], true]);
    await clock.pass(1);
    await deciding;
    const verdict = { granted: false, refusal: { code: "overloaded" }, lenders: [{ cart: "carts" }] };
    expect(decided).toEqual([{ verdict, afterMs: OBJECT_CALL_MS }]);
    expect([rescues.has(id), clock.timers]).toEqual([false, []]);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('"event":"rescue_call_failed"'));
  });

  it("[CNF13] asks the limit a second after it met a claim that has ended: the limit has heard of that by then", async () => {
    const { claimed, began, decided, deciding } = late(async () => ({ kind: "ended" }));
    await clock.pass(COUNT_PAUSE_MS - 1);
    expect(claimed).toEqual([]);
    await clock.pass(1);
    await deciding;
    expect(claimed.map(({ at }) => at - began)).toEqual([COUNT_PAUSE_MS]);
    expect(decided).toMatchObject([{ verdict: { granted: true }, afterMs: COUNT_PAUSE_MS }]);
  });

  it("[CLK6] does not wait for a clock that is set back while it pauses", async () => {
    const { decided, deciding } = late(async () => ({ kind: "ended" }));
    await clock.pass(COUNT_PAUSE_MS / 2);
    clock.step(-3_600_000);
    // As every call does.
    timers.checkUp(clock.now());
    await clock.pass(COUNT_PAUSE_MS);
    await deciding;
    expect(decided).toHaveLength(1);
  });
});
