import { describe, expect, it } from "vitest";
import { SWEEP_HOLDS_MAX } from "../../src/domain/bounds.ts";
import { expireHolds, nextPhaseAt } from "../../src/domain/clock.ts";
import type { Request } from "../../src/domain/command.ts";
import { unitsTaken, withParts } from "../../src/domain/command-facts.ts";
import { DEFAULT_POLICY, type Policy } from "../../src/domain/model.ts";
import { isDead, phaseAt, saleState } from "../../src/domain/stock.ts";
import { openUnitOfWork } from "../../src/domain/unit-of-work.ts";
import { NO_TURNS, refusalOf, request, reservationOf, Sale, START, stockOf, verdictOf } from "./sale.ts";

const policyWith = (members: Partial<Policy>): Policy => ({ ...DEFAULT_POLICY, ...members });

describe("opening and closing", () => {
  const policy = policyWith({ opensAt: 100, closesAt: 200 });
  it.each([
    { now: 99, phase: "scheduled", next: 100 },
    { now: 100, phase: "open", next: 200 },
    { now: 199, phase: "open", next: 200 },
    { now: 200, phase: "closed", next: null },
    { now: 201, phase: "closed", next: null },
  ])("[CLK2] [CLK5] at $now: $phase, next change at $next", ({ now, phase, next }) => {
    expect(phaseAt(policy, now)).toBe(phase);
    expect(nextPhaseAt(policy, now)).toBe(next);
  });

  it.each([
    { members: {}, now: 5, phase: "open", next: null },
    { members: { opensAt: 6 }, now: 5, phase: "scheduled", next: 6 },
    { members: { opensAt: 5 }, now: 5, phase: "open", next: null },
    { members: { closesAt: 6 }, now: 5, phase: "open", next: 6 },
    { members: { closesAt: 5 }, now: 5, phase: "closed", next: null },
  ])("[CLK2] [CLK5] with only $members at $now: $phase", ({ members, now, phase, next }) => {
    expect(phaseAt(policyWith(members), now)).toBe(phase);
    expect(nextPhaseAt(policyWith(members), now)).toBe(next);
  });

  it.each(["the alarm", "a command"])("[CLK4] is committed once by whoever looks first (%s)", (who) => {
    const sale = new Sale(9, { opensAt: START + 10_000, closesAt: START + 20_000 });
    const look = () => (who === "the alarm" ? sale.object.wake() : sale.adjust(-99));
    expect(sale.at(9.999).typesOf(look)).toEqual([]);
    expect(sale.sku.phase).toBe("scheduled");
    expect(sale.at(10).typesOf(look)).toEqual(["sale.opened"]);
    expect(sale.typesOf(look)).toEqual([]);
    expect(sale.at(20).typesOf(look)).toEqual(["sale.closed"]);
    expect(sale.typesOf(look)).toEqual([]);
    expect(sale.sku.phase).toBe("closed");
  });

  it("[CLK4] unseen altogether leaves only sale.closed", () => {
    const sale = new Sale(9, { opensAt: START + 10_000, closesAt: START + 20_000 });
    expect(sale.at(30).typesOf(() => sale.object.wake())).toEqual(["sale.closed"]);
  });

  it("[CLK6] is taken back when the clock was wrong, and committed again when it is time", () => {
    const sale = new Sale(9, { opensAt: START + 10_000, closesAt: START + 20_000 });
    const look = () => sale.object.wake();
    const phases: string[] = [];
    const types = [12, 5, 10, 21, 15, 5, 20].map((seconds) => {
      const [type] = sale.at(seconds).typesOf(look);
      phases.push(sale.sku.phase);
      return type;
    });
    const [open, updated, closed] = ["sale.opened", "sku.updated", "sale.closed"];
    expect(types).toEqual([open, updated, open, closed, open, updated, closed]);
    expect(phases).toEqual(["open", "scheduled", "open", "closed", "open", "scheduled", "closed"]);
    expect(sale.at(5).eventsOf(look)).toMatchObject([{ detail: { name: "Shoe 42", revision: 1 }, dHeld: 0 }]);
  });

  it("[CLK1] [EVT2] moves no units, at the time of the transaction", () => {
    const sale = new Sale(9, { opensAt: START + 10_000 });
    expect(sale.at(12).eventsOf(() => sale.object.wake())).toEqual([
      {
        sequence: 2,
        type: "sale.opened",
        time: START + 12_000,
        dStock: 0,
        dHeld: 0,
        dSold: 0,
        reservation: null,
        entry: null,
        detail: null,
      },
    ]);
    expect(sale.sku.updatedAt).toBe(START + 12_000);
  });

  it.each([
    { was: "open", edit: { closesAt: START }, types: ["sku.updated", "sale.closed"], phase: "closed" },
    { was: "open", edit: { opensAt: START + 1 }, types: ["sku.updated"], phase: "scheduled" },
    { was: "scheduled", edit: { opensAt: START }, types: ["sku.updated", "sale.opened"], phase: "open" },
    { was: "scheduled", edit: { opensAt: START + 1 }, types: ["sku.updated"], phase: "scheduled" },
    { was: "closed", edit: { closesAt: null }, types: ["sku.updated", "sale.opened"], phase: "open" },
    { was: "closed", edit: { opensAt: START + 1, closesAt: null }, types: ["sku.updated"], phase: "scheduled" },
    { was: "closed", edit: { paused: true }, types: ["sku.updated"], phase: "closed" },
  ])("[POL10] an edit of what is $was, $edit: $types", ({ was, edit, types, phase }) => {
    const policies = { open: {}, scheduled: { opensAt: START + 10_000 }, closed: { closesAt: START } };
    const sale = new Sale(9, policies[was as keyof typeof policies]);
    expect(sale.sku.phase).toBe(was);
    expect(sale.typesOf(() => sale.edit(edit))).toEqual(types);
    expect(sale.sku.phase).toBe(phase);
  });
});

