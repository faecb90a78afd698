import { describe, expect, it } from "vitest";
import type { Command, Outcome } from "../../src/domain/command.ts";
import type { ReservationStatus } from "../../src/domain/model.ts";
import { refusalOf, Sale } from "./sale.ts";

type State = ReservationStatus | "dead" | "refund due";

/** A sale at second 200 with one reservation of three units, `r1`, in the given state. Its hold ended at second 100. */
function saleWith(state: State): Sale {
  const sale = new Sale(3, {
    holdTtlSeconds: 100,
    maxHoldSeconds: 300,
    lateConfirmSeconds: 1000,
    lowStockThreshold: 0,
  });
  const { id } = sale.hold({ quantity: 3 });
  if (state === "held") return sale.at(50);
  if (state === "confirmed" || state === "returned") sale.confirm(id, { orderId: "order-1" });
  if (state === "returned") sale.giveBack(id);
  if (state === "released") sale.release(id);
  sale.at(200);
  if (state === "expired") sale.object.wake();
  if (state !== "refund due") return sale;
  const blocker = sale.hold({ customer: "bob", quantity: 3 });
  sale.confirm(id, { orderId: "order-1" });
  sale.release(blocker.id);
  return sale;
}

const confirm: Command = { type: "confirm", id: "r1", orderId: "order-1" };
const otherOrder: Command = { type: "confirm", id: "r1", orderId: "order-2" };
const extend: Command = { type: "extend", id: "r1" };
const release: Command = { type: "release", id: "r1" };
const giveBack: Command = { type: "return", id: "r1", restock: true };

const bought = { code: "already-confirmed", orderId: "order-1", refundRequired: false };
const paidTwice = { ...bought, refundRequired: true };
const notConfirmed = { code: "not-confirmed" };
const releasedUnpaid = { code: "already-released", refundRequired: false };
const releasedPaid = { code: "already-released", refundRequired: true };
const expiredUnpaid = { code: "hold-expired", refundRequired: false };
const expiredPaid = { code: "hold-expired", refundRequired: true };

type Cell =
  | { becomes: ReservationStatus; event: string }
  | { refusal: object; isNew?: true }
  | { unchanged: ReservationStatus };

const table: [Command, Record<State, Cell>][] = [
  [
    confirm,
    {
      held: { becomes: "confirmed", event: "reservation.confirmed" },
      confirmed: { unchanged: "confirmed" },
      returned: { unchanged: "returned" },
      released: { refusal: releasedPaid, isNew: true },
      expired: { becomes: "confirmed", event: "reservation.confirmed" },
      dead: { becomes: "confirmed", event: "reservation.expired reservation.confirmed" },
      "refund due": { refusal: expiredPaid },
    },
  ],
  [
    otherOrder,
    {
      held: { becomes: "confirmed", event: "reservation.confirmed" },
      confirmed: { refusal: paidTwice, isNew: true },
      returned: { refusal: paidTwice, isNew: true },
      released: { refusal: releasedPaid, isNew: true },
      expired: { becomes: "confirmed", event: "reservation.confirmed" },
      dead: { becomes: "confirmed", event: "reservation.expired reservation.confirmed" },
      "refund due": { becomes: "confirmed", event: "reservation.confirmed" },
    },
  ],
  [
    extend,
    {
      held: { becomes: "held", event: "reservation.extended" },
      confirmed: { refusal: bought },
      returned: { refusal: bought },
      released: { refusal: releasedUnpaid },
      expired: { refusal: expiredUnpaid },
      dead: { refusal: expiredUnpaid },
      "refund due": { refusal: expiredPaid },
    },
  ],
  [
    release,
    {
      held: { becomes: "released", event: "reservation.released" },
      confirmed: { refusal: bought },
      returned: { refusal: bought },
      released: { unchanged: "released" },
      expired: { unchanged: "expired" },
      dead: { becomes: "expired", event: "reservation.expired" },
      "refund due": { unchanged: "expired" },
    },
  ],
  [
    giveBack,
    {
      held: { refusal: notConfirmed },
      confirmed: { becomes: "returned", event: "reservation.returned" },
      returned: { refusal: { code: "nothing-to-return", returnable: 0 } },
      released: { refusal: notConfirmed },
      expired: { refusal: notConfirmed },
      dead: { refusal: notConfirmed },
      "refund due": { refusal: notConfirmed },
    },
  ],
];

const cells = table.flatMap(([command, row]) =>
  (Object.entries(row) as [State, Cell][]).map(([state, cell]) => ({
    title: `${command.type}${command === otherOrder ? " for another order" : ""} of what is ${state}`,
    command,
    state,
    cell,
  })),
);

/** Events of the reservation itself; what happens to the stock is signalled besides. */
function reservationEvents(sale: Sale, act: () => void): string[] {
  return sale.typesOf(act).filter((type) => type.startsWith("reservation."));
}

describe("each state and each command", () => {
  it.each(cells)("[STA1] $title", ({ command, state, cell }) => {
    const sale = saleWith(state);
    const before = sale.kept("r1");
    const outcomes: Outcome[] = [];
    const events = reservationEvents(sale, () => outcomes.push(sale.run(command)));
    const [outcome] = outcomes;
    if ("refusal" in cell) {
      expect(refusalOf(outcome)).toEqual(cell.refusal);
      const expired = state === "dead" ? ["reservation.expired"] : [];
      expect(events).toEqual(cell.isNew ? [...expired, "reservation.refund_required"] : expired);
      return;
    }
    expect(outcome).toMatchObject({ ok: true, reservation: sale.kept("r1") });
    if ("becomes" in cell) {
      expect(events.join(" ")).toBe(cell.event);
      expect(sale.kept("r1").status).toBe(cell.becomes);
      return;
    }
    expect(events).toEqual([]);
    expect(sale.kept("r1")).toEqual(before);
    expect(before.status).toBe(cell.unchanged);
  });

  it("[STA2] an unchanged answer writes nothing at all", () => {
    const sale = saleWith("released");
    const { version } = sale.sku;
    expect(sale.typesOf(() => sale.run(release))).toEqual([]);
    expect(sale.sku.version).toBe(version);
  });

  it("[STA3] a confirmation without an order is named as null", () => {
    const sale = new Sale(9);
    const { id } = sale.hold();
    sale.confirm(id);
    const refusal = { code: "already-confirmed", orderId: null, refundRequired: false };
    expect(refusalOf(sale.extend(id))).toEqual(refusal);
    expect(refusalOf(sale.release(id))).toEqual(refusal);
  });

  it.each([confirm, extend, release, giveBack])("[TXN5] $type of what never was is not found", (command) => {
    expect(refusalOf(new Sale(9).run(command))).toEqual({ code: "not-found" });
  });
});
