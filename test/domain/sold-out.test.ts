import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/domain/hash.ts";
import { HELD_ELSEWHERE_MS, SOLD_OUT_MS } from "../../src/domain/isolate-memory.ts";
import { refusalOf, type SoldOut, soldOutOf } from "../../src/domain/sold-out.ts";
import { openUnitOfWork, viewSku } from "../../src/domain/unit-of-work.ts";
import { refusalOf as refusalIn, Sale } from "./sale.ts";

const NOBODY = new Uint32Array();

function soldOut(sale: Sale, nextChangeInMs: number | null = null, known: Uint32Array | null = NOBODY): SoldOut | null {
  const { now } = sale.object;
  return soldOutOf(
    viewSku(openUnitOfWork(now, sale.sku)),
    known,
    nextChangeInMs === null ? null : now + nextChangeInMs,
    now,
  );
}

/** A sale whose units are all sold, or held. */
function emptied(how: "sell" | "hold", policy = {}): Sale {
  const sale = new Sale(3, policy);
  sale[how]({ quantity: 3, customer: "first" });
  return sale;
}

describe("what others may say of a SKU that has nothing", () => {
  it("[EPO1] lasts a second where all is sold, and a quarter where units may come back", () => {
    expect(soldOut(emptied("sell"))).toMatchObject({ state: "sold_out", forMs: SOLD_OUT_MS });
    expect(soldOut(emptied("hold"))).toMatchObject({ state: "held_elsewhere", forMs: HELD_ELSEWHERE_MS });
    expect(soldOut(new Sale(3))).toBeNull();
  });

  it("[EPO1] ends when the clock changes something", () => {
    expect(soldOut(emptied("hold"), 60)).toMatchObject({ forMs: 60 });
    expect(soldOut(emptied("sell"), 999)).toMatchObject({ forMs: 999 });
    expect(soldOut(emptied("sell"), 0)).toBeNull();
  });

  it("[EPO1] is nothing where another state comes first", () => {
    const sale = emptied("sell");
    sale.run({ type: "update", policy: { paused: true } });
    expect(soldOut(sale)).toBeNull();
  });

  it("[EPO1] is what the SKU itself answers", () => {
    for (const how of ["sell", "hold"] as const) {
      const sale = emptied(how, { displayCap: 2 });
      const own = refusalIn(sale.reserve({ customer: "stranger" }));
      expect(refusalOf(soldOut(sale) as SoldOut, "stranger", 1)).toEqual(own);
    }
  });

  it("[EPO2] says nothing to customers whom another guard may refuse", () => {
    const names = Array.from({ length: 500 }, (_none, index) => `customer-${index}`);
    const known = Uint32Array.from(names.map(hashOf)).sort();
    const epoch = soldOut(emptied("sell"), null, known) as SoldOut;
    for (const name of names) expect(refusalOf(epoch, name, 1)).toBeNull();
    const strangers = Array.from({ length: 500 }, (_none, index) => `stranger-${index}`);
    for (const name of strangers) expect(refusalOf(epoch, name, 1)).not.toBeNull();
    expect(soldOut(emptied("sell"), null, null)).toBeNull();
  });

  it.each([
    { policy: { maxPerReservation: 4, perCustomerLimit: 8 }, most: 4 },
    { policy: { maxPerReservation: 9, perCustomerLimit: 3 }, most: 3 },
    { policy: { maxPerReservation: 9, perCustomerLimit: null }, most: 9 },
  ])("[EPO2] says nothing about more than $most units", ({ policy, most }) => {
    const epoch = soldOut(emptied("sell", policy)) as SoldOut;
    expect(refusalOf(epoch, "stranger", most)).toMatchObject({ code: "insufficient-stock", available: 0 });
    expect(refusalOf(epoch, "stranger", most + 1)).toBeNull();
  });
});
