import { describe, expect, it } from "vitest";
import { REFUSED_ORDERS_MAX } from "../../src/domain/bounds.ts";
import { refusalOf, reservationOf, Sale, START } from "./sale.ts";

const FINAL = { code: "hold-expired", refundRequired: true };

describe("a refund that is final", () => {
  function refused(): { sale: Sale; id: string; blocker: string } {
    const sale = new Sale(3, { holdTtlSeconds: 10 });
    const { id } = sale.hold({ quantity: 3 });
    const blocker = sale.at(20).hold({ customer: "bob", quantity: 2 }).id;
    return { sale, id, blocker };
  }

  it("[CNF8] is written with one event that names the order and moves nothing", () => {
    const { sale, id } = refused();
    const counts = sale.counts();
    const events = sale.eventsOf(() =>
      expect(refusalOf(sale.confirm(id, { orderId: "o", quantity: 2 }))).toEqual(FINAL),
    );
    expect(events).toMatchObject([
      {
        type: "reservation.refund_required",
        dStock: 0,
        dHeld: 0,
        dSold: 0,
        detail: { refund: { orderId: "o", quantity: 2, cart: null }, code: "hold-expired" },
        reservation: {
          id,
          status: "expired",
          refunds: [{ orderId: "o", quantity: 2, at: START + 20_000, code: "hold-expired" }],
          version: sale.sku.version,
        },
      },
    ]);
    expect(sale.counts()).toEqual(counts);
  });

  it("[CNF8] answers the same to a confirmation of too many units", () => {
    const { sale, id } = refused();
    sale.confirm(id);
    expect(refusalOf(sale.confirm(id, { quantity: 4 }))).toEqual(FINAL);
    expect(refusalOf(sale.confirm(id, { quantity: 4, orderId: "other" }))).toMatchObject({ code: "invalid-request" });
  });

  it.each([undefined, "order-9"])(
    "[CNF8] stays for its order (%s), though units come back, whatever the key",
    (orderId) => {
      const { sale, id, blocker } = refused();
      const order = orderId === undefined ? {} : { orderId };
      sale.confirm(id, order);
      sale.release(blocker);
      const { version } = sale.sku;
      for (const key of ["k1", "k1", "k2"]) {
        expect(refusalOf(sale.run({ type: "confirm", id, ...order }, { key, content: "9" }))).toEqual(FINAL);
      }
      expect(sale.sku.version).toBe(version);
    },
  );

  it("[CNF8] is no other order's: that is judged anew, and sold where it can be", () => {
    const { sale, id, blocker } = refused();
    expect(sale.typesOf(() => sale.confirm(id, { orderId: "o" }))).toEqual(["reservation.refund_required"]);
    expect(sale.typesOf(() => sale.confirm(id, { orderId: "p" }))).toEqual(["reservation.refund_required"]);
    expect(sale.typesOf(() => sale.confirm(id))).toEqual(["reservation.refund_required"]);
    sale.release(blocker);
    expect(reservationOf(sale.confirm(id, { orderId: "q" }))).toMatchObject({ rescued: true, orderId: "q" });
    for (const orderId of ["o", "p"]) expect(refusalOf(sale.confirm(id, { orderId }))).toEqual(FINAL);
    expect(refusalOf(sale.confirm(id))).toEqual(FINAL);
    expect(sale.kept(id).refunds.map(({ orderId }) => orderId)).toEqual([null, "p", "o"]);
  });

  it("[CNF8] keeps its code, though the reservation was sold to another order meanwhile", () => {
    const { sale, id, blocker } = refused();
    sale.confirm(id, { orderId: "o" });
    sale.release(blocker);
    sale.confirm(id, { orderId: "p" });
    sale.giveBack(id);
    expect(refusalOf(sale.confirm(id, { orderId: "o" }))).toEqual(FINAL);
    const twice = { code: "already-confirmed", orderId: "p", refundRequired: true };
    for (const orderId of ["r", "r"]) expect(refusalOf(sale.confirm(id, { orderId }))).toEqual(twice);
    expect(sale.kept(id).refunds.map(({ code }) => code)).toEqual(["already-confirmed", "hold-expired"]);
  });

  it("[CNF8] [CNF11] is remembered for a hundred orders, and the next one is none", () => {
    const { sale, id } = refused();
    for (let index = 1; index <= REFUSED_ORDERS_MAX; index++) {
      expect(refusalOf(sale.confirm(id, { orderId: `o${index}` }))).toEqual(FINAL);
    }
    const types = sale.typesOf(() => {
      expect(refusalOf(sale.confirm(id, { orderId: "one-more" }))).toMatchObject({ code: "invalid-request" });
      for (let index = 1; index <= REFUSED_ORDERS_MAX; index++) {
        expect(refusalOf(sale.confirm(id, { orderId: `o${index}` }))).toEqual(FINAL);
      }
    });
    expect(types).toEqual([]);
    expect(sale.kept(id).refunds).toHaveLength(REFUSED_ORDERS_MAX);
  });

  it("[STA3] is told to an extension too, once decided", () => {
    const { sale, id } = refused();
    expect(refusalOf(sale.extend(id))).toEqual({ code: "hold-expired", refundRequired: false });
    sale.confirm(id);
    expect(refusalOf(sale.extend(id))).toEqual(FINAL);
  });

  it("[CNF9] is due for what was released, once per order", () => {
    const sale = new Sale(3);
    const { id } = sale.hold();
    sale.release(id);
    const confirm = (orderId: string) =>
      sale.eventsOf(() => {
        const refusal = { code: "already-released", refundRequired: true };
        expect(refusalOf(sale.confirm(id, { orderId, quantity: 9 }))).toEqual(refusal);
      });
    for (const orderId of ["o", "p"]) {
      const refund = { orderId, quantity: 9, cart: null };
      expect(confirm(orderId)).toMatchObject([{ type: "reservation.refund_required", detail: { refund } }]);
      expect(confirm(orderId)).toEqual([]);
    }
  });

  it("[CNF4] [CNF8] is due for a second order of what is sold, once, and none for other content of the first", () => {
    const sale = new Sale(3);
    const { id } = sale.sell({ quantity: 3 });
    expect(sale.typesOf(() => sale.confirm(id, { orderId: "order-1", quantity: 1 }))).toEqual([]);
    const events = sale.eventsOf(() => sale.confirm(id, { orderId: "order-2" }));
    const refund = { orderId: "order-2", quantity: 3, cart: null };
    expect(events).toMatchObject([{ type: "reservation.refund_required", detail: { refund } }]);
    expect(sale.typesOf(() => sale.confirm(id, { orderId: "order-2", quantity: 1 }))).toEqual([]);
    expect(sale.counts()).toEqual({ stock: 3, held: 0, sold: 3 });
  });
});
