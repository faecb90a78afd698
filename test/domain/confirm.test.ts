import { describe, expect, it } from "vitest";
import { refusalOf, reservationOf, Sale, START, stockOf, verdictOf } from "./sale.ts";

describe("confirming a hold", () => {
  it("[CNF1] sells all of its units, with one event", () => {
    const sale = new Sale(20);
    const held = sale.hold({ quantity: 3 });
    const events = sale.eventsOf(() => sale.confirm(held.id, { orderId: "order-1" }));
    const confirmed = { ...held, status: "confirmed", confirmedQuantity: 3, orderId: "order-1", version: 3 };
    expect(events).toEqual([
      {
        sequence: 3,
        type: "reservation.confirmed",
        time: START,
        dStock: 0,
        dHeld: -3,
        dSold: 3,
        reservation: confirmed,
        entry: null,
        detail: null,
      },
    ]);
    expect(sale.counts()).toEqual({ stock: 20, held: 0, sold: 3 });
  });

  it("[CNF1] needs no order", () => {
    const sale = new Sale(20);
    const { id } = sale.hold();
    expect(reservationOf(sale.confirm(id))).toMatchObject({ orderId: null, rescued: false, confirmedQuantity: 1 });
  });

  it.each([
    { change: "paused", policy: { paused: true } },
    { change: "closed", policy: { closesAt: START } },
    { change: "put back to scheduled", policy: { opensAt: START + 9_000 } },
    { change: "limited to less", policy: { perCustomerLimit: 1, maxPerReservation: 1 } },
  ])("[CNF1] [POL8] goes on when the sale has been $change", ({ policy }) => {
    const sale = new Sale(20);
    const { id } = sale.hold({ quantity: 3 });
    sale.edit(policy);
    expect(verdictOf(sale.confirm(id))).toBe("ok");
  });

  it("[CNF2] sells a part and puts the rest back on sale", () => {
    const sale = new Sale(3);
    const { id } = sale.hold({ quantity: 3 });
    const events = sale.eventsOf(() => {
      const outcome = sale.confirm(id, { quantity: 2 });
      expect(reservationOf(outcome)).toMatchObject({ quantity: 3, confirmedQuantity: 2, status: "confirmed" });
      expect(stockOf(outcome)).toMatchObject({ state: "open", available: 1 });
    });
    expect(events[0]).toMatchObject({ type: "reservation.confirmed", dStock: 0, dHeld: -3, dSold: 2 });
    expect(sale.counts()).toEqual({ stock: 3, held: 0, sold: 2 });
  });

  it.each(["held", "expired"])("[CNF3] takes no more than was reserved (%s)", (status) => {
    const sale = new Sale(20, { holdTtlSeconds: 10 });
    const { id } = sale.hold({ quantity: 3 });
    if (status === "expired") sale.at(10).object.wake();
    const refusal = { code: "invalid-request", detail: "quantity: at most 3, the reserved quantity" };
    expect(refusalOf(sale.confirm(id, { quantity: 4 }))).toEqual(refusal);
    expect(sale.kept(id)).toMatchObject({ status, refunds: [] });
    expect(verdictOf(sale.confirm(id, { quantity: 3 }))).toBe("ok");
  });

  it("[EXP1] [CLK2] is on time until the last millisecond", () => {
    const sale = new Sale(20, { holdTtlSeconds: 10 });
    const [early, late] = [sale.hold().id, sale.hold().id];
    expect(reservationOf(sale.at(9.999).confirm(early)).rescued).toBe(false);
    expect(reservationOf(sale.at(10).confirm(late)).rescued).toBe(true);
  });
});

describe("confirming again", () => {
  const again = [
    { first: {}, second: {}, same: true },
    { first: {}, second: { quantity: 3 }, same: true },
    { first: { quantity: 3 }, second: {}, same: true },
    { first: { orderId: "A" }, second: { orderId: "A" }, same: true },
    { first: { orderId: "A", quantity: 2 }, second: { orderId: "A", quantity: 2 }, same: true },
    { first: { orderId: "A", quantity: 2 }, second: { orderId: "A" }, refund: false },
    { first: { orderId: "A", quantity: 2 }, second: { orderId: "A", quantity: 1 }, refund: false },
    { first: { orderId: "A" }, second: { orderId: "A", quantity: 9 }, refund: false },
    { first: { orderId: "A" }, second: {}, refund: false },
    { first: { orderId: "A" }, second: { orderId: "B" }, refund: true },
    { first: { orderId: "A" }, second: { orderId: "B", quantity: 1 }, refund: true },
    { first: {}, second: { orderId: "B" }, refund: true },
  ];

  it.each(again)("[CNF4] first $first, then $second", ({ first, second, same, refund }) => {
    const sale = new Sale(20);
    const { id } = sale.hold({ quantity: 3 });
    const answer = reservationOf(sale.confirm(id, first));
    const types = sale.typesOf(() => {
      const outcome = sale.confirm(id, second);
      if (same) expect(reservationOf(outcome)).toEqual(answer);
      else {
        const orderId = "orderId" in first ? first.orderId : null;
        expect(refusalOf(outcome)).toEqual({ code: "already-confirmed", orderId, refundRequired: refund });
      }
    });
    expect(types).toEqual(refund === true ? ["reservation.refund_required"] : []);
  });
});

