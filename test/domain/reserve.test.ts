import { describe, expect, it } from "vitest";
import type { Command } from "../../src/domain/command.ts";
import { DEFAULT_POLICY, type Policy, type Reservation } from "../../src/domain/model.ts";
import { MemoryObject } from "./memory-object.ts";
import {
  ADMIN,
  only,
  refusalOf,
  request,
  reservationOf,
  Sale,
  START,
  STOREFRONT,
  shopper,
  stockOf,
  verdictOf,
} from "./sale.ts";

describe("a new reservation", () => {
  it("[RSV1] holds all of its units, with one event", () => {
    const sale = new Sale(20);
    const events = sale.eventsOf(() => sale.reserve({ quantity: 3 }));
    expect(events.map(({ type, dStock, dHeld, dSold }) => ({ type, dStock, dHeld, dSold }))).toEqual([
      { type: "reservation.held", dStock: 0, dHeld: 3, dSold: 0 },
    ]);
    expect(sale.counts()).toEqual({ stock: 20, held: 3, sold: 0 });
  });

  it("[RSV7] begins with nothing confirmed or returned, and the metadata that was sent", () => {
    const sale = new Sale(20).at(7);
    const command = { type: "reserve" as const, id: "r1", customer: "ann", quantity: 3, metadata: { size: "42" } };
    expect(reservationOf(sale.run(command))).toEqual({
      id: "r1",
      sku: "shoe-42",
      customer: "ann",
      quantity: 3,
      status: "held",
      createdAt: START + 7_000,
      expiresAt: START + 907_000,
      extendableUntil: START + 1_807_000,
      confirmedQuantity: 0,
      returnedQuantity: 0,
      orderId: null,
      rescued: false,
      refunds: [],
      cart: null,
      metadata: { size: "42" },
      version: 2,
      attempt: null,
      lockedUntil: null,
      countedBy: null,
      entry: null,
      lentTo: null,
      lenders: [],
      superseded: false,
    } satisfies Reservation);
  });

  it.each([
    { taken: 10, stock: { state: "open", available: 10, low: false, displayCap: 8 } },
    { taken: 15, stock: { state: "open", available: 5, low: true, displayCap: 8 } },
    { taken: 20, stock: { state: "held_elsewhere", available: 0, low: true, displayCap: 8 } },
  ])("[API7] [STK6] answers with the stock after it: $taken of 20 taken", ({ taken, stock }) => {
    const sale = new Sale(20, { displayCap: 8, perCustomerLimit: null, maxPerReservation: 20 });
    expect(stockOf(sale.reserve({ quantity: taken }))).toEqual(stock);
  });

  it("[TXN4] of an id that somebody else has is a bug and throws", () => {
    const sale = new Sale(9);
    const wish = sale.wish({ quantity: 2 });
    sale.run(wish);
    expect(() => sale.run({ ...wish, customer: "somebody else" } as Command)).toThrow("exists already");
  });
});

describe("time to live", () => {
  const policy: Partial<Policy> = { holdTtlSeconds: 100, maxHoldSeconds: 300 };
  it.each([
    { who: "a shopper", actor: shopper("ann"), asked: undefined, lives: 100 },
    { who: "a shopper", actor: shopper("ann"), asked: 99, lives: 99 },
    { who: "a shopper", actor: shopper("ann"), asked: 100, lives: 100 },
    { who: "a shopper", actor: shopper("ann"), asked: 101, lives: 100 },
    { who: "a storefront", actor: STOREFRONT, asked: undefined, lives: 100 },
    { who: "a storefront", actor: STOREFRONT, asked: 300, lives: 300 },
    { who: "a storefront", actor: STOREFRONT, asked: 301, lives: 300 },
    { who: "an admin", actor: ADMIN, asked: 300, lives: 300 },
    { who: "an admin", actor: ADMIN, asked: 301, lives: 300 },
  ])("[RSV5] gives $who who asks for $asked s a hold of $lives s", ({ actor, asked, lives }) => {
    const wish = asked === undefined ? { actor } : { actor, ttlSeconds: asked };
    expect(new Sale(9, policy).hold(wish).expiresAt).toBe(START + lives * 1000);
  });

  it.each([shopper("ann"), STOREFRONT])("[RSV6] never lets a hold outlive extendableUntil ($role)", (actor) => {
    const sale = new Sale(9, { holdTtlSeconds: 500, maxHoldSeconds: 300 });
    const until = START + 300_000;
    expect(sale.hold({ actor })).toMatchObject({ expiresAt: until, extendableUntil: until });
    expect(sale.hold({ actor, ttlSeconds: 400 })).toMatchObject({ expiresAt: until, extendableUntil: until });
  });
});

