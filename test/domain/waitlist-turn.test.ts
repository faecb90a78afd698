import { describe, expect, it } from "vitest";
import { SERVE_ENTRIES_MAX, SWEEP_HOLDS_MAX } from "../../src/domain/bounds.ts";
import type { Actor, Command, Outcome } from "../../src/domain/command.ts";
import type { EntryStatus } from "../../src/domain/model.ts";
import { refusalOf, request, reservationOf, Sale, START, verdictOf } from "./sale.ts";

const SERVICE: Actor = { role: "service" };
const CART: Actor = { role: "cart", cart: "cart-1" };
const OPEN = { perCustomerLimit: null, maxPerReservation: 1000 };
const REFUND = { code: "hold-expired", refundRequired: true };

function join(entry: string, quantity = 1): Command {
  return { type: "join", entry, offer: `offer of ${entry}`, customer: `customer of ${entry}`, quantity };
}

function statusOf(sale: Sale, entry: string): EntryStatus | undefined {
  return sale.object.entries.get(entry)?.status;
}

/** All in one transaction, as when they arrive in the same moment. */
function together(sale: Sale, ...commands: Command[]): Outcome[] {
  return sale.object.execute(commands.map((command) => request(command)));
}

function limit(sale: Sale): void {
  const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
  sale.run({ type: "enroll", drop: "drop", terms }, { actor: SERVICE });
}

describe("who joins in the very transaction in which units come back", () => {
  it("[WTL5] comes before those who ask later, and is offered them next", () => {
    const sale = new Sale(1, OPEN);
    const { id } = sale.hold({ customer: "bob" });
    const [, , dave] = together(sale, join("ann"), { type: "release", id }, sale.wish({ customer: "dave" }));
    expect(refusalOf(dave)).toMatchObject({ code: "insufficient-stock", available: 0, state: "held_elsewhere" });
    sale.object.wake();
    expect(statusOf(sale, "ann")).toBe("offered");
  });

  it("[WTL5] does not stand in the way of others while it wants more than there is", () => {
    const sale = new Sale(2, OPEN);
    const { id } = sale.hold({ customer: "bob", quantity: 2 });
    const confirm: Command = { type: "confirm", id, quantity: 1 };
    const [, , dave] = together(sale, join("ann", 2), confirm, sale.wish({ customer: "dave" }));
    expect(verdictOf(dave)).toBe("ok");
  });

  it("[WTL5] waits without claiming anything while the sale is paused", () => {
    const sale = new Sale(1, OPEN);
    const { id } = sale.hold({ customer: "bob" });
    const pause: Command = { type: "update", policy: { paused: true } };
    together(sale, join("ann"), pause, { type: "release", id });
    sale.object.wake();
    expect(statusOf(sale, "ann")).toBe("waiting");
  });
});

describe("who waits while an offer is tried", () => {
  function triedOffer(): Sale {
    const sale = new Sale(1, OPEN);
    limit(sale);
    const wish = sale.wish({ customer: "bob" }) as Command & { id: string };
    sale.run(wish);
    sale.run({ type: "settle", id: wish.id, granted: true, of: "reserve" }, { actor: SERVICE });
    sale.run(join("ann"));
    sale.release(wish.id);
    expect(sale.object.entries.get("ann")?.reservation).not.toBeNull();
    return sale;
  }

  it("[WTL11] claims what is tried for her, and nothing more", () => {
    const sale = triedOffer();
    const [, dave] = together(sale, { type: "adjust", delta: 1, reason: "found" }, sale.wish({ customer: "dave" }));
    expect(verdictOf(dave)).toBe("ok");
  });

  it("[WTL11] leaves the rest of the units to others in the transaction of the try itself", () => {
    const sale = new Sale(2, OPEN);
    limit(sale);
    const wish = sale.wish({ customer: "bob", quantity: 2 }) as Command & { id: string };
    sale.run(wish);
    sale.run({ type: "settle", id: wish.id, granted: true, of: "reserve" }, { actor: SERVICE });
    sale.run(join("ann"));
    const [, dave] = together(sale, { type: "release", id: wish.id }, sale.wish({ customer: "dave" }));
    expect(verdictOf(dave)).toBe("ok");
    expect(sale.object.entries.get("ann")?.reservation).not.toBeNull();
  });

  it("[WTL11] keeps the unit when the try lapses: a newcomer does not get it, the next try is hers", () => {
    const sale = triedOffer().at(10);
    expect(verdictOf(sale.reserve({ customer: "dave" }))).toBe("insufficient-stock");
    sale.object.wake();
    expect(sale.object.entries.get("ann")?.reservation).not.toBeNull();
    expect(sale.counts().held).toBe(1);
  });
});

