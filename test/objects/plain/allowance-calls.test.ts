import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Claim, Grant } from "../../../src/domain/allowance.ts";
import { CLAIMS_PER_CALL_MAX, CLAIMS_WAITING_MAX, OBJECT_CALL_MS } from "../../../src/domain/bounds.ts";
import { Logger } from "../../../src/logger.ts";
import { Timers } from "../../../src/objects/shared/timers.ts";
import { AllowanceCalls } from "../../../src/objects/sku/allowance-calls.ts";
import { FakeClock } from "../../fake-clock.ts";

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

/** Allowance objects that answer when they are told to. */
class Peers {
  readonly calls: { name: string; claims: Claim[]; answer: (grants: (Grant | null)[]) => void; fail: () => void }[] =
    [];
  readonly out = new AllowanceCalls(
    { ALLOWANCE: { getByName: (name: string) => this.#stub(name) } } as unknown as Env,
    { timers: new Timers(null, clock), logger: new Logger("sku", "a") },
  );

  #stub(name: string) {
    return {
      claim: (claims: Claim[]) => {
        const { promise, resolve, reject } = Promise.withResolvers<(Grant | null)[]>();
        this.calls.push({ name, claims, answer: resolve, fail: () => reject(new Error("away")) });
        return promise;
      },
    };
  }

  claim(name = "drop/1", id = "one"): Promise<Grant> {
    return this.out.claim(name, { id, customer: "ann", sku: "a", units: 1, version: 1, limit: 1 });
  }

  /** How many claims each call carried. */
  get sizes(): number[] {
    return this.calls.map(({ claims }) => claims.length);
  }
}

const YES: Grant = { granted: true };
const turn = () => clock.pass(0);

describe("the calls of a SKU to Allowance objects", () => {
  it("[ALW11] are one at a time to each, and carry as many claims as the bound allows", async () => {
    const peers = new Peers();
    const claims = Array.from({ length: CLAIMS_PER_CALL_MAX + 1 }, () => peers.claim());
    const elsewhere = peers.claim("drop/2");
    await turn();
    expect(peers.calls.map(({ name }) => name)).toEqual(["drop/1", "drop/2"]);
    const later = peers.claim();
    await turn();
    expect(peers.sizes).toEqual([CLAIMS_PER_CALL_MAX, 1]);
    for (const { claims: asked, answer } of peers.calls) answer(asked.map(() => YES));
    await turn();
    expect(peers.sizes).toEqual([CLAIMS_PER_CALL_MAX, 1, 2]);
    peers.calls[2]?.answer([YES, YES]);
    expect(new Set(await Promise.all([...claims, elsewhere, later]))).toEqual(new Set([YES]));
    void peers.claim();
    await turn();
    expect(peers.sizes).toHaveLength(4);
  });

  it("[ALW7] fail those whom a call carried, and go on with the others", async () => {
    const peers = new Peers();
    const first = peers.claim();
    const failing = expect(first).rejects.toThrow("away");
    await turn();
    const [second, third] = [peers.claim(), peers.claim()];
    const unknown = expect(third).rejects.toThrow("could not be asked");
    peers.calls[0]?.fail();
    await failing;
    await turn();
    peers.calls[1]?.answer([YES, null]);
    expect(await second).toEqual(YES);
    await unknown;
  });

  it("[TXN6] keep nobody waiting for longer than a call may take, before a call of its own", async () => {
    const peers = new Peers();
    const first = peers.claim();
    await turn();
    const late = expect(peers.claim()).rejects.toThrow("in time");
    // The answer comes before the call is given up, and that is too late for who has waited since before.
    clock.step(OBJECT_CALL_MS);
    const inTime = peers.claim("drop/1", "two");
    clock.step(1);
    peers.calls[0]?.answer([YES]);
    expect(await first).toEqual(YES);
    await late;
    expect(peers.calls[1]?.claims.map(({ id }) => id)).toEqual(["two"]);
    peers.calls[1]?.answer([YES]);
    expect(await inTime).toEqual(YES);
  });

  it("[TXN6] are given up when they take longer, and those who came meanwhile get theirs", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const peers = new Peers();
    const ended: string[] = [];
    const first = peers.claim().catch(({ message }: Error) => ended.push(message));
    await clock.pass(OBJECT_CALL_MS - 1);
    const second = peers.claim();
    await turn();
    expect([ended, peers.sizes]).toEqual([[], [1]]);
    await clock.pass(1);
    await first;
    expect([ended, peers.sizes]).toEqual([["an Allowance object did not answer in time"], [1, 1]]);
    peers.calls[1]?.answer([YES]);
    expect(await second).toEqual(YES);
    await turn();
    expect(clock.timers).toEqual([]);
  });

  it("[TXN6] let a bounded number wait, and fail the one that comes after", async () => {
    const peers = new Peers();
    const inFlight = peers.claim();
    await turn();
    const waiting = Array.from({ length: CLAIMS_WAITING_MAX }, () => peers.claim());
    await expect(peers.claim()).rejects.toThrow("too many");
    void inFlight;
    expect(waiting).toHaveLength(CLAIMS_WAITING_MAX);
    expect(peers.sizes).toEqual([1]);
  });
});
