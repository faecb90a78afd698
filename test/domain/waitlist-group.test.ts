import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Command, Request } from "../../src/domain/command.ts";
import type { Reservation } from "../../src/domain/model.ts";
import { assertConserved } from "../../src/domain/stock.ts";
import { request, Sale } from "./sale.ts";
import { overtakings } from "./waitlist-history.ts";

const STOCK = 3;
const POLICY = { perCustomerLimit: 4, holdTtlSeconds: 90, offerTtlSeconds: 60 };

const customer = fc.constantFrom("ann", "bob", "carol", "dave", "eve", "frank");
const quantity = fc.integer({ min: 1, max: 3 });
const pick = fc.nat(30);
const wish = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("join" as const), customer, quantity }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("reserve" as const), customer, quantity }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constantFrom("release" as const, "confirm" as const, "return" as const, "leave" as const),
      pick,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("settle" as const),
      pick,
      isRefused: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("adjust" as const), delta: fc.constantFrom(-2, -1, 1) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("pause" as const), paused: fc.constantFrom(true, false, false, false) }),
  },
);
const group = fc.record({
  wishes: fc.array(wish, { maxLength: 6 }),
  ms: fc.constantFrom(0, 0, 0, 0, 500, 10_000, 60_000),
});
type Wish = typeof wish extends fc.Arbitrary<infer One> ? One : never;

/** A sale whose requests come in groups: each group is one transaction, as under load. */
class Rush {
  readonly sale = new Sale(STOCK, POLICY);
  #entries = 0;
  #seconds = 0;

  constructor(isLimited: boolean) {
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 4 };
    if (isLimited) this.sale.run({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } });
  }

  take(wishes: readonly Wish[], ms: number): void {
    this.#seconds += ms / 1000;
    this.sale.at(this.#seconds);
    this.sale.object.execute(wishes.flatMap((one) => this.#requestOf(one)));
    this.#checkBooks();
    this.#settleDown();
  }

  /** Names what there is when the group begins, as those do who send at the same time. */
  #requestOf(one: Wish): Request[] {
    if (one.type === "reserve") return [request(this.sale.wish(one))];
    if (one.type === "pause") return [request({ type: "update", policy: { paused: one.paused } })];
    if (one.type === "adjust") return [request({ type: "adjust", delta: one.delta, reason: "count" })];
    if (one.type === "join") {
      this.#entries += 1;
      return [request({ ...one, entry: `e${this.#entries}`, offer: `for e${this.#entries}` })];
    }
    const { entries, reservations } = this.sale.object;
    const ids = one.type === "leave" ? [...entries.keys()] : claimsFor(one.type, [...reservations.values()]);
    const id = ids[one.pick % Math.max(1, ids.length)];
    return id === undefined ? [] : [request(this.#about(one, id), { actor: { role: "service" } })];
  }

  #about(one: Extract<Wish, { pick: number }>, id: string): Command {
    if (one.type === "leave") return { type: "leave", entry: id };
    if (one.type === "return") return { type: "return", id, restock: true };
    if (one.type !== "settle") return { type: one.type, id };
    const isPayment = this.sale.kept(id).attempt?.purpose === "rescue";
    return { type: "settle", id, granted: !one.isRefused, of: isPayment ? "confirm" : "reserve" };
  }

  get statuses(): string[] {
    return [...this.sale.object.entries.values()].map(({ status }) => status);
  }

  /** Runs transactions without requests, as the object does, until one finds nothing to do. */
  #settleDown(): void {
    for (let rounds = 0; this.sale.eventsOf(() => this.sale.object.wake()).length > 0; rounds++) {
      if (rounds > 20) throw new Error("the line is never served");
      this.#checkBooks();
    }
    const { stock, held, sold } = this.sale.counts();
    const free = stock - held - sold - this.sale.object.promisedUnits;
    const fitting = this.sale.object.line.filter((one) => one.reservation === null && one.quantity <= free);
    if (!this.sale.sku.policy.paused) expect(fitting).toEqual([]);
  }

  #checkBooks(): void {
    const { sku, object } = this.sale;
    assertConserved(sku);
    const reservations = [...object.reservations.values()];
    const held = reservations.filter(({ status }) => status === "held").map((one) => one.quantity);
    const sold = reservations.map((one) => one.confirmedQuantity - one.returnedQuantity);
    expect([sku.held, sku.sold]).toEqual([sum(held), sum(sold)]);
    expect(sku.waiting).toBe(object.line.length);
    const active = [...object.entries.values()].filter(({ status }) => status === "waiting" || status === "offered");
    expect(new Set(active.map((one) => one.customer)).size).toBe(active.length);
    for (const one of active) this.#checkOffer(one.reservation, one.id);
  }

  /** An active entry and its offer, or the try for one, name each other. */
  #checkOffer(offer: string | null, entry: string): void {
    if (offer !== null) expect(this.sale.kept(offer)).toMatchObject({ entry, status: "held" });
  }
}

/** Those that a wish may be about, most of them so that it is granted: offers and late payments among them. */
function claimsFor(type: "settle" | "return" | "release" | "confirm", claims: readonly Reservation[]): string[] {
  const isApt = ({ attempt, status }: Reservation): boolean => {
    if (type === "settle") return attempt !== null;
    if (type === "return") return status === "confirmed";
    return status === "held" || (type === "confirm" && status === "expired");
  };
  return claims.filter(isApt).map(({ id }) => id);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

describe.each([false, true])("a waitlist under groups of requests, in a drop with a limit: %s", (isLimited) => {
  it("[WTL5] [WTL9] [WTL11] [STK1] is never overtaken, and ends with nothing free that fits", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(group, { minLength: 5, maxLength: 30, size: "max" }), (groups) => {
        const rush = new Rush(isLimited);
        for (const { wishes, ms } of groups) {
          rush.take(wishes, ms);
          for (const status of rush.statuses) seen.add(status);
        }
        expect(overtakings(rush.sale.object.events, isLimited, rush.sale.object)).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect([...seen].sort()).toEqual(["accepted", "declined", "lapsed", "offered", "waiting", "withdrawn"]);
  });
});
