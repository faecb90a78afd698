import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertConserved } from "../../src/domain/stock.ts";
import { NO_TURNS, Sale } from "./sale.ts";
import { HOLD_MS, OFFER_MS, WaitlistModel } from "./waitlist-model.ts";

const LIMIT = 4;
const STOCK = 5;

const customer = fc.constantFrom("ann", "bob", "carol", "dave", "eve");
const quantity = fc.integer({ min: 1, max: 4 });
const pick = fc.nat(30);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant("join" as const), customer, quantity }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("reserve" as const), customer, quantity }) },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constantFrom("release" as const, "sell" as const, "return" as const), pick }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("leave" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("adjust" as const), delta: fc.integer({ min: -3, max: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(1_000, 30_000, 60_000) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("pause" as const), paused: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** The sale and the model beside each other, with the names that each has for the same claim. */
class Pair {
  readonly model = new WaitlistModel(STOCK, LIMIT);
  readonly sale = new Sale(STOCK, {
    ...NO_TURNS,
    perCustomerLimit: LIMIT,
    holdTtlSeconds: HOLD_MS / 1000,
    offerTtlSeconds: OFFER_MS / 1000,
    lateConfirmSeconds: 1,
  });
  readonly entries: string[] = [];
  /** Ids of reservations by the model's keys. */
  readonly ids = new Map<string, string>();

  take(one: Step): void {
    switch (one.type) {
      case "join":
        this.#join(one.customer, one.quantity);
        return;
      case "reserve":
        this.#reserve(one.customer, one.quantity);
        return;
      case "leave": {
        const id = this.entries[one.pick % Math.max(1, this.entries.length)];
        if (id === undefined) return;
        this.sale.run({ type: "leave", entry: id });
        this.model.leave(id);
        return;
      }
      case "adjust":
        if (one.delta === 0) return;
        this.sale.adjust(one.delta);
        this.model.adjust(one.delta);
        return;
      case "pass":
        this.model.pass(one.ms);
        this.sale.at(this.model.now / 1000).object.wake();
        return;
      case "pause":
        this.sale.edit({ paused: one.paused });
        this.model.pause(one.paused);
        return;
      default:
        this.#act(one.type, one.pick);
    }
  }

  #join(who: string, units: number): void {
    const id = `e${this.entries.length}`;
    const told = this.sale.run({ type: "join", entry: id, offer: `offer of ${id}`, customer: who, quantity: units });
    expect(told.ok).toBe(this.model.join(id, who, units));
    if (told.ok) this.entries.push(id);
  }

  #reserve(who: string, units: number): void {
    const told = this.sale.reserve({ customer: who, quantity: units });
    const key = `r${this.ids.size}`;
    expect(told.ok).toBe(this.model.reserve(key, who, units));
    if (told.ok && told.type === "reservation") this.ids.set(key, told.reservation.id);
  }

  #act(type: "release" | "sell" | "return", index: number): void {
    const keys = [...this.model.claims.keys()];
    const key = keys[index % Math.max(1, keys.length)];
    const id = key === undefined ? undefined : this.ids.get(key);
    if (key === undefined || id === undefined) return;
    if (type === "release") {
      this.sale.release(id);
      this.model.release(key);
    } else if (type === "sell") {
      this.sale.confirm(id);
      this.model.sell(key);
    } else {
      this.sale.giveBack(id);
      this.model.giveBack(key);
    }
  }

  check(): void {
    for (const id of this.entries) {
      const entry = this.sale.object.entries.get(id);
      expect([id, entry?.status]).toEqual([id, this.model.statusOf(id)]);
      if (entry?.reservation && entry.status === "offered") this.ids.set(`offer of ${id}`, entry.reservation);
    }
    expect(this.sale.object.line.map(({ id }) => id)).toEqual(this.model.line.map(({ id }) => id));
    expect(this.sale.sku.waiting).toBe(this.model.line.length);
    const { stock, held, sold } = this.sale.counts();
    expect(stock - held - sold).toBe(this.model.free);
    assertConserved(this.sale.sku);
    const holds = [...this.sale.object.reservations.values()].filter(({ status }) => status === "held");
    expect(held).toBe(holds.reduce((sum, one) => sum + one.quantity, 0));
  }
}

describe("a waitlist under random commands", () => {
  it("[WTL5] [WTL6] serves everybody in the order of a line that is told in the plainest way", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120, size: "max" }), (steps) => {
        const pair = new Pair();
        for (const one of steps) {
          pair.take(one);
          pair.check();
        }
        for (const { status } of pair.sale.object.entries.values()) seen.add(status);
      }),
      { numRuns: 200 },
    );
    expect([...seen].sort()).toEqual(["accepted", "declined", "lapsed", "offered", "waiting", "withdrawn"]);
  });
});
