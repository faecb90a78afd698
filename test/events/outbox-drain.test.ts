import { beforeEach, describe, expect, it } from "vitest";
import {
  CART_RECORD_PACE_MS,
  RECORD_BACKOFF_MS_MAX,
  RECORD_BACKOFF_MS_MIN,
  RECORD_PACE_MS,
} from "../../src/domain/bounds.ts";
import { OutboxDrain } from "../../src/events/outbox-drain.ts";
import { waitFor } from "../../src/objects/shared/timeout.ts";
import { FakeClock, settled } from "../fake-clock.ts";

interface Batch {
  from: number;
  upTo: number;
}

/** An outside whose clock stands still but for what is slept, and whose writes end when the test says so. */
class Outside {
  readonly clock = new FakeClock(1_000_000);
  /** Sequence of the last event that is there to be recorded. */
  last = 0;
  batchMax = Number.POSITIVE_INFINITY;
  random = 0;
  written: Batch[] = [];
  inFlight: { batch: Batch; done: () => void; fail: (error: unknown) => void }[] = [];
  inFlightMost = 0;
  acknowledged: number[] = [];
  failures: number[] = [];
  slept: number[] = [];

  readonly drain: OutboxDrain<Batch>;

  constructor(paces: { paceMs?: number; hurriedPaceMs?: number } = {}) {
    this.drain = new OutboxDrain<Batch>(
      {
        newest: () => this.last,
        next: (after) => ({ from: after + 1, upTo: Math.min(this.last, after + this.batchMax) }),
        write: (batch) => this.#write(batch),
        acknowledged: (upTo) => this.acknowledged.push(upTo),
        failed: (_error, retryAt) => this.failures.push(retryAt),
        now: () => this.clock.now(),
        sleep: (ms) => {
          this.slept.push(ms);
          return this.clock.pause(ms);
        },
        waitFor: (work, ms) => waitFor(work, ms, this.clock),
        random: () => this.random,
        paceMs: RECORD_PACE_MS,
        ...paces,
      },
      0,
    );
  }

  /** Lets so much time pass at once, waking those who slept until then. */
  async pass(ms: number): Promise<void> {
    this.clock.step(ms);
    await this.clock.pass(0);
  }

  /** Ends the write in flight well. */
  async succeed(): Promise<void> {
    this.inFlight.shift()?.done();
    await settled();
  }

  async fail(): Promise<void> {
    this.inFlight.shift()?.fail(new Error("down"));
    await settled();
  }

  #write(batch: Batch): Promise<void> {
    this.written.push(batch);
    return new Promise((resolve, reject) => {
      this.inFlight.push({ batch, done: resolve, fail: reject });
      this.inFlightMost = Math.max(this.inFlightMost, this.inFlight.length);
    });
  }
}