describe("state of the sale", () => {
  const states = ["paused", "scheduled", "closed", "sold_out", "held_elsewhere", "open"];
  it.each([
    { policy: { paused: true, opensAt: START + 1 }, held: 0, sold: 9, state: "paused" },
    { policy: { paused: true, closesAt: START }, held: 0, sold: 0, state: "paused" },
    { policy: { opensAt: START + 1 }, held: 0, sold: 9, state: "scheduled" },
    { policy: { closesAt: START }, held: 9, sold: 0, state: "closed" },
    { policy: {}, held: 0, sold: 9, state: "sold_out" },
    { policy: {}, held: 1, sold: 8, state: "held_elsewhere" },
    { policy: {}, held: 4, sold: 4, state: "open" },
  ])("[STK5] $policy with $held held and $sold of 9 sold: $state", ({ policy, held, sold, state }) => {
    expect(states).toContain(state);
    const sku = { ...new Sale(9, policy).sku, held, sold };
    expect(saleState(sku, START, 0)).toBe(state);
  });

  it.each([
    { held: 9, overdue: 9, sold: 0, state: "open" },
    { held: 2, overdue: 0, sold: 7, state: "held_elsewhere" },
    { held: 2, overdue: 1, sold: 7, state: "open" },
  ])("[STK3] $overdue of $held held units dead: $state", ({ held, overdue, sold, state }) => {
    expect(saleState({ ...new Sale(9).sku, held, sold }, START, overdue)).toBe(state);
  });
});