describe("a payment that lands after expiry", () => {
  const policy = { holdTtlSeconds: 10, lateConfirmSeconds: 100, lowStockThreshold: 0 };

  it.each(["swept", "dead and not swept"])("[CNF5] [CNF6] is rescued while units are left (%s)", (how) => {
    const sale = new Sale(3, policy);
    const { id } = sale.hold({ quantity: 3 });
    sale.at(10);
    if (how === "swept") sale.object.wake();
    const events = sale.eventsOf(() => {
      const rescued = reservationOf(sale.confirm(id, { orderId: "late" }));
      expect(rescued).toMatchObject({ status: "confirmed", rescued: true, confirmedQuantity: 3, orderId: "late" });
    });
    const moved = events.filter(({ type }) => type === "reservation.confirmed");
    expect(moved).toMatchObject([{ dStock: 0, dHeld: 0, dSold: 3 }]);
    expect(sale.counts()).toEqual({ stock: 3, held: 0, sold: 3 });
  });

  it("[CNF6] is rescued in part", () => {
    const sale = new Sale(3, policy);
    const { id } = sale.hold({ quantity: 3 });
    sale.at(20).hold({ customer: "bob", quantity: 1 });
    expect(reservationOf(sale.confirm(id, { quantity: 2 }))).toMatchObject({ confirmedQuantity: 2, rescued: true });
    expect(sale.counts()).toEqual({ stock: 3, held: 1, sold: 2 });
  });

  it.each([
    { seconds: 109.999, verdict: "ok" },
    { seconds: 110, verdict: "hold-expired" },
    { seconds: 110.001, verdict: "hold-expired" },
  ])("[CNF5] [CLK2] at $seconds s of 110: $verdict", ({ seconds, verdict }) => {
    const sale = new Sale(3, policy);
    const { id } = sale.hold();
    expect(verdictOf(sale.at(seconds).confirm(id))).toBe(verdict);
  });

  it.each([
    { taken: 1, verdict: "ok" },
    { taken: 2, verdict: "hold-expired" },
  ])("[CNF5] needs its units: with $taken of 3 taken meanwhile, two are $verdict", ({ taken, verdict }) => {
    const sale = new Sale(3, policy);
    const { id } = sale.hold({ quantity: 2 });
    sale.at(20).hold({ customer: "bob", quantity: taken });
    expect(verdictOf(sale.confirm(id))).toBe(verdict);
  });

  it.each([
    { more: 1, verdict: "ok" },
    { more: 2, verdict: "hold-expired" },
  ])("[CNF5] keeps the limit: with $more sold besides, two of a limit of 3 are $verdict", ({ more, verdict }) => {
    const sale = new Sale(20, { ...policy, perCustomerLimit: 3 });
    const { id } = sale.hold({ quantity: 2 });
    sale.at(20).sell({ quantity: more });
    sale.hold({ customer: "bob", quantity: 3 });
    expect(verdictOf(sale.confirm(id))).toBe(verdict);
  });

  it.each([
    { change: "paused", edit: { paused: true } },
    { change: "closed", edit: { closesAt: START + 5_000 } },
    { change: "bound to fewer per reservation", edit: { maxPerReservation: 1 } },
    { change: "freed from its limit", edit: { perCustomerLimit: null } },
  ])("[CNF5] [POL8] is rescued when the sale is $change", ({ edit }) => {
    const sale = new Sale(3, policy);
    const { id } = sale.hold({ quantity: 3 });
    sale.edit(edit);
    expect(verdictOf(sale.at(20).confirm(id))).toBe("ok");
  });

  it.each([
    { edit: { perCustomerLimit: 1 }, verdict: "hold-expired" },
    { edit: { lateConfirmSeconds: 10 }, verdict: "hold-expired" },
    { edit: { lateConfirmSeconds: 11 }, verdict: "ok" },
  ])("[CNF7] is judged by the policy of its own time: $edit", ({ edit, verdict }) => {
    const sale = new Sale(3, policy);
    const { id } = sale.hold({ quantity: 2 });
    sale.edit(edit);
    expect(verdictOf(sale.at(20).confirm(id))).toBe(verdict);
  });
});
