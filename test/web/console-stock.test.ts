import { describe, expect, it } from "vitest";
import type { StockFrame, TrustedSku } from "../../src/client/client.ts";
import { dropStateOf } from "../../src/web/console/sales/drop-state.ts";
import { fieldsOf, patchOf, USUAL_FIELDS } from "../../src/web/console/sales/policy-form.ts";
import { byDrop, isBehind, newerOf, sumOf } from "../../src/web/console/state/merge-sku.ts";

const policy = {
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
};

function sku(change: Partial<TrustedSku> = {}): TrustedSku {
  return {
    sku: "SHOE",
    name: "Shoe",
    drop: null,
    state: "open",
    available: 10,
    stock: 10,
    held: 0,
    sold: 0,
    waiting: 0,
    low: false,
    policy,
    version: 5,
    revision: 1,
    updatedAt: "2026-11-24T12:00:00.000Z",
    ...change,
  };
}

function frame(version: number, change: Partial<StockFrame> = {}): StockFrame {
  const at = "2026-11-24T12:00:01.000Z";
  return { type: "stock", sku: "SHOE", state: "paused", available: 7, low: false, waiting: 2, version, at, ...change };
}

describe("a SKU and its feed", () => {
  it("is read again only after news", () => {
    expect(isBehind(sku(), frame(6))).toBe(true);
    expect(isBehind(sku(), frame(5))).toBe(false);
    expect(isBehind(undefined, frame(6))).toBe(false);
  });

  it("never goes back to an older read, and takes what the clock changed", () => {
    expect(newerOf(sku({ version: 7 }), sku({ version: 6, sold: 3 })).sold).toBe(0);
    expect(newerOf(sku({ state: "scheduled" }), sku({ state: "open" })).state).toBe("open");
    expect(newerOf(undefined, sku()).version).toBe(5);
  });

  it("is grouped by drop, and what is in none comes last", () => {
    const groups = byDrop([sku({ sku: "A" }), sku({ sku: "B", drop: "z" }), sku({ sku: "C", drop: "a" })]);
    expect(groups.map(({ drop, skus }) => [drop, skus.map((each) => each.sku)])).toEqual([
      ["a", ["C"]],
      ["z", ["B"]],
      [null, ["A"]],
    ]);
    expect(sumOf([sku({ held: 2 }), sku({ held: 3 })])).toMatchObject({ stock: 20, held: 5 });
  });
});

describe("a policy in a form", () => {
  it("is changed by what was changed only", () => {
    const before = fieldsOf(policy);
    expect(before).toEqual(USUAL_FIELDS);
    expect(patchOf(before, before)).toEqual({});
    expect(patchOf(before, { ...before, displayCap: "10", perCustomerLimit: "" })).toEqual({
      displayCap: 10,
      perCustomerLimit: null,
    });
  });

  it("comes back from local time to the second", () => {
    const opensAt = "2026-12-01T11:30:15.000Z";
    const fields = fieldsOf({ ...policy, opensAt });
    expect(patchOf(USUAL_FIELDS, fields)).toEqual({ opensAt });
  });
});

it("says what a drop does at a time", () => {
  const drop = {
    drop: "d",
    name: "D",
    skus: ["A"],
    opensAt: "2026-11-24T12:00:00.000Z",
    closesAt: "2026-11-24T13:00:00.000Z",
    perCustomerLimit: null,
    paused: false,
    revision: 1,
    updatedAt: "2026-11-24T11:00:00.000Z",
  };
  const [opens, closes] = [Date.parse(drop.opensAt), Date.parse(drop.closesAt)];
  const states = [opens - 1, opens, closes - 1, closes].map((now) => dropStateOf(drop, now));
  expect(states).toEqual(["scheduled", "open", "open", "closed"]);
  expect(dropStateOf({ ...drop, paused: true }, opens)).toBe("paused");
});
