import { describe, expect, it } from "vitest";
import type { Command, Outcome } from "../../src/domain/command.ts";
import type { Policy } from "../../src/domain/model.ts";
import { unitsForCustomer } from "../../src/domain/reserve.ts";
import { transact } from "../../src/domain/transaction.ts";
import { openUnitOfWork, type UnitOfWork, viewSku } from "../../src/domain/unit-of-work.ts";
import { only, refusalOf, request, Sale, verdictOf } from "./sale.ts";

/**
 * A unit of work of three units, one sold and two in dead holds that are left for a later sweep, with an expired reservation
 * `r1` of two units that may be rescued.
 */
function workWithDeadHolds(): UnitOfWork {
  const sale = new Sale(3, { holdTtlSeconds: 10 });
  const { id } = sale.hold({ quantity: 2 });
  sale.at(10).object.wake();
  sale.sell({ customer: "bob" });
  sale.hold({ customer: "cid", quantity: 2 });
  const work = openUnitOfWork(sale.at(20).object.now, sale.sku);
  work.overdueUnits = 2;
  work.reservations.set(id, sale.kept(id));
  work.unitsByCustomer.set("ann", 0);
  work.claimants.add("ann");
  work.turns.abandons.set("ann", null);
  return work;
}

function judged(command: Command): Outcome {
  return only(transact(workWithDeadHolds(), [], [request(command)]));
}

const reserve = { type: "reserve" as const, id: "r9", customer: "ann", metadata: {} };
const adjust = { type: "adjust" as const, reason: "count" };

describe("units of dead holds that wait for a sweep", () => {
  it("[STK3] count as free, and not as held elsewhere, in the refusals", () => {
    const refusal = { code: "insufficient-stock", available: 2, state: "sold_out", displayCap: null };
    expect(refusalOf(judged({ ...reserve, quantity: 3 }))).toEqual(refusal);
    expect(refusalOf(judged({ ...adjust, delta: -3 }))).toEqual({ code: "stock-in-use", available: 2 });
  });

  it("[STK3] count as free in a read", () => {
    expect(viewSku(workWithDeadHolds())).toMatchObject({ available: 2, held: 0, sold: 1, state: "open" });
  });

  it.each([
    { ...reserve, quantity: 2 },
    { ...adjust, delta: -2 },
    { type: "confirm" as const, id: "r1" },
  ])("[EXP2] [TXN4] must be swept first: neither promised nor refused for good ($type)", (command) => {
    expect(() => judged(command)).toThrow("out of balance");
  });

  it("[STK3] are no reason to refuse a smaller adjustment upward", () => {
    expect(verdictOf(judged({ ...adjust, delta: 1 }))).toBe("ok");
  });
});

describe("a dead hold that a command names", () => {
  it("[LIM3] does not widen its customer's limit by being swept", () => {
    const sale = new Sale(20, { holdTtlSeconds: 10, perCustomerLimit: 3 });
    const { id } = sale.hold({ quantity: 3 });
    const commands = [{ type: "release" as const, id }, sale.wish({ quantity: 3 }), sale.wish({ quantity: 1 })];
    const outcomes = sale.at(10).object.execute(commands.map((command) => request(command)));
    expect(outcomes.map(verdictOf)).toEqual(["ok", "ok", "limit-exceeded"]);
    expect(refusalOf(outcomes[2])).toMatchObject({ used: 3, remaining: 0 });
  });
});

describe("what a customer could reserve in one go", () => {
  const cases: { policy: Partial<Policy>; stock: number; used: number; units: number }[] = [
    { policy: { perCustomerLimit: 5, maxPerReservation: 9 }, stock: 9, used: 0, units: 5 },
    { policy: { perCustomerLimit: 5, maxPerReservation: 9 }, stock: 9, used: 3, units: 2 },
    { policy: { perCustomerLimit: 5, maxPerReservation: 9 }, stock: 9, used: 6, units: 0 },
    { policy: { perCustomerLimit: 5, maxPerReservation: 4 }, stock: 9, used: 0, units: 4 },
    { policy: { perCustomerLimit: 5, maxPerReservation: 9 }, stock: 3, used: 0, units: 3 },
    { policy: { perCustomerLimit: null, maxPerReservation: 4 }, stock: 9, used: 50, units: 4 },
    { policy: { paused: true }, stock: 9, used: 0, units: 0 },
    { policy: { closesAt: 1 }, stock: 9, used: 0, units: 0 },
    { policy: {}, stock: 0, used: 0, units: 0 },
  ];
  it.each(cases)("[API8] $units with $used of $policy and $stock in stock", ({ policy, stock, used, units }) => {
    const { sku, now } = new Sale(stock, policy).object;
    expect(unitsForCustomer(viewSku(openUnitOfWork(now, sku)), used)).toBe(units);
  });
});
