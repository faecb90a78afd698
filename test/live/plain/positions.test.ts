import { beforeEach, describe, expect, it } from "vitest";
import { POSITIONS_INTERVAL_MS } from "../../../src/domain/bounds.ts";
import type { WaitlistEntry } from "../../../src/domain/model.ts";
import { Positions } from "../../../src/live/positions.ts";
import { Timers } from "../../../src/objects/shared/timers.ts";
import { FakeClock } from "../../fake-clock.ts";

/** A waitlist that changes, and who was told which position, with the time since the beginning. */
class Line {
  readonly clock = new FakeClock();
  readonly timers = new Timers(null, this.clock);
  readonly told: { customer: string; position: number; atMs: number }[] = [];
  readonly #began = this.clock.now();
  readonly #positions = new Positions(
    this.timers,
    () => this.#entries,
    (customer, frame) => {
      const { entry } = JSON.parse(frame) as { entry: { position: number } };
      this.told.push({ customer, position: entry.position, atMs: this.clock.now() - this.#began });
    },
  );
  #entries: WaitlistEntry[];

  constructor(...customers: string[]) {
    this.#entries = customers.map((customer, index) => entryOf(customer, index));
  }

  join(customer: string): void {
    const entry = entryOf(customer, (this.#entries.at(-1)?.rank ?? 0) + 1);
    this.#entries.push(entry);
    this.#positions.moved(entry);
  }

  leave(customer: string): void {
    const gone = this.#entries.filter((entry) => entry.customer === customer);
    this.#entries = this.#entries.filter((entry) => entry.customer !== customer);
    for (const entry of gone) this.#positions.moved(entry);
  }
}

function entryOf(customer: string, rank: number): WaitlistEntry {
  const ends = { reservation: null, offerExpiresAt: null, reason: null };
  return {
    id: customer,
    sku: "shoe",
    customer,
    quantity: 1,
    status: "waiting",
    rank,
    createdAt: 0,
    version: 1,
    ...ends,
  };
}

describe("positions on a waitlist", () => {
  let line: Line;
  beforeEach(() => {
    line = new Line("ann", "bob", "cid");
  });

  it("[LIV9] are told five seconds after the line has moved, to those whose has changed", async () => {
    line.leave("bob");
    await line.clock.pass(POSITIONS_INTERVAL_MS - 1);
    expect(line.told).toEqual([]);
    await line.clock.pass(1);
    expect(line.told).toEqual([{ customer: "cid", position: 2, atMs: POSITIONS_INTERVAL_MS }]);
    await line.clock.pass(10 * POSITIONS_INTERVAL_MS);
    expect(line.told).toHaveLength(1);
  });

  it("[LIV9] are told to nobody in front of whom nothing has changed", async () => {
    line.join("dan");
    await line.clock.pass(POSITIONS_INTERVAL_MS);
    expect(line.told).toEqual([{ customer: "dan", position: 4, atMs: POSITIONS_INTERVAL_MS }]);
  });

  it("[LIV9] are told at most every five seconds, however often the line moves, and end on the newest", async () => {
    const many = Array.from({ length: 40 }, (_none, index) => `customer-${index}`);
    line = new Line(...many, "last");
    for (const customer of many.slice(0, 39)) {
      line.leave(customer);
      await line.clock.pass(300);
    }
    await line.clock.pass(POSITIONS_INTERVAL_MS);
    const ofLast = line.told.filter(({ customer }) => customer === "last");
    // Each time is counted from the first move after the last telling.
    expect(ofLast.map(({ atMs }) => atMs)).toEqual([5_000, 10_100, 15_200]);
    expect(ofLast.map(({ position }) => position)).toEqual([24, 7, 2]);
  });

  it("[CLK6] [LIV9] do not wait for a clock that was set back meanwhile", async () => {
    line.leave("ann");
    await line.clock.pass(1_000);
    line.clock.step(-3_600_000);
    line.timers.checkUp(line.clock.now());
    await line.clock.pass(POSITIONS_INTERVAL_MS);
    expect(line.told.map(({ customer }) => customer)).toEqual(["bob", "cid"]);
  });
});
