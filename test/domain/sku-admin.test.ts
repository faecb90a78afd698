import { describe, expect, it } from "vitest";
import { STOCK_MAX } from "../../src/domain/bounds.ts";
import { DEFAULT_POLICY } from "../../src/domain/model.ts";
import { MemoryObject } from "./memory-object.ts";
import { only, refusalOf, request, Sale, START, skuOf, verdictOf } from "./sale.ts";

const create = { type: "create" as const, sku: "shoe-42", name: "Shoe 42", stock: 7, policy: {} };

describe("creating", () => {
  it("[POL1] [POL2] begins with the stock, the default policy and one event", () => {
    const object = new MemoryObject(START);
    const answer = skuOf(only(object.execute([request(create)])));
    expect(answer).toEqual({
      sku: "shoe-42",
      name: "Shoe 42",
      drop: null,
      membership: null,
      waiting: 0,
      stock: 7,
      held: 0,
      sold: 0,
      available: 7,
      state: "open",
      low: false,
      policy: DEFAULT_POLICY,
      version: 1,
      revision: 1,
      phase: "open",
      closedAt: null,
      updatedAt: START,
    });
    const detail = { name: "Shoe 42", policy: DEFAULT_POLICY, revision: 1 };
    const moved = { dStock: 7, dHeld: 0, dSold: 0, reservation: null, entry: null };
    expect(object.events).toEqual([{ sequence: 1, type: "sku.created", time: START, ...moved, detail }]);
  });

  it("[POL2] the defaults, in figures", () => {
    expect(DEFAULT_POLICY).toEqual({
      holdTtlSeconds: 900,
      maxHoldSeconds: 1800,
      perCustomerLimit: 10,
      maxPerReservation: 10,
      lowStockThreshold: 5,
      displayCap: null,
      warnSeconds: 60,
      offerTtlSeconds: 600,
      lateConfirmSeconds: 86_400,
      waitlistKeptSeconds: 3600,
      abandonsPerHour: 30,
      reholdSeconds: 30,
      opensAt: null,
      closesAt: null,
      paused: false,
    });
  });

  it("[POL1] a name that is taken is refused, before its policy is looked at", () => {
    const sale = new Sale(9);
    const invalid = { ...create, policy: { opensAt: START, closesAt: START } };
    expect(refusalOf(sale.run(invalid))).toEqual({ code: "sku-exists" });
    expect(sale.counts().stock).toBe(9);
  });

  it.each([
    { closes: -1, verdict: "invalid-request" },
    { closes: 0, verdict: "invalid-request" },
    { closes: 1, verdict: "ok" },
  ])("[POL6] closing $closes ms after the opening: $verdict", ({ closes, verdict }) => {
    const object = new MemoryObject(START);
    const policy = { opensAt: START + 50, closesAt: START + 50 + closes };
    const outcome = only(object.execute([request({ ...create, policy })]));
    expect(verdictOf(outcome)).toBe(verdict);
    expect(object.events).toHaveLength(verdict === "ok" ? 1 : 0);
    if (!outcome.ok) {
      const detail = "policy.closesAt: must be later than policy.opensAt";
      expect(refusalOf(outcome)).toEqual({ code: "invalid-request", detail });
      expect(object.sku).toBeNull();
    }
  });

  it.each([{ type: "update" as const }, { type: "adjust" as const, delta: 1, reason: "count" }])(
    "[TXN5] without it, $type is not found",
    (command) => {
      const object = new MemoryObject(START);
      expect(refusalOf(only(object.execute([request(command)])))).toEqual({ code: "not-found" });
    },
  );
});