describe("precedence of refusals", () => {
  const opening = START + 60_000;
  const closing = START - 1;
  /** In the order of RSV2. Each makes the reserve below fail by itself, and they can be combined, but for opening and closing. */
  const obstacles: { code: string; at: string; policy: Partial<Policy>; stock?: number }[] = [
    { code: "paused", at: "paused", policy: { paused: true } },
    { code: "not-open", at: "not open", policy: { opensAt: opening } },
    { code: "closed", at: "closed", policy: { closesAt: closing } },
    { code: "limit-exceeded reservation", at: "over one reservation's bound", policy: { maxPerReservation: 1 } },
    { code: "limit-exceeded sku", at: "over the customer's limit", policy: { perCustomerLimit: 1 } },
    { code: "insufficient-stock", at: "short of stock", policy: {}, stock: 1 },
  ];
  const pairs = obstacles
    .flatMap((first, index) => obstacles.slice(index).map((second) => ({ first, second, code: first.code })))
    .filter(({ first, second }) => !(first.code === "not-open" && second.code === "closed"));

  it.each(pairs)("[RSV2] $first.at and $second.at: $code", ({ first, second, code }) => {
    const sale = new Sale(Math.min(first.stock ?? 9, second.stock ?? 9), { ...first.policy, ...second.policy });
    const refusal = refusalOf(sale.reserve({ quantity: 2 }));
    expect("scope" in refusal ? `${refusal.code} ${refusal.scope}` : refusal.code).toBe(code);
  });

  it("[RSV2] [TXN5] a SKU that does not exist is not found, whatever the wish", () => {
    const object = new MemoryObject(START);
    const command = { type: "reserve" as const, id: "r1", customer: "ann", quantity: 99_999, metadata: {} };
    expect(refusalOf(only(object.execute([request(command)])))).toEqual({ code: "not-found" });
    expect(object.sku).toBeNull();
    expect(object.events).toEqual([]);
  });
});

describe("every member of a refusal", () => {
  it.each([
    { seconds: 0, retryAfterSeconds: 60 },
    { seconds: 0.001, retryAfterSeconds: 60 },
    { seconds: 1, retryAfterSeconds: 59 },
    { seconds: 59, retryAfterSeconds: 1 },
    { seconds: 59.999, retryAfterSeconds: 1 },
  ])("[RSV3] at $seconds s of 60 the sale opens in $retryAfterSeconds s", ({ seconds, retryAfterSeconds }) => {
    const opensAt = START + 60_000;
    const refusal = refusalOf(new Sale(9, { opensAt }).at(seconds).reserve());
    expect(refusal).toEqual({ code: "not-open", opensAt, retryAfterSeconds });
  });

  it("[POL8] paused and closed say nothing else", () => {
    expect(refusalOf(new Sale(9, { paused: true }).reserve())).toEqual({ code: "paused" });
    expect(refusalOf(new Sale(9, { closesAt: START }).reserve())).toEqual({ code: "closed" });
  });

  it("[LIM1] the bound of one reservation", () => {
    const sale = new Sale(99, { maxPerReservation: 4, perCustomerLimit: 50 });
    sale.hold({ quantity: 2 });
    expect(verdictOf(sale.reserve({ quantity: 4 }))).toBe("ok");
    expect(refusalOf(sale.reserve({ quantity: 5 }))).toEqual({
      code: "limit-exceeded",
      limit: 4,
      used: 0,
      remaining: 4,
      scope: "reservation",
    });
  });

  it("[LIM2] the limit of a customer", () => {
    const sale = new Sale(99, { perCustomerLimit: 5 });
    sale.hold({ quantity: 3 });
    expect(refusalOf(sale.reserve({ quantity: 3 }))).toEqual({
      code: "limit-exceeded",
      limit: 5,
      used: 3,
      remaining: 2,
      scope: "sku",
    });
    expect(verdictOf(sale.reserve({ quantity: 2 }))).toBe("ok");
    expect(verdictOf(sale.reserve({ quantity: 5, customer: "bob" }))).toBe("ok");
  });

  it("[LIM2] [POL7] nothing remains, and never less than nothing, when the limit has been lowered", () => {
    const sale = new Sale(99, { perCustomerLimit: 5 });
    sale.hold({ quantity: 5 });
    sale.edit({ perCustomerLimit: 2 });
    expect(refusalOf(sale.reserve())).toEqual({
      code: "limit-exceeded",
      limit: 2,
      used: 5,
      remaining: 0,
      scope: "sku",
    });
  });

  it("[LIM2] null is no limit", () => {
    const sale = new Sale(99, { perCustomerLimit: null });
    for (const quantity of [10, 10, 10]) expect(verdictOf(sale.reserve({ quantity }))).toBe("ok");
  });

  it.each([
    { left: "held", end: (sale: Sale) => sale.hold({ customer: "bob", quantity: 6 }), state: "held_elsewhere" },
    { left: "sold", end: (sale: Sale) => sale.sell({ customer: "bob", quantity: 6 }), state: "sold_out" },
  ])("[RSV4] says what is left when the rest is $left", ({ end, state }) => {
    const sale = new Sale(8, { displayCap: 1 });
    end(sale);
    const refusal = { code: "insufficient-stock", available: 2, state, displayCap: 1 };
    expect(refusalOf(sale.reserve({ quantity: 3 }))).toEqual(refusal);
    expect(verdictOf(sale.reserve({ quantity: 2 }))).toBe("ok");
  });

  it("[RSV4] one's own hold may come back too", () => {
    const sale = new Sale(2);
    sale.hold({ quantity: 2 });
    expect(refusalOf(sale.reserve())).toMatchObject({ available: 0, state: "held_elsewhere", displayCap: null });
  });
});

