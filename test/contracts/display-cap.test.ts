import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutForPublic, skuToWire } from "../../src/contracts/present.ts";
import type { Command, Outcome } from "../../src/domain/command.ts";
import type { Policy, SkuEvent } from "../../src/domain/model.ts";
import { unitsForCustomer } from "../../src/domain/reserve.ts";
import { openUnitOfWork, viewSku } from "../../src/domain/unit-of-work.ts";
import { outcomeToWire } from "../../src/http/responses.ts";
import { reservationFrameOf, stockFrameOf, waitlistFrameOf } from "../../src/live/frames.ts";
import { Sale, shopper } from "../domain/sale.ts";

const CAP = 5;
const CUSTOMERS = ["ann", "bob"];

const customer = fc.constantFrom(...CUSTOMERS);
const small = fc.integer({ min: 1, max: 3 });
const much = fc.integer({ min: 1, max: 60 });
const pick = fc.nat(9);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("reserve" as const), customer, quantity: small }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("reserve" as const), customer, quantity: much }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("join" as const), customer, quantity: much }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom("release" as const, "leave" as const), customer, pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("wait" as const), customer, seconds: fc.constantFrom(1, 40) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** One SKU, and all that its shoppers and anybody else are told. */
class World {
  readonly sale: Sale;
  #seconds = 0;
  #seen = 0;

  constructor(stock: number, policy: Partial<Policy>) {
    this.sale = new Sale(stock, policy);
    this.#seen = this.sale.object.events.length;
  }

  /** Takes a step and returns everything that anybody without a storefront's token can see of it and after it. */
  take(one: Step): unknown {
    const told = this.#answerTo(one);
    const { object } = this.sale;
    const view = viewSku(openUnitOfWork(object.now, object.sku));
    const events = object.events.slice(this.#seen);
    this.#seen = object.events.length;
    const mine = CUSTOMERS.map((name) => unitsForCustomer(view, unitsOf(this.sale, name)));
    return {
      told,
      sku: skuToWire(view, "public"),
      frame: stockFrameOf(view, "public"),
      own: events.map(frameOf),
      availableToMe: mine.map((units) => cutForPublic(units, CAP, "public")),
    };
  }

  /** Whether its shoppers have taken as much as they can see, or so much that they see the rest. */
  get isPast(): boolean {
    const { stock, held, sold } = this.sale.counts();
    return held + sold >= CAP || stock - held - sold <= CAP;
  }

  #answerTo(one: Step): unknown {
    if (one.type === "wait") {
      this.#seconds += one.seconds;
      this.sale.at(this.#seconds).object.wake();
      return null;
    }
    const command = this.#commandOf(one);
    if (command === null) return null;
    const outcome: Outcome = this.sale.run(command, { actor: shopper(one.customer) });
    return outcomeToWire(outcome, command.type === "reserve", "public");
  }

  #commandOf(one: Exclude<Step, { type: "wait" }>): Command | null {
    const { reservations, entries } = this.sale.object;
    switch (one.type) {
      case "reserve":
        return this.sale.wish(one);
      case "join": {
        const entry = `e${entries.size}`;
        return { ...one, entry, offer: `offer of ${entry}` };
      }
      default: {
        const ids = [...(one.type === "release" ? reservations : entries).keys()];
        const id = ids[one.pick % Math.max(1, ids.length)];
        if (id === undefined) return null;
        return one.type === "release" ? { type: "release", id } : { type: "leave", entry: id };
      }
    }
  }
}

function unitsOf(sale: Sale, name: string): number {
  const held = [...sale.object.reservations.values()].filter((one) => one.customer === name && one.status === "held");
  return held.reduce((sum, { quantity }) => sum + quantity, 0);
}

function frameOf(event: SkuEvent): string | null {
  return reservationFrameOf(event) ?? waitlistFrameOf(event);
}

describe("a display cap", () => {
  it("[API5] two SKUs that differ only in stock above it look the same to whoever takes less than it", () => {
    const reached = { compared: 0, refused: 0, joined: 0 };
    fc.assert(
      fc.property(
        fc.record({
          extra: fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })),
          threshold: fc.integer({ min: 0, max: 60 }),
          limit: fc.constantFrom(null, 60),
          steps: fc.array(step, { minLength: 1, maxLength: 15 }),
        }),
        ({ extra, threshold, limit, steps }) => {
          const policy = {
            displayCap: CAP,
            lowStockThreshold: threshold,
            perCustomerLimit: limit,
            maxPerReservation: 60,
          };
          const [one, other] = extra.map((units) => new World(CAP + units, { ...policy, holdTtlSeconds: 30 }));
          if (one === undefined || other === undefined) throw new Error("two worlds were to be made");
          for (const next of steps) {
            const [seen, alsoSeen] = [one.take(next), other.take(next)];
            if (one.isPast || other.isPast) return;
            expect(seen).toEqual(alsoSeen);
            reached.compared += 1;
            const text = JSON.stringify(seen);
            if (text.includes("insufficient-stock")) reached.refused += 1;
            if (text.includes('"status":"waiting"')) reached.joined += 1;
          }
        },
      ),
      { numRuns: 500 },
    );
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(50);
  });

  it("[STK6] is not passed by asking for more than a limit allows, or out of turn", () => {
    const answers = [CAP + 2, CAP + 9].map((stock) => {
      const sale = new Sale(stock, { displayCap: CAP, maxPerReservation: 60, perCustomerLimit: null });
      const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
      sale.run({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } });
      const outcome = sale.reserve({ customer: "ann", quantity: CAP + 4, actor: shopper("ann") });
      return outcomeToWire(outcome, true, "public");
    });
    expect(answers[0]).toMatchObject({
      status: 409,
      body: { code: "insufficient-stock", available: CAP, capped: true },
    });
    expect(answers[1]).toEqual(answers[0]);
  });
});