describe("expiry", () => {
  const policy = { ...NO_TURNS, holdTtlSeconds: 10, perCustomerLimit: null, lowStockThreshold: 0 };

  it.each(["held", "confirmed", "released", "expired", "returned"] as const)(
    "[CLK2] kills only holds (%s)",
    (status) => {
      const held = { ...new Sale(9, policy).hold(), status };
      expect(isDead(held, START + 9_999)).toBe(false);
      expect(isDead(held, START + 10_000)).toBe(status === "held");
    },
  );

  it("[EXP3] gives the units back with one event for each hold", () => {
    const sale = new Sale(9, policy);
    const held = sale.hold({ quantity: 3 });
    const [event] = sale.at(10).eventsOf(() => sale.object.wake());
    const expired = { ...held, status: "expired", version: 3 };
    expect(event).toMatchObject({ type: "reservation.expired", dStock: 0, dHeld: -3, dSold: 0, reservation: expired });
    expect(sale.kept(held.id)).toEqual(expired);
    expect(sale.counts()).toEqual({ stock: 9, held: 0, sold: 0 });
  });

  it("[EXP2] [TXN1] comes before the opening and the commands, in order of expiresAt", () => {
    const sale = new Sale(9, { ...policy, maxHoldSeconds: 90 });
    for (const ttlSeconds of [30, 10, 20]) sale.hold({ quantity: 3, ttlSeconds });
    sale.edit({ closesAt: START + 40_000 });
    const events = sale.at(40).eventsOf(() => {
      expect(verdictOf(sale.adjust(-9))).toBe("ok");
    });
    expect(events.map(({ type, reservation }) => reservation?.id ?? type)).toEqual([
      "r2",
      "r3",
      "r1",
      "sale.closed",
      "stock.adjusted",
      "stock.sold_out",
    ]);
  });

  it("[EXP2] takes as many as the commands need, where one sweep is not enough, and what they name", () => {
    const sale = new Sale(15, policy, { sweepMax: 1 });
    for (const quantity of [3, 3, 3, 3, 3]) sale.hold({ quantity });
    const statuses = () => ["r1", "r2", "r3", "r4", "r5"].map((id) => sale.kept(id).status);
    sale.at(10).reserve({ quantity: 4 });
    expect(statuses()).toEqual(["expired", "expired", "held", "held", "held"]);
    sale.release("r5");
    expect(statuses()).toEqual(["expired", "expired", "expired", "held", "expired"]);
  });

  it("[EXP4] takes 500 at once and leaves the rest to the next time", () => {
    const sale = new Sale(2_000, policy);
    const requests = Array.from({ length: SWEEP_HOLDS_MAX + 1 }, () => request(sale.wish()));
    sale.object.execute(requests);
    const swept = sale.at(10).eventsOf(() => sale.object.wake());
    expect(swept).toHaveLength(500);
    expect(sale.counts().held).toBe(1);
    expect(stockOf(sale.reserve())).toMatchObject({ available: 1_999 });
    sale.object.wake();
    expect(sale.counts().held).toBe(1);
  });

  it.each([500, 501, 1_100])("[EXP2] %i units in as many dead holds can be taken at once", (units) => {
    const sale = new Sale(units, { ...policy, maxPerReservation: units });
    sale.object.execute(Array.from({ length: units }, () => request(sale.wish())));
    expect(verdictOf(sale.at(10).reserve({ quantity: units }))).toBe("ok");
    expect(sale.counts()).toEqual({ stock: units, held: units, sold: 0 });
  });

  it("[STK3] [LIM3] dead holds that are not swept count nowhere", () => {
    const sale = new Sale(9, { ...policy, perCustomerLimit: 9 }, { sweepMax: 1 });
    sale.hold({ quantity: 4 });
    sale.hold({ quantity: 5 });
    const outcome = sale.at(10).reserve({ quantity: 2 });
    expect(stockOf(outcome)).toEqual({ state: "open", available: 7, low: false, displayCap: null });
    expect(sale.counts()).toEqual({ stock: 9, held: 7, sold: 0 });
    const answer = sale.run({ type: "update", name: "Boot" });
    expect(answer).toMatchObject({ sku: { available: 7, held: 2, state: "open" } });
  });

  it("[EXP2] a rescue finds its units in other dead holds", () => {
    const sale = new Sale(6, policy, { sweepMax: 1 });
    const [first, second] = [sale.hold({ quantity: 3 }), sale.hold({ quantity: 3, customer: "bob" })];
    sale.at(10).reserve({ quantity: 3, customer: "cid" });
    expect(sale.kept(second.id).status).toBe("held");
    expect(reservationOf(sale.confirm(first.id)).rescued).toBe(true);
    expect(sale.kept(second.id).status).toBe("expired");
    expect(refusalOf(sale.confirm(second.id))).toEqual({ code: "hold-expired", refundRequired: true });
  });

  it("[EXP5] of a live hold is a bug", () => {
    const sale = new Sale(9, policy);
    const held = sale.hold();
    expect(() => expireHolds(openUnitOfWork(START + 9_999, sale.sku), [held])).toThrow("live hold");
    const work = openUnitOfWork(START + 10_000, sale.sku);
    work.turns.abandons.set(held.customer, null);
    expect(() => expireHolds(work, [held])).not.toThrow();
  });
});

describe("units that a sweep has to find", () => {
  const units = { reservation: () => 5, offer: () => 5 };
  const wantedUnits = (requests: Request[]) =>
    unitsTaken(
      withParts(requests).map(({ command }) => command),
      units,
    );
  it.each([
    { command: { type: "reserve", id: "r1", customer: "ann", quantity: 3, metadata: {} } as const, wanted: 3 },
    { command: { type: "confirm", id: "r1" } as const, wanted: 5 },
    { command: { type: "confirm", id: "r1", quantity: 2 } as const, wanted: 2 },
    { command: { type: "adjust", delta: -4, reason: "count" } as const, wanted: 4 },
    { command: { type: "adjust", delta: 4, reason: "count" } as const, wanted: 0 },
    { command: { type: "extend", id: "r1" } as const, wanted: 0 },
    { command: { type: "release", id: "r1" } as const, wanted: 0 },
    { command: { type: "return", id: "r1", restock: true } as const, wanted: 0 },
    { command: { type: "update" } as const, wanted: 0 },
  ])("[EXP2] $command.type: $wanted", ({ command, wanted }) => {
    const one = request(command);
    expect(wantedUnits([one])).toBe(wanted);
    const batch = request({ type: "batch", requests: [one, one] });
    expect(wantedUnits([one, batch])).toBe(3 * wanted);
  });
});