describe("editing", () => {
  it("[POL3] merges member by member and counts the revision", () => {
    const sale = new Sale(9, { displayCap: 5, warnSeconds: 30 }).at(4);
    const [event] = sale.eventsOf(() => {
      const answer = skuOf(sale.run({ type: "update", policy: { displayCap: null, holdTtlSeconds: 60 } }));
      expect(answer).toMatchObject({ name: "Shoe 42", revision: 2, version: 2, updatedAt: START + 4_000 });
      expect(answer.policy).toEqual({ ...DEFAULT_POLICY, warnSeconds: 30, holdTtlSeconds: 60 });
    });
    expect(event).toEqual({
      sequence: 2,
      type: "sku.updated",
      time: START + 4_000,
      dStock: 0,
      dHeld: 0,
      dSold: 0,
      reservation: null,
      entry: null,
      detail: { name: "Shoe 42", policy: sale.sku.policy, revision: 2 },
    });
  });

  it("[POL3] renames", () => {
    const sale = new Sale(9);
    expect(skuOf(sale.run({ type: "update", name: "Boot" }))).toMatchObject({ name: "Boot", revision: 2 });
    expect(sale.sku.policy).toEqual(DEFAULT_POLICY);
  });

  it.each([{}, { name: "Shoe 42" }, { policy: {} }, { policy: { paused: false, perCustomerLimit: 10 } }])(
    "[POL4] %o changes nothing",
    (members) => {
      const sale = new Sale(9);
      const types = sale.typesOf(() => {
        expect(skuOf(sale.run({ type: "update", ...members }))).toMatchObject({ revision: 1, version: 1 });
      });
      expect(types).toEqual([]);
    },
  );

  it.each([
    { ifRevision: 1, refusal: { code: "version-mismatch", revision: 2 } },
    { ifRevision: 3, refusal: { code: "version-mismatch", revision: 2 } },
    { ifRevision: 2, refusal: null },
  ])("[POL5] an edit of revision $ifRevision while it is 2", ({ ifRevision, refusal }) => {
    const sale = new Sale(9);
    sale.edit({ paused: true });
    const outcome = sale.run({ type: "update", name: "Boot", ifRevisions: [ifRevision] });
    if (refusal) expect(refusalOf(outcome)).toEqual(refusal);
    else expect(skuOf(outcome)).toMatchObject({ name: "Boot", revision: 3 });
  });

  it("[POL5] the same edit again finds itself made, whatever revision it names", () => {
    const sale = new Sale(9);
    const edit = { type: "update", name: "Boot", ifRevisions: [1] } as const;
    sale.run(edit);
    expect(skuOf(sale.run(edit))).toMatchObject({ name: "Boot", revision: 2 });
  });

  it("[POL5] another revision is refused before an invalid policy", () => {
    const sale = new Sale(9);
    const invalid = { opensAt: START, closesAt: START };
    expect(verdictOf(sale.run({ type: "update", policy: invalid, ifRevisions: [9] }))).toBe("version-mismatch");
  });

  it.each([
    { opensAt: START + 9_000 },
    { opensAt: START + 9_001 },
    { closesAt: START + 8_000, opensAt: START + 8_000 },
  ])("[POL6] judges the merged policy: %o", (edit) => {
    const sale = new Sale(9, { closesAt: START + 9_000 });
    expect(verdictOf(sale.edit(edit))).toBe("invalid-request");
    expect(sale.sku).toMatchObject({ revision: 1, version: 1 });
  });

  it("[POL7] binds later commands only", () => {
    const sale = new Sale(9);
    const held = sale.hold({ quantity: 4 });
    sale.edit({ holdTtlSeconds: 1, maxHoldSeconds: 1, perCustomerLimit: 1, maxPerReservation: 1 });
    expect(sale.kept(held.id)).toEqual(held);
    expect(sale.hold({ customer: "bob" }).expiresAt).toBe(START + 1_000);
    expect(sale.counts().held).toBe(5);
  });
});

describe("adjusting", () => {
  it.each([{ delta: 5 }, { delta: -5 }])("[ADJ1] by $delta, with one event", ({ delta }) => {
    const sale = new Sale(9, { lowStockThreshold: 0 });
    const events = sale.eventsOf(() => {
      const answer = skuOf(sale.run({ type: "adjust", delta, reason: "found" }));
      expect(answer).toMatchObject({ stock: 9 + delta, available: 9 + delta, revision: 1, version: 2 });
    });
    const moved = { dStock: delta, dHeld: 0, dSold: 0, detail: { delta, reason: "found" }, reservation: null };
    expect(events).toMatchObject([{ type: "stock.adjusted", ...moved }]);
  });

  it.each([
    { delta: -4, refusal: null },
    { delta: -5, refusal: { code: "stock-in-use", available: 4 } },
    { delta: -9, refusal: { code: "stock-in-use", available: 4 } },
  ])("[ADJ2] takes no unit in use: $delta of 9 with 2 held and 3 sold", ({ delta, refusal }) => {
    const sale = new Sale(9);
    sale.hold({ quantity: 2 });
    sale.sell({ quantity: 3 });
    const outcome = sale.adjust(delta);
    if (refusal) expect(refusalOf(outcome)).toEqual(refusal);
    else expect(skuOf(outcome)).toMatchObject({ stock: 5, available: 0 });
  });

  it("[ADJ2] [STK3] units of dead holds may be taken out", () => {
    const sale = new Sale(9, { holdTtlSeconds: 10 });
    sale.hold({ quantity: 9 });
    expect(verdictOf(sale.at(9.999).adjust(-1))).toBe("stock-in-use");
    expect(skuOf(sale.at(10).adjust(-9))).toMatchObject({ stock: 0, available: 0, held: 0 });
  });

  it.each([
    { delta: 3, verdict: "ok" },
    { delta: 4, verdict: "invalid-request" },
  ])("[ADJ3] [STK4] by $delta with 3 to the bound: $verdict", ({ delta, verdict }) => {
    const sale = new Sale(STOCK_MAX - 3);
    const outcome = sale.adjust(delta);
    expect(verdictOf(outcome)).toBe(verdict);
    if (!outcome.ok) {
      expect(refusalOf(outcome)).toEqual({ code: "invalid-request", detail: "delta: stock is at most 1000000" });
    }
  });

  it("[POL8] goes on while paused and closed", () => {
    expect(verdictOf(new Sale(9, { paused: true }).adjust(1))).toBe("ok");
    expect(verdictOf(new Sale(9, { closesAt: START }).adjust(1))).toBe("ok");
  });
});
