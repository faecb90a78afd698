import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SWEEP_HOLDS_MAX } from "../../src/domain/bounds.ts";
import type { Outcome, Request } from "../../src/domain/command.ts";
import { CLAIM_WAIT_MS_MAX, COMMAND_MS_UNKNOWN, TURN_SWEEPS_MAX } from "../../src/domain/load.ts";
import { GroupCommit, type GroupHost } from "../../src/objects/sku/group-commit.ts";
import { verdictOf } from "../domain/sale.ts";
import { keyed, ObjectSale, stopClock, wish } from "./object-sale.ts";

afterEach(() => vi.useRealTimers());

/** Claims that fit into the line of an object that has not measured anything yet. */
const FITTING = Math.floor(CLAIM_WAIT_MS_MAX / COMMAND_MS_UNKNOWN);

/** An object whose disk takes as long as the test says. */
class SlowHost implements GroupHost {
  readonly decided: Request[][] = [];
  sweeps = 0;
  moreIsDue = false;
  #writes: (() => void)[] = [];

  transact(requests: readonly Request[]): Outcome[] {
    this.decided.push([...requests]);
    return requests.map(() => ({ ok: true, type: "done" }));
  }

  committed(): Promise<void> {
    return new Promise((resolve) => this.#writes.push(resolve));
  }

  sweep(): boolean {
    this.sweeps += 1;
    return this.moreIsDue;
  }

  /** The disk has written: the next turn begins. */
  async written(): Promise<void> {
    for (const resolve of this.#writes.splice(0)) resolve();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const claims = (count: number) =>
  Array.from({ length: count }, (_none, index) => keyed(wish({ customer: `c${index}` })));

describe("a full line", () => {
  it("[TXN9] tells a new claim at once when to come again, and takes a payment that goes before all claims", async () => {
    const host = new SlowHost();
    const group = new GroupCommit(host);
    const first = group.submit(claims(1));
    const waiting = group.submit(claims(FITTING + 1));
    const [shed] = await group.submit(claims(1));
    expect(shed).toMatchObject({ ok: false, refusal: { code: "overloaded" } });
    const payment = keyed({ type: "confirm", id: "r" });
    const paid = group.submit([payment]);
    await first;
    await host.written();
    await paid;
    expect(host.decided[1]?.[0]).toBe(payment);
    // Nothing of what was shed is ever decided.
    await host.written();
    await waiting;
    expect(host.decided.flat()).toHaveLength(1 + 1 + FITTING + 1);
  });

  it("[TXN9] takes claims again as soon as the line is shorter", async () => {
    const host = new SlowHost();
    const group = new GroupCommit(host);
    void group.submit(claims(1));
    const waiting = group.submit(claims(FITTING + 1));
    expect((await group.submit(claims(1))).map(verdictOf)).toEqual(["overloaded"]);
    await host.written();
    await waiting;
    const after = group.submit(claims(1));
    await host.written();
    expect((await after).map(verdictOf)).toEqual(["ok"]);
  });

  it("[TXN9] says a later time the more were told to come again", async () => {
    const host = new SlowHost();
    const group = new GroupCommit(host);
    void group.submit(claims(1));
    void group.submit(claims(FITTING + 1));
    const secondsOf = (outcomes: Outcome[]) =>
      outcomes.map((one) => (one.ok ? null : Object(one.refusal).retryAfterSeconds));
    const early = secondsOf(await group.submit(claims(1)))[0];
    group.shedAhead(10 * FITTING);
    const late = secondsOf(await group.submit(claims(1)))[0];
    expect(early).toBeGreaterThanOrEqual(1);
    expect(early).toBeLessThanOrEqual(3);
    expect(late).toBeGreaterThanOrEqual(5);
  });
});

describe("what is due", () => {
  it("[EXP4] is released with each turn of the line, a bounded portion, and not only when the alarm comes", async () => {
    const host = new SlowHost();
    host.moreIsDue = true;
    const group = new GroupCommit(host);
    void group.submit(claims(1));
    await host.written();
    expect(host.sweeps).toBe(0);
    void group.submit(claims(1));
    void group.submit(claims(1));
    await host.written();
    expect(host.sweeps).toBe(TURN_SWEEPS_MAX);
  });

  it("does not break the line if it cannot be released", async () => {
    const host = new SlowHost();
    host.sweep = () => {
      throw new Error("the database is broken");
    };
    const group = new GroupCommit(host);
    const one = group.submit(claims(1));
    const next = group.submit(claims(1));
    await host.written();
    expect((await one).map(verdictOf)).toEqual(["ok"]);
    expect((await next).map(verdictOf)).toEqual(["ok"]);
    await host.written();
    const other = group.submit(claims(1));
    await host.written();
    expect((await other).map(verdictOf)).toEqual(["ok"]);
  });

  it("[EXP4] many holds that end together leave with the first calls after their end, without an alarm", async () => {
    stopClock(Date.now() + 3_600_000);
    const sale = await ObjectSale.open(5_000);
    // With each of two calls, and between them.
    await sale.holds((2 + TURN_SWEEPS_MAX) * SWEEP_HOLDS_MAX, { ttlSeconds: 5 });
    stopClock(Date.now() + 5_000);
    const { outcomes } = await runInDurableObject(sale.stub, async (instance) => {
      const calls = await Promise.all(
        ["zoe", "yan"].map((customer) => instance.execute([keyed(wish({ customer }))], 0)),
      );
      return { outcomes: calls.flatMap((one) => one.outcomes) };
    });
    expect(outcomes.map(verdictOf)).toEqual(["ok", "ok"]);
    expect(await sale.count("reservation", "status = 'held'")).toBe(2);
    await sale.audit();
  });
});
