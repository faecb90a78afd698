import { describe, expect, it } from "vitest";
import { ADMIN, refusalOf, reservationOf, Sale, START, STOREFRONT, shopper, stockOf, verdictOf } from "./sale.ts";

const policy = { holdTtlSeconds: 100, maxHoldSeconds: 300 };

describe("extending", () => {
  it("[EXT1] moves expiresAt to now and the time to live, with an event that moves no units", () => {
    const sale = new Sale(9, policy);
    const held = sale.hold({ quantity: 2 });
    const events = sale.eventsOf(() => sale.at(50).extend(held.id));
    expect(events).toEqual([
      {
        sequence: 3,
        type: "reservation.extended",
        time: START + 50_000,
        dStock: 0,
        dHeld: 0,
        dSold: 0,
        reservation: { ...held, expiresAt: START + 150_000, version: 3 },
        entry: null,
        detail: null,
      },
    ]);
  });

  it.each([
    { actor: shopper("ann"), asked: 80, until: 130 },
    { actor: shopper("ann"), asked: 101, until: 150 },
    { actor: STOREFRONT, asked: 101, until: 151 },
    { actor: STOREFRONT, asked: 249, until: 299 },
    { actor: STOREFRONT, asked: 250, until: 300 },
    { actor: STOREFRONT, asked: 251, until: 300 },
    { actor: ADMIN, asked: 604_800, until: 300 },
  ])("[EXT1] [EXT2] at second 50 gives a $actor.role who asks for $asked s until $until", ({ actor, asked, until }) => {
    const sale = new Sale(9, policy);
    const { id } = sale.hold();
    expect(reservationOf(sale.at(50).extend(id, asked, actor)).expiresAt).toBe(START + until * 1000);
  });

  it.each([
    { seconds: 0, asked: 99, verdict: "extension-limit" },
    { seconds: 0, asked: 100, verdict: "extension-limit" },
    { seconds: 0, asked: 101, verdict: "ok" },
    { seconds: 0.001, asked: 100, verdict: "ok" },
    { seconds: 50, asked: 50, verdict: "extension-limit" },
    { seconds: 99.999, asked: 1, verdict: "ok" },
  ])("[EXT2] [EXT3] at $seconds s of 100, asking for $asked s: $verdict", ({ seconds, asked, verdict }) => {
    const sale = new Sale(9, policy);
    const { id } = sale.hold();
    expect(verdictOf(sale.at(seconds).extend(id, asked))).toBe(verdict);
  });

  it("[EXT3] names extendableUntil when it is reached, and leaves the hold as it was", () => {
    const sale = new Sale(9, policy);
    const held = sale.hold({ ttlSeconds: 300 });
    const refusal = { code: "extension-limit", extendableUntil: START + 300_000 };
    expect(refusalOf(sale.at(299).extend(held.id, 300))).toEqual(refusal);
    expect(sale.kept(held.id)).toEqual(held);
  });

  it("[EXP1] is too late at the very instant of expiry", () => {
    const sale = new Sale(9, policy);
    const { id } = sale.hold();
    expect(refusalOf(sale.at(100).extend(id))).toEqual({ code: "hold-expired", refundRequired: false });
  });

  it("[POL7] keeps the old extendableUntil, and takes the new time to live", () => {
    const sale = new Sale(9, policy);
    const held = sale.hold();
    sale.edit({ holdTtlSeconds: 120, maxHoldSeconds: 110 });
    expect(sale.kept(held.id)).toEqual(held);
    expect(reservationOf(sale.at(50).extend(held.id)).expiresAt).toBe(START + 160_000);
    sale.edit({ maxHoldSeconds: 900 });
    expect(reservationOf(sale.at(150).extend(held.id, 900)).expiresAt).toBe(START + 300_000);
  });

  it.each([{ paused: true }, { closesAt: START }, { opensAt: START + 900_000 }])("[POL8] goes on with %o", (edit) => {
    const sale = new Sale(9, policy);
    const { id } = sale.hold();
    sale.edit(edit);
    expect(verdictOf(sale.at(50).extend(id))).toBe("ok");
  });
});