describe("units that count against a customer's limit", () => {
  it.each([
    { what: "a hold", used: 3, prepare: (sale: Sale) => sale.hold({ quantity: 3 }) },
    { what: "a sale", used: 3, prepare: (sale: Sale) => sale.sell({ quantity: 3 }) },
    {
      what: "a partial sale",
      used: 2,
      prepare: (sale: Sale) => sale.confirm(sale.hold({ quantity: 3 }).id, { quantity: 2 }),
    },
    { what: "a partial return", used: 1, prepare: (sale: Sale) => sale.giveBack(sale.sell({ quantity: 3 }).id, 2) },
    { what: "a whole return", used: 0, prepare: (sale: Sale) => sale.giveBack(sale.sell({ quantity: 3 }).id) },
    { what: "a release", used: 0, prepare: (sale: Sale) => sale.release(sale.hold({ quantity: 3 }).id) },
    { what: "somebody else's hold", used: 0, prepare: (sale: Sale) => sale.hold({ quantity: 3, customer: "bob" }) },
  ])("[LIM3] $what: $used", ({ used, prepare }) => {
    const sale = new Sale(99, { perCustomerLimit: 4 });
    prepare(sale);
    const room = 4 - used;
    const over = refusalOf(sale.reserve({ quantity: room + 1 }));
    expect(over).toMatchObject({ code: "limit-exceeded", used, remaining: room, scope: "sku" });
    expect(verdictOf(sale.reserve({ quantity: room }))).toBe("ok");
  });

  it("[LIM3] a dead hold counts for nothing from the instant of its end, and for everything before", () => {
    const sale = new Sale(99, { perCustomerLimit: 3, holdTtlSeconds: 10 });
    sale.hold({ quantity: 3 });
    expect(verdictOf(sale.at(9.999).reserve({ quantity: 1 }))).toBe("limit-exceeded");
    expect(verdictOf(sale.at(10).reserve({ quantity: 3 }))).toBe("ok");
  });

  it("[LIM4] commands of one transaction count together", () => {
    const sale = new Sale(99, { perCustomerLimit: 3 });
    const outcomes = sale.object.execute([2, 2, 1].map((quantity) => request(sale.wish({ quantity }))));
    expect(outcomes.map(verdictOf)).toEqual(["ok", "limit-exceeded", "ok"]);
  });

  it("[POL2] ten units each way is the default", () => {
    expect(DEFAULT_POLICY).toMatchObject({ perCustomerLimit: 10, maxPerReservation: 10 });
  });
});
