import { describe, expect, it } from "vitest";
import type { Actor, Command, Outcome } from "../../src/domain/command.ts";
import type { Reservation } from "../../src/domain/model.ts";
import { refusalOf, request, reservationOf, Sale, START, shopper, verdictOf } from "./sale.ts";

const CART: Actor = { role: "cart", cart: "cart-1" };
const END = START + 600_000;

function asCart(sale: Sale, command: Command): Outcome {
  return sale.run(command, { actor: CART });
}

/** A line of a cart, held until END. */
function line(sale: Sale, { customer = "ann", quantity = 1 } = {}): Reservation {
  const command = { ...sale.wish({ customer, quantity }), cart: "cart-1" } as Command & { id: string };
  sale.run(command);
  return reservationOf(
    asCart(sale, { type: "settle", id: command.id, granted: true, lastsMs: END - START, of: "reserve" }),
  );
}

describe("a line of a cart", () => {
  it("[CRT3] [CLK3] is a try until its cart commits it, and then lasts as long as the cart", () => {
    const sale = new Sale(5);
    expect(line(sale)).toMatchObject({ status: "held", cart: "cart-1", attempt: null, expiresAt: END });
  });

  it("[CRT3] that is sent again with its id finds its try", () => {
    const sale = new Sale(5);
    const command = { ...sale.wish(), cart: "cart-1" } as Command;
    const first = sale.run(command);
    expect(sale.run(command)).toEqual(first);
    expect(sale.counts().held).toBe(1);
  });

  it("[CRT4] that is short because of tries alone says so, and one that is short for good does not", () => {
    const sale = new Sale(2, { perCustomerLimit: null });
    const tried = { ...sale.wish({ customer: "bob", quantity: 2 }), cart: "cart-2" } as Command & { id: string };
    sale.run(tried);
    const short = () => refusalOf(sale.run({ ...sale.wish(), cart: "cart-1" } as Command));
    expect(short()).toMatchObject({ code: "insufficient-stock", state: "held_elsewhere", contended: true });
    expect(refusalOf(sale.reserve())).not.toHaveProperty("contended");
    sale.run(
      { type: "settle", id: tried.id, granted: true, of: "reserve" },
      { actor: { role: "cart", cart: "cart-2" } },
    );
    expect(short()).not.toHaveProperty("contended");
  });

  it("[CRT4] sees the tries of its own transaction too, and those that were just committed no more", () => {
    const sale = new Sale(2, { perCustomerLimit: null });
    const tried = { ...sale.wish({ customer: "bob", quantity: 2 }), cart: "cart-2" } as Command & { id: string };
    const short = { ...sale.wish(), cart: "cart-1" } as Command;
    const [, contended] = sale.object.execute([request(tried), request(short)]);
    expect(refusalOf(contended)).toMatchObject({ contended: true });
    const commit: Command = { type: "settle", id: tried.id, granted: true, of: "reserve" };
    const [, forGood] = sale.object.execute([request(commit), request(short)]);
    expect(refusalOf(forGood)).not.toHaveProperty("contended");
  });

  it.each([{ role: "storefront" as const }, { role: "admin" as const }, shopper("ann")])(
    "[CRT5] is confirmed and extended by its cart only: %j",
    (actor) => {
      const sale = new Sale(5);
      const { id } = line(sale);
      const partOfCart = { code: "part-of-cart", cart: "cart-1" };
      expect(refusalOf(sale.run({ type: "confirm", id }, { actor }))).toEqual(partOfCart);
      expect(refusalOf(sale.run({ type: "extend", id }, { actor }))).toEqual(partOfCart);
    },
  );

  it("[CRT5] does not exist for another cart", () => {
    const sale = new Sale(5);
    const { id } = line(sale);
    expect(verdictOf(sale.run({ type: "confirm", id }, { actor: { role: "cart", cart: "cart-2" } }))).toBe("not-found");
  });

  it("[CRT6] may be given back by itself, and its cart is told", () => {
    const sale = new Sale(5);
    const { id } = line(sale);
    const [event] = sale.eventsOf(() => sale.release(id));
    expect(event).toMatchObject({ type: "reservation.released", detail: { takenOut: true } });
    const { id: other } = line(sale);
    const [own] = sale.eventsOf(() => asCart(sale, { type: "release", id: other }));
    expect(own?.detail).toBeNull();
  });

  it("[CRT5] is returned by itself once it was sold", () => {
    const sale = new Sale(5);
    const { id } = line(sale, { quantity: 2 });
    asCart(sale, { type: "lock", id });
    asCart(sale, { type: "confirm", id, orderId: "o" });
    expect(reservationOf(sale.giveBack(id, 1))).toMatchObject({ status: "confirmed", returnedQuantity: 1 });
  });

  it("[CRT7] [CLK3] is extended by as long as its cart, which repeated changes nothing", () => {
    const sale = new Sale(5);
    const { id } = line(sale);
    const lastsMs = END - START + 60_000;
    expect(reservationOf(asCart(sale, { type: "extend", id, lastsMs })).expiresAt).toBe(START + lastsMs);
    expect(sale.typesOf(() => expect(verdictOf(asCart(sale, { type: "extend", id, lastsMs }))).toBe("ok"))).toEqual([]);
  });

  it("[CLK3] is not committed for no time at all: what would be dead on arrival is refused, and its units go back", () => {
    const sale = new Sale(5);
    const command = { ...sale.wish(), cart: "cart-1" } as Command & { id: string };
    sale.run(command);
    const commit: Command = { type: "settle", id: command.id, granted: true, lastsMs: 0, of: "reserve" };
    expect(refusalOf(asCart(sale, commit))).toEqual({ code: "hold-expired", refundRequired: false });
    expect(sale.counts()).toEqual({ stock: 5, held: 0, sold: 0 });
  });
});