describe("units from a claim that came to nothing", () => {
  it("[WTL5] by a cancelled try go to those who wait", () => {
    const sale = new Sale(1, OPEN);
    const line = { ...sale.wish({ customer: "bob" }), cart: "cart-1" } as Command & { id: string };
    sale.run(line);
    sale.run(join("ann"));
    sale.run({ type: "settle", id: line.id, granted: false, of: "reserve" }, { actor: CART });
    expect(statusOf(sale, "ann")).toBe("offered");
  });

  it("[WTL5] by a lapsed try go to those who wait", () => {
    const sale = new Sale(1, OPEN);
    sale.run({ ...sale.wish({ customer: "bob" }), cart: "cart-1" } as Command);
    sale.run(join("ann"));
    sale.at(10).object.wake();
    expect(statusOf(sale, "ann")).toBe("offered");
  });

  it("[WTL5] by a late line that is unlocked go to those who wait", () => {
    const sale = new Sale(1, OPEN);
    const line = { ...sale.wish({ customer: "bob" }), cart: "cart-1" } as Command & { id: string };
    sale.run(line);
    const settle: Command = { type: "settle", id: line.id, granted: true, lastsMs: 60_000, of: "reserve" };
    sale.run(settle, { actor: CART });
    sale.at(60).run({ type: "lock", id: line.id }, { actor: CART });
    sale.run(join("ann"));
    sale.run({ type: "unlock", id: line.id }, { actor: CART });
    expect(statusOf(sale, "ann")).toBe("offered");
  });
});

describe("more dead holds than one transaction sweeps, and people who wait", () => {
  const dead = SWEEP_HOLDS_MAX + 100;

  /** All units sit in holds that have just died, of one unit each; half as many people as a sweep frees wait for two. */
  function rush(policy = {}): Sale {
    const sale = new Sale(dead, { ...OPEN, ...policy });
    for (let index = 0; index < dead; index++) sale.hold({ customer: `c${index}` });
    for (let index = 0; index < SWEEP_HOLDS_MAX / 2; index++) sale.run(join(`e${index}`, 2));
    return sale.at(900);
  }

  it.each([
    { name: "a reserve", code: "insufficient-stock", act: (sale: Sale) => sale.reserve({ customer: "dave" }) },
    { name: "a late payment", code: "overloaded", act: (sale: Sale) => sale.confirm("r1") },
    { name: "an adjustment", code: "stock-in-use", act: (sale: Sale) => sale.adjust(-1) },
  ])("[WTL9] [STK1] leave $name to wait for the next sweep, and then it goes through", ({ code, act }) => {
    const sale = rush();
    expect(verdictOf(act(sale))).toBe(code);
    expect(sale.counts()).toEqual({ stock: dead, held: dead, sold: 0 });
    sale.object.wake();
    expect(sale.counts().held).toBe(SWEEP_HOLDS_MAX);
    expect(verdictOf(act(sale))).toBe("ok");
  });

  it("[WTL9] hold for a sale that is paused in the same moment too", () => {
    const [, late] = together(rush(), { type: "update", policy: { paused: true } }, { type: "confirm", id: "r1" });
    expect(verdictOf(late)).toBe("overloaded");
  });
});

