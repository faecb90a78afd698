import { describe, expect, it } from "vitest";
import { assertConserved } from "../../src/domain/stock.ts";
import { apply, openUnitOfWork, unitsOf, viewSku } from "../../src/domain/unit-of-work.ts";
import { request, Sale, START } from "./sale.ts";

describe("events", () => {
  it("[EVT1] [EVT2] [EVT3] number every change without a gap, and add up to the counts", () => {
    const sale = new Sale(10, { holdTtlSeconds: 10, lowStockThreshold: 3 });
    const { id } = sale.hold({ quantity: 8 });
    sale.confirm(id, { quantity: 6 });
    sale.giveBack(id, 1, false);
    sale.adjust(5);
    sale.hold({ quantity: 2 });
    sale.at(10).object.wake();
    const events = sale.object.events;
    expect(events.map(({ sequence, type, dStock, dHeld, dSold }) => [sequence, type, dStock, dHeld, dSold])).toEqual([
      [1, "sku.created", 10, 0, 0],
      [2, "reservation.held", 0, 8, 0],
      [3, "stock.low", 0, 0, 0],
      [4, "reservation.confirmed", 0, -8, 6],
      [5, "reservation.returned", -1, 0, -1],
      [6, "stock.adjusted", 5, 0, 0],
      [7, "reservation.held", 0, 2, 0],
      [8, "reservation.expired", 0, -2, 0],
    ]);
    for (const { sequence, reservation } of events) {
      if (reservation) expect(reservation.version).toBe(sequence);
    }
    expect(sale.sku.version).toBe(8);
    expect(sale.counts()).toEqual({ stock: 14, held: 0, sold: 5 });
  });

  it("[CLK1] [TXN1] of one transaction carry one time", () => {
    const sale = new Sale(1, { holdTtlSeconds: 10 });
    sale.hold();
    const events = sale
      .at(12)
      .eventsOf(() => sale.object.execute([request(sale.wish()), request({ type: "release", id: "r2" })]));
    expect(events.map(({ type }) => type)).toEqual([
      "reservation.expired",
      "reservation.held",
      "reservation.released",
      "stock.back",
    ]);
    expect(new Set(events.map(({ time }) => time))).toEqual(new Set([START + 12_000]));
    expect(sale.sku.updatedAt).toBe(START + 12_000);
  });

  it("[TXN3] a refusal leaves no trace", () => {
    const sale = new Sale(1);
    const before = sale.sku;
    sale.reserve({ quantity: 2 });
    sale.adjust(-2);
    sale.release("r0");
    expect(sale.sku).toBe(before);
    expect(sale.object.events).toHaveLength(1);
  });
});

