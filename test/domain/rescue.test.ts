import { describe, expect, it } from "vitest";
import type { Command, Outcome } from "../../src/domain/command.ts";
import { rescueOf } from "../../src/domain/lend.ts";
import type { Policy, Reservation } from "../../src/domain/model.ts";
import { refusalOf, reservationOf, Sale, verdictOf } from "./sale.ts";

const POLICY: Partial<Policy> = { holdTtlSeconds: 10, maxHoldSeconds: 60, lateConfirmSeconds: 1000 };
const SERVICE = { actor: { role: "service" as const } };

/** A sale in which ann's first hold has died. */
function lapsed(stock: number, policy: Partial<Policy> = {}, quantity = 1): { sale: Sale; first: string } {
  const sale = new Sale(stock, { ...POLICY, ...policy });
  const first = sale.hold({ quantity }).id;
  sale.at(20).object.wake();
  return { sale, first };
}

function lines(sale: Sale, cart: string, customer = "ann"): Reservation {
  const command: Command = { ...(sale.wish({ customer }) as Extract<Command, { type: "reserve" }>), cart };
  const tried = sale.run(command);
  if (!tried.ok || tried.type !== "try") throw new Error(`no try: ${JSON.stringify(tried)}`);
  return reservationOf(sale.run({ type: "settle", id: tried.reservation.id, granted: true, of: "reserve" }, SERVICE));
}

function triedOf(outcome: Outcome): Reservation {
  if (!outcome.ok || outcome.type !== "try") throw new Error(`no try: ${JSON.stringify(outcome)}`);
  return outcome.reservation;
}

describe("a late payment whose customer holds something newer", () => {
  it.each([
    { short: "limit", stock: 5, policy: { perCustomerLimit: 1 } },
    { short: "stock", stock: 1, policy: {} },
  ])("[CNF13] is sold where the $short is short, and the newer hold gives way", ({ stock, policy }) => {
    const { sale, first } = lapsed(stock, policy);
    const newer = sale.hold();
    const events = sale.eventsOf(() => {
      const sold = reservationOf(sale.confirm(first, { orderId: "late" }));
      expect(sold).toMatchObject({ status: "confirmed", rescued: true, orderId: "late" });
    });
    expect(events).toMatchObject([
      { type: "reservation.released", dHeld: -1, reservation: { id: newer.id }, detail: { reason: "superseded" } },
      {
        type: "reservation.confirmed",
        dSold: 1,
        reservation: { id: first },
        detail: { superseded: [{ sku: "shoe-42", id: newer.id }] },
      },
      ...(stock === 1 ? [{ type: "stock.sold_out" }] : []),
    ]);
    expect(sale.counts()).toEqual({ stock, held: 0, sold: 1 });
  });

  it("[CNF13] takes whole claims, newest first, until there is enough", () => {
    const { sale, first } = lapsed(4, {}, 2);
    const [oldest, middle, newest] = [sale.hold(), sale.at(21).hold({ quantity: 2 }), sale.at(22).hold()];
    expect(verdictOf(sale.confirm(first))).toBe("ok");
    expect([oldest, middle, newest].map(({ id }) => sale.kept(id).status)).toEqual(["held", "released", "released"]);
    expect(sale.counts()).toEqual({ stock: 4, held: 1, sold: 2 });
  });

  it("[CNF13] takes none where there is enough without", () => {
    const { sale, first } = lapsed(5);
    const newer = sale.hold();
    sale.confirm(first);
    expect(sale.kept(newer.id).status).toBe("held");
  });

  it("[CNF13] is refunded where all of them are not enough, and they are as they were", () => {
    const { sale, first } = lapsed(3, {}, 2);
    const newer = sale.hold();
    sale.sell({ customer: "bob", quantity: 2 });
    expect(refusalOf(sale.confirm(first))).toEqual({ code: "hold-expired", refundRequired: true });
    expect(sale.kept(newer.id)).toEqual(newer);
  });

  it("[CNF13] never takes what somebody else holds, nor what is sold", () => {
    const { sale, first } = lapsed(2, { perCustomerLimit: 1 });
    sale.sell();
    sale.hold({ customer: "bob" });
    expect(verdictOf(sale.confirm(first))).toBe("hold-expired");
  });

  it("[CNF13] [WTL4] takes his own offer, whose entry ends as withdrawn", () => {
    const { sale, first } = lapsed(1);
    const other = sale.hold({ customer: "bob" });
    sale.run({ type: "join", entry: "e1", customer: "ann", quantity: 1, offer: "o1" });
    sale.release(other.id);
    const offer = sale.object.entries.get("e1")?.reservation ?? "";
    expect(sale.kept(offer).status).toBe("held");
    expect(verdictOf(sale.confirm(first))).toBe("ok");
    expect(sale.object.entries.get("e1")).toMatchObject({ status: "withdrawn", reason: "superseded" });
  });

  it("[CNF13] goes ahead of the waitlist with what his own claim gives", () => {
    const { sale, first } = lapsed(1);
    sale.hold();
    sale.run({ type: "join", entry: "e1", customer: "bob", quantity: 1, offer: "o1" });
    expect(verdictOf(sale.confirm(first))).toBe("ok");
    expect(sale.object.entries.get("e1")?.status).toBe("waiting");
  });
});