describe("a late payment, and more people than one transaction serves", () => {
  const count = SERVE_ENTRIES_MAX + 20;

  /** Bob's hold has died; everybody else waits for something that a sale of `stock` units cannot give now. */
  function late(policy = {}): { sale: Sale; id: string; other: string } {
    const sale = new Sale(count, { ...OPEN, maxHoldSeconds: 7200, ...policy });
    const { id } = sale.hold({ customer: "bob" });
    const other = sale.hold({ customer: "carol", quantity: count - 1, ttlSeconds: 7200 }).id;
    return { sale, id, other };
  }

  it("[WTL9] [CNF8] is not refunded for good before it is known what they leave over", () => {
    const { sale, id } = late();
    for (let index = 0; index < count; index++) sale.run(join(`e${index}`));
    sale.at(900).object.wake();
    const [, payment] = together(sale, { type: "adjust", delta: count, reason: "found" }, { type: "confirm", id });
    expect(verdictOf(payment)).toBe("overloaded");
    sale.object.wake();
    expect(reservationOf(sale.confirm(id))).toMatchObject({ status: "confirmed", rescued: true });
  });

  it("[WTL9] [CNF8] is refunded for good when there is not enough for it anyway", () => {
    const { sale, id } = late();
    for (let index = 0; index < count; index++) sale.run(join(`e${index}`));
    expect(refusalOf(sale.at(900).confirm(id))).toEqual(REFUND);
    expect(sale.kept(id).refunds).toHaveLength(1);
  });

  it("[WTL9] [CNF5] takes what is free of a sale that has closed, for nobody is served any more", () => {
    const { sale, id } = late({ closesAt: START + 7_000_000 });
    for (let index = 0; index < count; index++) sale.run(join(`e${index}`, count));
    expect(reservationOf(sale.at(7000).confirm(id))).toMatchObject({ status: "confirmed", rescued: true });
    expect(sale.sku.waiting).toBe(count);
    sale.at(7000 + 3600).object.wake();
    expect(sale.sku.waiting).toBe(count - SERVE_ENTRIES_MAX);
  });

  it("[WTL9] [CNF5] takes what is free of a sale that is paused, for nobody is served now", () => {
    const { sale, id } = late();
    for (let index = 0; index < count; index++) sale.run(join(`e${index}`));
    sale.edit({ paused: true });
    const [, payment] = together(sale.at(900), { type: "adjust", delta: 5, reason: "found" }, { type: "confirm", id });
    expect(reservationOf(payment)).toMatchObject({ status: "confirmed", rescued: true });
  });

  it("[WTL9] [CRT9] of a cart waits like any other", () => {
    const sale = new Sale(1, OPEN);
    const line = { ...sale.wish({ customer: "bob" }), cart: "cart-1" } as Command & { id: string };
    sale.run(line);
    const settle: Command = { type: "settle", id: line.id, granted: true, lastsMs: 60_000, of: "reserve" };
    sale.run(settle, { actor: CART });
    for (let index = 0; index < count; index++) sale.run(join(`e${index}`));
    sale.at(60).object.wake();
    const found = request({ type: "adjust", delta: count, reason: "found" });
    const [, locked] = sale.object.execute([found, request({ type: "lock", id: line.id }, { actor: CART })]);
    expect(verdictOf(locked)).toBe("overloaded");
  });
});

describe("an offer whose time is over", () => {
  it("[WTL4] has lapsed, and is not declined by leaving it then", () => {
    const sale = new Sale(1, OPEN);
    const { id } = sale.hold({ customer: "bob" });
    sale.run(join("ann"));
    sale.release(id);
    sale.at(600).run({ type: "leave", entry: "ann" });
    expect(statusOf(sale, "ann")).toBe("lapsed");
  });
});

describe("joining", () => {
  it.each([
    { code: "paused", edit: { paused: true, opensAt: START + 1000 } },
    { code: "not-open", edit: { opensAt: START + 1000, maxPerReservation: 1 } },
    { code: "closed", edit: { closesAt: START, maxPerReservation: 1 } },
    { code: "limit-exceeded", edit: { maxPerReservation: 1 } },
    { code: "already-waiting", edit: {} },
  ])("[WTL2] is refused with the first that applies: $code", ({ code, edit }) => {
    const sale = new Sale(2, OPEN);
    const { id } = sale.hold({ customer: "bob", quantity: 2 });
    sale.run(join("ann", 2));
    sale.edit({ paused: true });
    sale.release(id);
    sale.edit({ paused: false, ...edit });
    expect(verdictOf(sale.run(join("ann", 2)))).toBe(code);
  });
});