describe("releasing", () => {
  it("[REL1] gives all of the units back, with one event", () => {
    const sale = new Sale(20, policy);
    const held = sale.hold({ quantity: 4 });
    const events = sale.eventsOf(() => {
      const outcome = sale.release(held.id);
      expect(stockOf(outcome)).toMatchObject({ state: "open", available: 20 });
    });
    const released = { ...held, status: "released", version: 3 };
    const moved = { dStock: 0, dHeld: -4, dSold: 0, reservation: released };
    expect(events).toMatchObject([{ type: "reservation.released", ...moved }]);
    expect(sale.counts()).toEqual({ stock: 20, held: 0, sold: 0 });
  });

  it("[REL2] twice is as good as once", () => {
    const sale = new Sale(9, policy);
    const { id } = sale.hold({ quantity: 4 });
    const first = reservationOf(sale.release(id));
    expect(reservationOf(sale.release(id))).toEqual(first);
    expect(sale.counts()).toEqual({ stock: 9, held: 0, sold: 0 });
  });
});

describe("returning", () => {
  const sold = (quantity: number): { sale: Sale; id: string } => {
    const sale = new Sale(9);
    return { sale, id: sale.sell({ quantity }).id };
  };

  it.each([
    { restock: true, dStock: 0, counts: { stock: 9, held: 0, sold: 2 } },
    { restock: false, dStock: -3, counts: { stock: 6, held: 0, sold: 2 } },
  ])("[RET1] [RET2] takes units back, restock $restock", ({ restock, dStock, counts }) => {
    const { sale, id } = sold(5);
    const [event] = sale.eventsOf(() => sale.giveBack(id, 3, restock));
    expect(event).toMatchObject({ type: "reservation.returned", dStock, dHeld: 0, dSold: -3 });
    expect(event?.detail).toEqual({ quantity: 3, restock });
    expect(event?.reservation).toMatchObject({ status: "confirmed", confirmedQuantity: 5, returnedQuantity: 3 });
    expect(sale.counts()).toEqual(counts);
  });

  it.each([
    { returned: 0, asked: 5, status: "returned" },
    { returned: 0, asked: 4, status: "confirmed" },
    { returned: 3, asked: 2, status: "returned" },
    { returned: 3, asked: 1, status: "confirmed" },
    { returned: 0, asked: undefined, status: "returned" },
    { returned: 3, asked: undefined, status: "returned" },
  ])("[RET1] [RET4] after $returned of 5, returning $asked leaves it $status", ({ returned, asked, status }) => {
    const { sale, id } = sold(5);
    if (returned > 0) sale.giveBack(id, returned);
    const after = reservationOf(sale.giveBack(id, asked));
    expect(after).toMatchObject({ status, returnedQuantity: asked === undefined ? 5 : returned + asked });
  });

  it.each([
    { returned: 0, asked: 6, returnable: 5 },
    { returned: 3, asked: 3, returnable: 2 },
    { returned: 5, asked: 1, returnable: 0 },
    { returned: 5, asked: undefined, returnable: 0 },
  ])("[RET3] after $returned of 5, $asked is too many", ({ returned, asked, returnable }) => {
    const { sale, id } = sold(5);
    if (returned > 0) sale.giveBack(id, returned);
    const before = sale.kept(id);
    expect(refusalOf(sale.giveBack(id, asked))).toEqual({ code: "nothing-to-return", returnable });
    expect(sale.kept(id)).toEqual(before);
  });

  it("[RET3] counts what was confirmed, not what was reserved", () => {
    const sale = new Sale(9);
    const { id } = sale.hold({ quantity: 5 });
    sale.confirm(id, { quantity: 2 });
    expect(refusalOf(sale.giveBack(id, 3))).toEqual({ code: "nothing-to-return", returnable: 2 });
  });

  it("[RET3] [STA1] what was never confirmed is not-confirmed before anything else", () => {
    const sale = new Sale(9);
    const { id } = sale.hold({ quantity: 5 });
    expect(refusalOf(sale.giveBack(id, 9))).toEqual({ code: "not-confirmed" });
  });

  it.each([{ paused: true }, { closesAt: START }])("[POL8] goes on with %o", (edit) => {
    const { sale, id } = sold(5);
    sale.edit(edit);
    expect(verdictOf(sale.giveBack(id))).toBe("ok");
  });
});