describe("stock signals", () => {
  type Act = (sale: Sale) => unknown;
  const holdOf =
    (quantity: number): Act =>
    (sale) =>
      sale.hold({ quantity });
  const cases: { what: string; prepare?: Act; act: Act; signals: string[] }[] = [
    { what: "down to just over the threshold", act: holdOf(6), signals: [] },
    { what: "down to the threshold", act: holdOf(7), signals: ["stock.low"] },
    { what: "down to one", act: holdOf(9), signals: ["stock.low"] },
    { what: "lower still", prepare: holdOf(7), act: holdOf(1), signals: [] },
    { what: "all held", act: holdOf(10), signals: [] },
    {
      what: "the last holds sold",
      prepare: holdOf(10),
      act: (sale) => sale.confirm("r1"),
      signals: ["stock.sold_out"],
    },
    {
      what: "one of two last holds sold",
      prepare: (sale) => [sale.hold({ quantity: 5 }), sale.hold({ quantity: 5 })],
      act: (sale) => sale.confirm("r1"),
      signals: [],
    },
    {
      what: "a hold given back when all was held",
      prepare: holdOf(10),
      act: (sale) => sale.release("r1"),
      signals: ["stock.back"],
    },
    {
      what: "a return when all was sold",
      prepare: (sale) => sale.sell({ quantity: 10 }),
      act: (sale) => sale.giveBack("r1", 1),
      signals: ["stock.back"],
    },
    {
      what: "a return out of stock when all was sold",
      prepare: (sale) => sale.sell({ quantity: 10 }),
      act: (sale) => sale.giveBack("r1", 1, false),
      signals: [],
    },
    {
      what: "expiry when all was held",
      prepare: (sale) => [sale.hold({ quantity: 10 }), sale.at(900)],
      act: (sale) => sale.object.wake(),
      signals: ["stock.back"],
    },
    {
      what: "a partial confirmation when all was held",
      prepare: holdOf(10),
      act: (sale) => sale.confirm("r1", { quantity: 9 }),
      signals: ["stock.back"],
    },
    { what: "more when there was some", prepare: holdOf(9), act: (sale) => sale.adjust(5), signals: [] },
    { what: "all unsold taken out", act: (sale) => sale.adjust(-10), signals: ["stock.sold_out"] },
    {
      what: "stock for what had none",
      prepare: (sale) => sale.adjust(-10),
      act: (sale) => sale.adjust(3),
      signals: ["stock.back"],
    },
    { what: "a rise of the threshold", act: (sale) => sale.edit({ lowStockThreshold: 10 }), signals: [] },
    {
      what: "a fall under the new threshold",
      prepare: (sale) => sale.edit({ lowStockThreshold: 9 }),
      act: holdOf(1),
      signals: ["stock.low"],
    },
    {
      what: "a fall under a threshold raised in the same transaction",
      act: (sale) =>
        sale.object.execute([
          request({ type: "update", policy: { lowStockThreshold: 9 } }),
          request(sale.wish({ quantity: 1 })),
        ]),
      signals: ["stock.low"],
    },
    {
      what: "a refusal when all was sold",
      prepare: (sale) => sale.sell({ quantity: 10 }),
      act: (sale) => sale.reserve(),
      signals: [],
    },
    {
      what: "a hold and its release in one transaction",
      act: (sale) => sale.object.execute([request(sale.wish({ quantity: 9 })), request({ type: "release", id: "r1" })]),
      signals: [],
    },
    {
      what: "a sale of all in one transaction",
      act: (sale) =>
        sale.object.execute([request(sale.wish({ quantity: 10 })), request({ type: "confirm", id: "r1" })]),
      signals: ["stock.sold_out"],
    },
    {
      what: "a dead hold taken over at once",
      prepare: (sale) => [sale.hold({ quantity: 10 }), sale.at(900)],
      act: (sale) => sale.hold({ quantity: 10 }),
      signals: [],
    },
  ];

  it.each(cases)("[SIG1] [SIG2] [SIG3] [SIG4] $what: $signals", ({ prepare, act, signals }) => {
    const sale = new Sale(10, { lowStockThreshold: 3, lateConfirmSeconds: 1 });
    prepare?.(sale);
    const types: string[] = sale.typesOf(() => act(sale));
    expect(types.filter((type) => ["stock.low", "stock.sold_out", "stock.back"].includes(type))).toEqual(signals);
    expect(types.slice(types.length - signals.length)).toEqual(signals);
  });

  it.each([0, 3])("[SIG5] the creation of a SKU with %i units signals nothing", (stock) => {
    expect(new Sale(stock).object.events.map(({ type }) => type)).toEqual(["sku.created"]);
  });

  it("[SIG5] each carries the counts and moves nothing", () => {
    const sale = new Sale(10, { lowStockThreshold: 3 });
    sale.sell({ quantity: 4 });
    const [, low] = sale.eventsOf(() => sale.hold({ quantity: 3 }));
    expect(low).toEqual({
      sequence: 5,
      type: "stock.low",
      time: START,
      dStock: 0,
      dHeld: 0,
      dSold: 0,
      reservation: null,
      entry: null,
      detail: { available: 3, held: 3, sold: 4 },
    });
  });

  it.each([
    {
      type: "stock.sold_out",
      act: (sale: Sale) => sale.sell({ quantity: 10 }),
      detail: { available: 0, held: 0, sold: 10 },
    },
    {
      type: "stock.back",
      act: (sale: Sale) => [sale.hold({ quantity: 10 }), sale.confirm("r1", { quantity: 4 })],
      detail: { available: 6, held: 0, sold: 4 },
    },
  ])("[SIG5] $type says $detail", ({ type, act, detail }) => {
    const sale = new Sale(10);
    const events = sale.eventsOf(() => act(sale));
    expect(events.at(-1)).toMatchObject({ type, detail, dStock: 0, dHeld: 0, dSold: 0, reservation: null });
  });
});

describe("what must never be committed", () => {
  it.each([
    { stock: 5, held: 3, sold: 2, broken: false },
    { stock: 0, held: 0, sold: 0, broken: false },
    { stock: 5, held: 3, sold: 3, broken: true },
    { stock: 5, held: -1, sold: 3, broken: true },
    { stock: 5, held: 3, sold: -1, broken: true },
    { stock: -1, held: 0, sold: 0, broken: true },
    { stock: -1, held: 0, sold: -1, broken: true },
    { stock: Number.NaN, held: 0, sold: 0, broken: true },
  ])("[STK1] [TXN4] $stock in stock, $held held, $sold sold", ({ broken, ...counts }) => {
    const check = () => assertConserved({ ...new Sale(9).sku, ...counts });
    if (broken) expect(check).toThrow("out of balance");
    else expect(check).not.toThrow();
  });

  it.each([{ dHeld: 10 }, { dSold: 10 }, { dStock: -10 }, { dHeld: -1 }, { dSold: -1 }])(
    "[TXN4] %o of nine free units throws and changes nothing",
    (change) => {
      const work = openUnitOfWork(START, new Sale(9).sku);
      const before = work.sku;
      expect(() => apply(work, { type: "stock.adjusted", ...change })).toThrow("out of balance");
      expect(work.sku).toBe(before);
      expect(work.events).toEqual([]);
    },
  );

  it("[LIM4] a limit is never judged on units that nobody counted", () => {
    expect(() => unitsOf(openUnitOfWork(START, null), "ann")).toThrow("not gathered");
    expect(() => viewSku(openUnitOfWork(START, null))).toThrow("no SKU");
  });
});
