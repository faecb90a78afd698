import { describe, expect, it } from "vitest";
import { REHOLD_CUSTOMERS_MAX } from "../../src/domain/bounds.ts";
import type { Actor, Outcome } from "../../src/domain/command.ts";
import { abandon, noShortages, openTurns, refusedForStock } from "../../src/domain/turns.ts";
import { ADMIN, refusalOf, reservationOf, Sale, STOREFRONT, shopper, verdictOf } from "./sale.ts";

const OPEN = { perCustomerLimit: null, lowStockThreshold: 0, holdTtlSeconds: 10, maxHoldSeconds: 3600 };

/** Reserves for ann and gives it back, so many times. */
function giveBack(sale: Sale, times: number, actor: Actor = STOREFRONT): void {
  for (let index = 0; index < times; index++) {
    const { id } = sale.hold({ customer: "ann" });
    sale.run({ type: "release", id }, { actor });
  }
}

function reserveFor(sale: Sale, customer: string): Outcome {
  return sale.reserve({ customer });
}

/** The only pair, which ann holds and bob was refused. */
function wanted(policy = {}): { sale: Sale; hers: string } {
  const sale = new Sale(1, { ...OPEN, ...policy });
  const hers = sale.hold({ customer: "ann" }).id;
  expect(verdictOf(reserveFor(sale, "bob"))).toBe("insufficient-stock");
  return { sale, hers };
}

describe("who let go of `abandonsPerHour`", () => {
  it("[LGO1] may reserve up to it, and not past it for the rest of the hour", () => {
    const sale = new Sale(9, { ...OPEN, abandonsPerHour: 3 });
    giveBack(sale, 2);
    sale.at(100);
    giveBack(sale, 1);
    const refusal = { code: "limit-exceeded", limit: 3, used: 3, remaining: 0, scope: "abandoned" };
    expect(refusalOf(reserveFor(sale, "ann"))).toEqual({ ...refusal, retryAfterSeconds: 3500 });
    expect(verdictOf(reserveFor(sale, "bob"))).toBe("ok");
    expect(refusalOf(reserveFor(sale.at(3599), "ann"))).toMatchObject({ scope: "abandoned", retryAfterSeconds: 1 });
    expect(verdictOf(reserveFor(sale.at(3600), "ann"))).toBe("ok");
  });

  it("[LGO1] has let go of what lapsed, of offers and of places in the line as well", () => {
    const sale = new Sale(1, { ...OPEN, abandonsPerHour: 4, offerTtlSeconds: 10 });
    const join = (entry: string) =>
      sale.run({ type: "join", entry, offer: `offer of ${entry}`, customer: "ann", quantity: 1 });
    const bobs = sale.hold({ customer: "bob", ttlSeconds: 3600 }).id;
    join("e1");
    sale.run({ type: "leave", entry: "e1" }, { actor: shopper("ann") });
    join("e2");
    sale.release(bobs);
    sale.run({ type: "leave", entry: "e2" }, { actor: shopper("ann") });
    expect(sale.object.entries.get("e2")?.status).toBe("declined");
    const again = sale.hold({ customer: "bob", ttlSeconds: 3600 }).id;
    join("e3");
    sale.release(again);
    sale.at(10).object.wake();
    expect(sale.object.entries.get("e3")?.status).toBe("lapsed");
    sale.hold({ customer: "ann" });
    sale.at(20).object.wake();
    expect(refusalOf(reserveFor(sale, "ann"))).toMatchObject({ scope: "abandoned", used: 4 });
  });

  it.each([
    { what: "an admin's release", actor: ADMIN, reason: undefined, counts: false },
    { what: "a storefront's after a failed payment", actor: STOREFRONT, reason: "payment" as const, counts: false },
    { what: "a storefront's", actor: STOREFRONT, reason: undefined, counts: true },
    { what: "a shopper's own", actor: shopper("ann"), reason: undefined, counts: true },
    { what: "a shopper's that names a payment", actor: shopper("ann"), reason: "payment" as const, counts: true },
  ])("[LGO3] $what counts: $counts", ({ actor, reason, counts }) => {
    const sale = new Sale(9, { ...OPEN, abandonsPerHour: 1 });
    const { id } = sale.hold({ customer: "ann" });
    sale.run({ type: "release", id, reason }, { actor });
    expect(verdictOf(reserveFor(sale, "ann"))).toBe(counts ? "limit-exceeded" : "ok");
  });

  it("[LGO3] has not let go of a line that its cart could not keep, but of one that it gives back with its cart", () => {
    const sale = new Sale(9, { ...OPEN, abandonsPerHour: 1 });
    const actor: Actor = { role: "cart", cart: "cart-1" };
    const line = (id: string) => {
      sale.run({ type: "reserve", id, customer: "ann", quantity: 1, metadata: {}, cart: "cart-1" });
      sale.run({ type: "settle", id, granted: true, of: "reserve" }, { actor });
    };
    line("l1");
    sale.run({ type: "release", id: "l1", reason: "undone" }, { actor });
    line("l2");
    sale.run({ type: "release", id: "l2" }, { actor });
    expect(verdictOf(reserveFor(sale, "ann"))).toBe("limit-exceeded");
  });

  it("[LGO1] is refused after the limits and before the stock is looked at", () => {
    const sale = new Sale(1, { ...OPEN, abandonsPerHour: 1, perCustomerLimit: 2, maxPerReservation: 3 });
    giveBack(sale, 1);
    sale.hold({ customer: "bob" });
    expect(refusalOf(sale.reserve({ customer: "ann" }))).toMatchObject({ scope: "abandoned" });
    expect(refusalOf(sale.reserve({ customer: "ann", quantity: 3 }))).toMatchObject({ scope: "sku" });
    expect(refusalOf(sale.reserve({ customer: "ann", quantity: 4 }))).toMatchObject({ scope: "reservation" });
  });

  it("[LGO4] may still wait, take an offer, pay, pay late and extend", () => {
    const sale = new Sale(2, { ...OPEN, abandonsPerHour: 1 });
    const late = sale.hold({ customer: "ann" }).id;
    sale.at(10).object.wake();
    expect(verdictOf(reserveFor(sale, "ann"))).toBe("limit-exceeded");
    expect(reservationOf(sale.confirm(late)).rescued).toBe(true);
    const bobs = sale.hold({ customer: "bob" }).id;
    expect(verdictOf(sale.run({ type: "join", entry: "e", offer: "o", customer: "ann", quantity: 1 }))).toBe("ok");
    sale.release(bobs);
    const offer = sale.object.entries.get("e")?.reservation ?? "";
    expect(verdictOf(sale.confirm(offer))).toBe("ok");
  });

  it("[CLK5] is not refused because of a clock that was an hour ahead", () => {
    const sale = new Sale(9, { ...OPEN, abandonsPerHour: 1 });
    sale.at(3600);
    giveBack(sale, 1);
    expect(verdictOf(reserveFor(sale.at(1), "ann"))).toBe("ok");
  });
});