describe("a claim that has given way", () => {
  function superseded(stock = 1): { sale: Sale; first: string; newer: string } {
    const { sale, first } = lapsed(stock, { perCustomerLimit: 1 });
    const newer = sale.hold().id;
    sale.confirm(first, { orderId: "late" });
    return { sale, first, newer };
  }

  it("[CNF14] is judged like an expired one: refunded while nothing is left", () => {
    const { sale, newer } = superseded();
    expect(refusalOf(sale.confirm(newer))).toEqual({ code: "hold-expired", refundRequired: true });
  });

  it("[CNF14] is rescued once the sold one came back", () => {
    const { sale, first, newer } = superseded();
    sale.giveBack(first);
    expect(reservationOf(sale.confirm(newer))).toMatchObject({ status: "confirmed", rescued: true });
    expect(sale.kept(newer).superseded).toBe(false);
  });

  it("[CNF14] is a released one to everything else", () => {
    const { sale, newer } = superseded();
    expect(verdictOf(sale.extend(newer))).toBe("already-released");
    expect(sale.typesOf(() => expect(verdictOf(sale.release(newer))).toBe("ok"))).toEqual([]);
    expect(verdictOf(sale.giveBack(newer))).toBe("not-confirmed");
  });

  it("[CNF14] is final where the customer released it", () => {
    const { sale, first } = lapsed(5);
    const newer = sale.hold().id;
    sale.release(newer);
    sale.confirm(first);
    expect(verdictOf(sale.confirm(newer))).toBe("already-released");
  });
});

describe("what stands in the way for seconds only", () => {
  it.each(["bob", "ann"])("[CNF15] a try of %s makes a late payment come again, and keeps the unit for it", (whose) => {
    const { sale, first } = lapsed(1);
    const command = { ...sale.wish({ customer: whose }), cart: "cart" } as Command;
    const tried = triedOf(sale.run(command));
    expect(refusalOf(sale.confirm(first))).toEqual({ code: "overloaded" });
    sale.run({ type: "settle", id: tried.id, granted: false, of: "reserve" }, SERVICE);
    expect(refusalOf(sale.reserve({ customer: "cid" }))).toMatchObject({ code: "insufficient-stock" });
    expect(verdictOf(sale.confirm(first))).toBe("ok");
  });

  it("[CNF15] of two that come again in turns, the one that came first gets the unit, and the other a final answer", () => {
    const { sale, first } = lapsed(1);
    const second = sale.hold({ customer: "bob" }).id;
    sale.at(40).object.wake();
    const tried = triedOf(sale.run({ ...sale.wish({ customer: "cid" }), cart: "cart" } as Command));
    expect([first, second].map((id) => verdictOf(sale.confirm(id)))).toEqual(["overloaded", "overloaded"]);
    sale.run({ type: "settle", id: tried.id, granted: false, of: "reserve" }, SERVICE);
    expect([second, first, second].map((id) => verdictOf(sale.confirm(id)))).toEqual([
      "overloaded",
      "ok",
      "hold-expired",
    ]);
  });

  it("[CNF15] a try that becomes a hold makes it final after all", () => {
    const { sale, first } = lapsed(1);
    const tried = triedOf(sale.run({ ...sale.wish({ customer: "bob" }), cart: "cart" } as Command));
    expect(verdictOf(sale.confirm(first))).toBe("overloaded");
    sale.run({ type: "settle", id: tried.id, granted: true, of: "reserve" }, SERVICE);
    expect(verdictOf(sale.confirm(first))).toBe("hold-expired");
  });

  it.each([
    { seconds: 9.999, offered: false },
    { seconds: 10, offered: true },
  ])("[CNF15] the unit is kept from the waitlist for 10 s: after $seconds s $offered", ({ seconds, offered }) => {
    const { sale, first } = lapsed(1);
    const tried = triedOf(sale.run({ ...sale.wish({ customer: "bob" }), cart: "cart" } as Command));
    sale.run({ type: "join", entry: "e1", customer: "cid", quantity: 1, offer: "o1" });
    expect(verdictOf(sale.confirm(first))).toBe("overloaded");
    sale.run({ type: "settle", id: tried.id, granted: false, of: "reserve" }, SERVICE);
    expect(sale.object.entries.get("e1")?.status).toBe("waiting");
    sale.at(20 + seconds).object.wake();
    expect(sale.object.entries.get("e1")?.status).toBe(offered ? "offered" : "waiting");
  });

  it("[CNF15] his own claim that is being confirmed with its cart is waited for", () => {
    const { sale, first } = lapsed(2, { perCustomerLimit: 1 });
    const line = lines(sale, "cart");
    sale.run({ type: "lock", id: line.id }, { actor: { role: "cart", cart: "cart" } });
    expect(verdictOf(sale.confirm(first))).toBe("overloaded");
    sale.run({ type: "confirm", id: line.id }, { actor: { role: "cart", cart: "cart" } });
    expect(verdictOf(sale.confirm(first))).toBe("hold-expired");
  });
});