describe("an outbox drain", () => {
  let outside: Outside;
  beforeEach(() => {
    outside = new Outside();
  });

  const commit = (last: number): void => {
    outside.last = last;
    void outside.drain.kick();
  };

  it("[REC1] writes as soon as it is kicked, and says so", async () => {
    commit(1);
    expect(outside.written).toEqual([{ from: 1, upTo: 1 }]);
    expect(outside.drain.recorded).toBe(0);
    await outside.succeed();
    expect(outside.drain.recorded).toBe(1);
    expect(outside.acknowledged).toEqual([1]);
  });

  it("[REC2] has one write in flight, and the next carries everything since, in order", async () => {
    commit(1);
    commit(2);
    commit(5);
    expect(outside.written).toEqual([{ from: 1, upTo: 1 }]);
    await outside.succeed();
    await outside.pass(RECORD_PACE_MS);
    commit(7);
    await outside.succeed();
    await outside.pass(RECORD_PACE_MS);
    await outside.succeed();
    expect(outside.written).toEqual([
      { from: 1, upTo: 1 },
      { from: 2, upTo: 5 },
      { from: 6, upTo: 7 },
    ]);
    expect(outside.inFlightMost).toBe(1);
  });

  it("[REC2] starts one write per pace at most, counted from start to start", async () => {
    commit(1);
    await outside.pass(20);
    await outside.succeed();
    commit(2);
    await outside.pass(RECORD_PACE_MS - 21);
    expect(outside.written).toHaveLength(1);
    await outside.pass(1);
    expect(outside.written).toHaveLength(2);
  });

  it("[REC2] does not pause after a write that took longer than the pace", async () => {
    commit(1);
    commit(2);
    await outside.pass(RECORD_PACE_MS + 1);
    await outside.succeed();
    expect(outside.written).toHaveLength(2);
    expect(outside.slept).toEqual([]);
  });

  it("[REC2] of a Cart object takes its time while nobody waits, and hurries for whoever does", async () => {
    outside = new Outside({ paceMs: CART_RECORD_PACE_MS, hurriedPaceMs: RECORD_PACE_MS });
    commit(1);
    await outside.succeed();
    commit(2);
    await outside.pass(CART_RECORD_PACE_MS - 1);
    expect(outside.written).toHaveLength(1);
    await outside.pass(1);
    expect(outside.written).toHaveLength(2);
    await outside.succeed();
    commit(3);
    await outside.pass(10);
    void outside.drain.reached(3, 1_000);
    await outside.pass(RECORD_PACE_MS - 11);
    expect(outside.written).toHaveLength(2);
    await outside.pass(1);
    expect(outside.written).toHaveLength(3);
    await outside.succeed();
    // Who waits already when it is committed does not wait longer.
    void outside.drain.reached(4, 1_000);
    commit(4);
    await outside.pass(RECORD_PACE_MS);
    expect(outside.written).toHaveLength(4);
    expect(outside.clock.timers.length).toBeLessThanOrEqual(1);
  });

  it("carries a long backlog in several batches, one after another", async () => {
    outside.batchMax = 500;
    commit(1300);
    for (let round = 0; round < 3; round++) {
      await outside.succeed();
      await outside.pass(RECORD_PACE_MS);
    }
    expect(outside.written).toEqual([
      { from: 1, upTo: 500 },
      { from: 501, upTo: 1000 },
      { from: 1001, upTo: 1300 },
    ]);
    expect(outside.acknowledged).toEqual([500, 1000, 1300]);
  });

  it("[REC4] backs off after a failure, and tries the same again when it is kicked in time", async () => {
    outside.random = 0;
    commit(3);
    await outside.fail();
    expect(outside.failures).toEqual([outside.clock.now() + RECORD_BACKOFF_MS_MIN / 2]);
    expect(outside.drain.retryAt).toBe(outside.clock.now() + RECORD_BACKOFF_MS_MIN / 2);
    commit(4);
    await outside.pass(RECORD_BACKOFF_MS_MIN / 2 - 1);
    commit(5);
    expect(outside.written).toHaveLength(1);
    await outside.pass(1);
    commit(5);
    expect(outside.written[1]).toEqual({ from: 1, upTo: 5 });
    await outside.succeed();
    expect(outside.drain.recorded).toBe(5);
    expect(outside.drain.retryAt).toBeNull();
  });

  it("[REC4] doubles the backoff up to its cap, for ever, with jitter between half and all of it", async () => {
    for (const random of [0, 0.999_999]) {
      outside = new Outside();
      outside.random = random;
      const waits: number[] = [];
      for (let failure = 0; failure < 14; failure++) {
        commit(1);
        await outside.fail();
        const retryAt = outside.drain.retryAt ?? 0;
        waits.push(retryAt - outside.clock.now());
        await outside.pass(retryAt - outside.clock.now());
      }
      const ceilings = waits.map((_wait, index) => Math.min(RECORD_BACKOFF_MS_MAX, RECORD_BACKOFF_MS_MIN * 2 ** index));
      expect(waits).toEqual(ceilings.map((ceiling) => (random === 0 ? ceiling / 2 : ceiling)));
      expect(waits.at(-1)).toBe(random === 0 ? RECORD_BACKOFF_MS_MAX / 2 : RECORD_BACKOFF_MS_MAX);
    }
  });

  it("[REC4] forgets its failures with the first success", async () => {
    for (let failure = 0; failure < 5; failure++) {
      commit(1);
      await outside.fail();
      await outside.pass(RECORD_BACKOFF_MS_MAX);
    }
    commit(1);
    await outside.succeed();
    await outside.pass(RECORD_PACE_MS);
    commit(2);
    await outside.fail();
    expect((outside.drain.retryAt ?? 0) - outside.clock.now()).toBe(RECORD_BACKOFF_MS_MIN / 2);
  });

  it("[REC3] sends again what was written but never acknowledged", async () => {
    outside.batchMax = 2;
    commit(4);
    await outside.succeed();
    await outside.pass(RECORD_PACE_MS);
    await outside.fail();
    await outside.pass(RECORD_BACKOFF_MS_MAX);
    commit(4);
    await outside.succeed();
    expect(outside.written).toEqual([
      { from: 1, upTo: 2 },
      { from: 3, upTo: 4 },
      { from: 3, upTo: 4 },
    ]);
    expect(outside.drain.recorded).toBe(4);
  });

  it("[REC5] answers at once what is recorded, or when nobody wants to wait", async () => {
    commit(2);
    await outside.succeed();
    expect(await outside.drain.reached(2, 0)).toBe(true);
    expect(await outside.drain.reached(3, 0)).toBe(false);
    expect(outside.slept).toEqual([]);
  });

  it("[REC5] wakes each waiter with its own event, and not before", async () => {
    outside.batchMax = 1;
    const woken: string[] = [];
    commit(2);
    void outside.drain.reached(1, 1000).then((reached) => woken.push(`first ${reached}`));
    void outside.drain.reached(2, 1000).then((reached) => woken.push(`second ${reached}`));
    await settled();
    expect(woken).toEqual([]);
    await outside.succeed();
    expect(woken).toEqual(["first true"]);
    await outside.pass(RECORD_PACE_MS);
    await outside.succeed();
    expect(woken).toEqual(["first true", "second true"]);
    // A timer that went on would keep the object awake for as long as somebody was ready to wait.
    expect(outside.clock.timers).toEqual([]);
  });

  it("[REC5] gives a waiter up after its time, also while the record is down", async () => {
    commit(1);
    const reached = outside.drain.reached(1, 1000);
    await outside.fail();
    await outside.pass(999);
    await outside.pass(1);
    expect(await reached).toBe(false);
    commit(1);
    await outside.succeed();
    expect(await outside.drain.reached(1, 0)).toBe(true);
  });

  it("ends its run with the last event, so that nobody waits for it in vain", async () => {
    outside.last = 1;
    let ended = false;
    void outside.drain.kick().then(() => {
      ended = true;
    });
    await outside.succeed();
    expect(ended).toBe(true);
    await outside.drain.kick();
    expect(outside.written).toHaveLength(1);
  });
});