describe("who let go of units that others were refused", () => {
  it("[LGO2] waits `reholdSeconds`, and others go first", () => {
    const { sale, hers } = wanted({ reholdSeconds: 20 });
    sale.at(5).release(hers);
    const refusal = { code: "limit-exceeded", limit: 20, used: 5, remaining: 0, scope: "rehold" };
    expect(refusalOf(reserveFor(sale, "ann"))).toEqual({ ...refusal, retryAfterSeconds: 20 });
    expect(refusalOf(reserveFor(sale.at(24.001), "ann"))).toMatchObject({ scope: "rehold", retryAfterSeconds: 1 });
    expect(verdictOf(reserveFor(sale.at(25), "ann"))).toBe("ok");
  });

  it("[LGO2] waits also when they were let lapse, and everybody else does not", () => {
    const { sale } = wanted();
    sale.at(10);
    expect(refusalOf(reserveFor(sale, "ann"))).toMatchObject({ scope: "rehold", retryAfterSeconds: 30 });
    expect(verdictOf(reserveFor(sale, "carol"))).toBe("ok");
    expect(refusalOf(reserveFor(sale, "ann"))).toMatchObject({ code: "insufficient-stock" });
  });

  it.each([
    { who: "nobody", refuse: (_sale: Sale) => {} },
    { who: "only she herself", refuse: (sale: Sale) => reserveFor(sale, "ann") },
  ])("[LGO2] does not wait where $who was refused", ({ refuse }) => {
    const sale = new Sale(1, OPEN);
    const { id } = sale.hold({ customer: "ann" });
    refuse(sale);
    sale.release(id);
    expect(verdictOf(reserveFor(sale, "ann"))).toBe("ok");
  });

  it("[LGO2] does not wait for those who were refused before she had them", () => {
    const { sale, hers } = wanted();
    sale.confirm(hers);
    sale.at(1).adjust(1);
    const second = sale.hold({ customer: "ann" });
    sale.release(second.id);
    expect(verdictOf(reserveFor(sale, "ann"))).toBe("ok");
  });

  it("[LGO2] does not wait once the SKU has slept: what others were refused it knows in memory only", () => {
    const { sale, hers } = wanted();
    sale.release(hers);
    sale.object.restart();
    expect(verdictOf(reserveFor(sale, "ann"))).toBe("ok");
  });

  it("[LGO2] does not wait for a place in the line that she left: it kept units from nobody", () => {
    const sale = new Sale(1, { ...OPEN, abandonsPerHour: 6 });
    const bobs = sale.hold({ customer: "bob" }).id;
    sale.run({ type: "join", entry: "e", offer: "o", customer: "ann", quantity: 1 });
    expect(verdictOf(reserveFor(sale, "carol"))).toBe("insufficient-stock");
    sale.run({ type: "leave", entry: "e" }, { actor: shopper("ann") });
    sale.at(1).release(bobs);
    sale.release(sale.hold({ customer: "ann" }).id);
    expect(refusalOf(reserveFor(sale, "ann"))).toMatchObject({ scope: "abandoned", used: 6 });
  });

  it("[LGO1] counts that five times", () => {
    const { sale, hers } = wanted({ abandonsPerHour: 5 });
    sale.release(hers);
    expect(refusalOf(reserveFor(sale, "ann"))).toMatchObject({ scope: "abandoned", used: 5 });
  });

  it.each([
    { count: REHOLD_CUSTOMERS_MAX, remembered: true },
    { count: REHOLD_CUSTOMERS_MAX + 1, remembered: false },
  ])("[LGO2] the first of $count is remembered: $remembered", ({ count, remembered }) => {
    const shortages = noShortages();
    const turns = openTurns(shortages);
    refusedForStock(turns, "bob", 0);
    for (let index = 0; index < count; index++) {
      turns.abandons.set(`c${index}`, null);
      abandon(turns, 1, `c${index}`, 0, true);
    }
    expect(shortages.letGo.has("c0")).toBe(remembered);
    expect(shortages.letGo.size).toBeLessThanOrEqual(REHOLD_CUSTOMERS_MAX);
  });
});