describe("a late payment that needs a cart", () => {
  function borrowing(): { sale: Sale; first: string; line: Reservation; tried: Reservation } {
    const { sale, first } = lapsed(1);
    const line = lines(sale, "newer");
    const tried = triedOf(sale.confirm(first, { orderId: "late" }));
    return { sale, first, line, tried };
  }
  const settle = (sale: Sale, { id, version }: Reservation, granted = true) =>
    sale.run({ type: "settle", id, version, granted, of: "confirm" }, SERVICE);

  it("[CNF17] is tried with nothing, and names the cart that has to lend", () => {
    const { sale, tried } = borrowing();
    expect(tried).toMatchObject({ quantity: 0, attempt: { paid: 1 }, lenders: [{ cart: "newer" }] });
    expect(sale.counts()).toEqual({ stock: 1, held: 1, sold: 0 });
  });

  it("[CNF17] is sold once the line is lent", () => {
    const { sale, first, line, tried } = borrowing();
    const cart = { actor: { role: "cart" as const, cart: "newer" } };
    sale.run({ type: "lend", id: line.id, to: rescueOf({ sku: "shoe-42", id: first, cart: null }, 1) }, cart);
    expect(verdictOf(sale.run({ type: "restore", id: line.id, rescue: `sku/shoe-42/${first}` }, cart))).toBe(
      "overloaded",
    );
    expect(reservationOf(settle(sale, tried))).toMatchObject({ status: "confirmed", confirmedQuantity: 1 });
    expect(sale.kept(line.id)).toMatchObject({ status: "released", superseded: true });
    expect(sale.counts()).toEqual({ stock: 1, held: 0, sold: 1 });
  });

  it("[CNF17] comes again when the cart did not lend, and the cart is as it was", () => {
    const { sale, first, line, tried } = borrowing();
    expect(refusalOf(settle(sale, tried))).toEqual({ code: "overloaded" });
    expect(sale.kept(line.id)).toEqual(line);
    expect(sale.kept(first)).toMatchObject({ status: "expired", quantity: 1, attempt: null });
  });

  it("[CNF17] is refunded when the cart was sold meanwhile", () => {
    const { sale, line, tried } = borrowing();
    const cart = { actor: { role: "cart" as const, cart: "newer" } };
    sale.run({ type: "lock", id: line.id }, cart);
    sale.run({ type: "confirm", id: line.id }, cart);
    expect(refusalOf(settle(sale, tried))).toEqual({ code: "hold-expired", refundRequired: true });
    expect(sale.counts()).toEqual({ stock: 1, held: 0, sold: 1 });
  });

  it("[CNF17] that lapses gives back what it had borrowed", () => {
    const { sale, first, line } = borrowing();
    const cart = { actor: { role: "cart" as const, cart: "newer" } };
    sale.run({ type: "lend", id: line.id, to: rescueOf({ sku: "shoe-42", id: first, cart: null }, 1) }, cart);
    sale.at(40).object.wake();
    expect(sale.kept(first).status).toBe("expired");
    expect(sale.run({ type: "restore", id: line.id, rescue: `sku/shoe-42/${first}` }, cart).ok).toBe(true);
    expect(sale.kept(line.id)).toMatchObject({ status: "held", lentTo: null });
  });
});