describe("a line that is locked", () => {
  it("[CRT8] cannot expire, be given back or be sold alone", () => {
    const sale = new Sale(1);
    const { id } = line(sale);
    asCart(sale, { type: "lock", id });
    sale.at(100_000).object.wake();
    expect(sale.kept(id)).toMatchObject({ status: "held", lockedUntil: START + 60_000 });
    expect(verdictOf(sale.release(id))).toBe("part-of-cart");
    expect(verdictOf(sale.reserve({ customer: "bob" }))).toBe("insufficient-stock");
    expect(reservationOf(asCart(sale, { type: "confirm", id, orderId: "o" }))).toMatchObject({
      status: "confirmed",
      rescued: false,
      lockedUntil: null,
    });
    expect(sale.counts()).toEqual({ stock: 1, held: 0, sold: 1 });
  });

  it("[CRT8] locked again stays as it is, and unlocked goes on as before", () => {
    const sale = new Sale(1);
    const { id } = line(sale);
    const before = sale.kept(id);
    asCart(sale, { type: "lock", id });
    expect(sale.typesOf(() => asCart(sale, { type: "lock", id }))).toEqual([]);
    expect(sale.typesOf(() => asCart(sale, { type: "unlock", id }))).toEqual(["reservation.unlocked"]);
    expect(sale.kept(id)).toEqual({ ...before, version: expect.any(Number) });
    expect(sale.at(601).typesOf(() => sale.object.wake())).toEqual(["reservation.expired", "stock.back"]);
  });

  it("[CRT9] after its end takes its units again, whole, and gives them back when unlocked", () => {
    const sale = new Sale(2);
    const { id } = line(sale, { quantity: 2 });
    sale.at(700).object.wake();
    const before = sale.kept(id);
    expect(verdictOf(asCart(sale, { type: "lock", id }))).toBe("ok");
    expect(sale.counts()).toEqual({ stock: 2, held: 2, sold: 0 });
    asCart(sale, { type: "unlock", id });
    expect(sale.kept(id)).toEqual({ ...before, version: expect.any(Number) });
    expect(sale.counts()).toEqual({ stock: 2, held: 0, sold: 0 });
  });

  it("[CRT9] after its end is sold as rescued", () => {
    const sale = new Sale(2);
    const { id } = line(sale, { quantity: 2 });
    sale.at(700);
    asCart(sale, { type: "lock", id });
    expect(reservationOf(asCart(sale, { type: "confirm", id, orderId: "o" }))).toMatchObject({
      status: "confirmed",
      confirmedQuantity: 2,
      rescued: true,
      expiresAt: END,
    });
  });

  it.each([
    { name: "its units are gone", act: (sale: Sale) => sale.at(700).reserve({ customer: "bob", quantity: 2 }) },
    { name: "it is too late", act: (sale: Sale) => sale.at(600 + 86_400) },
    { name: "its customer has reached the limit", act: (sale: Sale) => sale.at(700).edit({ perCustomerLimit: 1 }) },
  ])("[CRT9] after its end is refused, and nothing is written, when $name", ({ act }) => {
    const sale = new Sale(2);
    const { id } = line(sale, { quantity: 2 });
    act(sale);
    sale.object.wake();
    const refund = { code: "hold-expired", refundRequired: true };
    expect(sale.typesOf(() => expect(refusalOf(asCart(sale, { type: "lock", id }))).toEqual(refund))).toEqual([]);
  });

  it("[CRT8] is sold by its cart only, however its late payment is settled", () => {
    const sale = new Sale(1);
    const { id } = line(sale);
    asCart(sale.at(700), { type: "lock", id });
    const lapsed = { code: "hold-expired", refundRequired: false };
    const settle = (granted: boolean) =>
      sale.run({ type: "settle", id, granted, of: "confirm" }, { actor: { role: "service" } });
    for (const granted of [true, false]) {
      expect(sale.typesOf(() => expect(refusalOf(settle(granted))).toEqual(lapsed))).toEqual([]);
    }
    expect(sale.kept(id)).toMatchObject({ status: "held", lockedUntil: START + 760_000 });
  });

  it("[CRT8] has to be committed before: a try is not ready yet", () => {
    const sale = new Sale(1);
    const command = { ...sale.wish(), cart: "cart-1" } as Command & { id: string };
    sale.run(command);
    expect(verdictOf(asCart(sale, { type: "lock", id: command.id }))).toBe("overloaded");
    expect(sale.kept(command.id).lockedUntil).toBeNull();
  });

  it("[CRT24] says once per order that its cart's money goes back, whatever it is by then", () => {
    const sale = new Sale(2);
    const { id } = line(sale, { quantity: 2 });
    sale.at(700).object.wake();
    const refund = (orderId: string | null) =>
      sale.eventsOf(() => asCart(sale, { type: "refund", id, orderId, code: "hold-expired" }));
    for (const orderId of ["o", null]) {
      expect(refund(orderId)).toMatchObject([
        {
          type: "reservation.refund_required",
          ...{ dStock: 0, dHeld: 0, dSold: 0 },
          detail: { refund: { orderId, quantity: 2, cart: "cart-1" }, code: "hold-expired" },
        },
      ]);
      expect(refund(orderId)).toEqual([]);
    }
    expect(sale.kept(id).refunds.map(({ orderId }) => orderId)).toEqual([null, "o"]);
  });

  it("[CRT20] [CNF8] is locked for another order, though one was refused for good", () => {
    const sale = new Sale(1);
    const { id } = line(sale);
    sale.at(700).object.wake();
    asCart(sale, { type: "refund", id, orderId: "o", code: "hold-expired" });
    expect(verdictOf(asCart(sale, { type: "lock", id }))).toBe("ok");
    expect(verdictOf(asCart(sale, { type: "confirm", id, orderId: "p" }))).toBe("ok");
    expect(sale.kept(id)).toMatchObject({ status: "confirmed", orderId: "p", rescued: true });
  });

  it("[CRT8] that was given back says so", () => {
    const sale = new Sale(2);
    const { id } = line(sale);
    sale.release(id);
    expect(refusalOf(asCart(sale, { type: "lock", id }))).toEqual({ code: "already-released", refundRequired: false });
  });
});