describe("one customer who reserves again at each end, against five others", () => {
  /** Everybody tries again and again, the greedy one first; the others keep what they get for half a second. */
  function rush(
    seconds: number,
    everyMs: number,
    policy = {},
  ): { greedyMs: number; served: Set<string>; refusals: Set<string> } {
    const sale = new Sale(1, { ...OPEN, holdTtlSeconds: 1, ...policy });
    const others = ["bob", "carol", "dave", "eve", "frank"];
    const told = { greedyMs: 0, served: new Set<string>(), refusals: new Set<string>() };
    let holder: { customer: string; id: string; until: number } | null = null;
    for (let ms = 0; ms < seconds * 1000; ms += everyMs) {
      sale.at(ms / 1000).object.wake();
      if (holder !== null && holder.customer !== "mallory" && ms >= holder.until) sale.release(holder.id);
      for (const customer of ["mallory", ...others]) {
        const outcome = reserveFor(sale, customer);
        if (outcome.ok) {
          holder = { customer, id: reservationOf(outcome).id, until: ms + 500 };
          if (customer !== "mallory") told.served.add(customer);
        } else if (customer === "mallory") {
          const refusal = refusalOf(outcome);
          told.refusals.add(refusal.code === "limit-exceeded" ? refusal.scope : refusal.code);
        }
      }
      const held = [...sale.object.reservations.values()].find(({ status }) => status === "held");
      if (held?.customer === "mallory") told.greedyMs += everyMs;
    }
    return told;
  }

  it("[LGO2] has the only pair once in thirty seconds, and all others get it", () => {
    const { greedyMs, served, refusals } = rush(12, 60);
    expect(greedyMs).toBeLessThanOrEqual(1080);
    expect(served.size).toBe(5);
    expect(refusals).toContain("rehold");
  });

  it("[LGO1] has it six times, and then not for the rest of the hour", () => {
    const { greedyMs, refusals } = rush(240, 250);
    expect(greedyMs).toBeLessThanOrEqual(6 * 1000);
    expect(refusals).toContain("abandoned");
  });

  it("had it nearly always without these rules", () => {
    const { greedyMs, served } = rush(12, 60, { abandonsPerHour: 1_000_000, reholdSeconds: 0 });
    expect(greedyMs).toBeGreaterThan(10_000);
    expect(served.size).toBe(0);
  });
});
