import { expect } from "vitest";
import { LOCK_MS, OPEN_CLAIMS_MAX, OWN_RESERVATIONS_MAX } from "../../src/domain/bounds.ts";
import type { Reservation } from "../../src/domain/model.ts";
import { answerContract } from "./answer-contract.ts";
import { entry, event, type Opened, reservation, SKU, T0 } from "./contract-case.ts";
import { waitlistContract } from "./waitlist-contract.ts";

const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);
const later = T0 + 1_000;

function add({ stores }: Opened, ...members: Partial<Reservation>[]): void {
  for (const one of members) stores.sku.addReservation(reservation(one));
}

/** What every method of the stores of a SKU promises, wherever their rows are. Each case begins with empty tables. */
export const STORE_CONTRACT: Record<string, (opened: Opened) => void> = {
  "has no SKU before one is saved, and the newest that was": ({ stores: { sku } }) => {
    expect(() => sku.sku()).toThrow();
    sku.saveSku(SKU);
    expect(sku.sku()).toEqual(SKU);
    const membership = { revision: 2, opensAt: 1, closesAt: null, paused: true, limit: 3, frozenAt: null, turn: 4 };
    const changed = { ...SKU, name: "b", drop: "d", membership, stock: 9, held: 4, sold: 5, waiting: 1, closedAt: T0 };
    sku.saveSku(changed);
    expect(sku.sku()).toEqual(changed);
  },
  "refuses counts that are out of balance": ({ stores: { sku } }) => {
    for (const counts of [{ held: 6, sold: 5 }, { stock: -1 }, { held: -1 }, { sold: -1 }]) {
      expect(() => sku.saveSku({ ...SKU, ...counts })).toThrow();
    }
  },
  "keeps all of a reservation": ({ stores: { sku } }) => {
    const full = reservation({
      ...{ id: "r1", quantity: 5, status: "confirmed", confirmedQuantity: 4, returnedQuantity: 1, orderId: "o" },
      ...{
        rescued: true,
        superseded: true,
        cart: "c",
        metadata: { gift: "yes" },
        lockedUntil: later,
        countedBy: "d/1",
      },
      refunds: [{ orderId: null, quantity: 1, at: T0, code: "hold-expired" }],
      attempt: { purpose: "hold", ttlSeconds: 60 },
      entry: "e1",
      lentTo: { sku: "s", id: "r", serial: 1, name: "n", customer: "ann", paid: 1, isCart: false } as never,
      lenders: [{ cart: "c2" }],
    });
    sku.addReservation(full);
    expect(sku.reservations("shoe", ["r1"])).toEqual([full]);
  },
  "finds reservations by their ids, each once, and none that are not there": (opened) => {
    add(opened, { id: "r1" }, { id: "r2" }, { id: "r3" });
    const found = opened.stores.sku.reservations("shoe", ["r3", "r1", "r3", "r9"]);
    expect(ids(found).toSorted()).toEqual(["r1", "r3"]);
    expect(opened.stores.sku.reservations("shoe", [])).toEqual([]);
  },
  "saves what can change of a reservation that is there": (opened) => {
    const { sku } = opened.stores;
    add(opened, { id: "r1", metadata: { a: "b" } });
    const fixed = { customer: "bob", createdAt: 1, cart: "c", metadata: {}, entry: "e" };
    sku.saveReservation(reservation({ id: "r1", ...fixed, status: "released", quantity: 2, version: 7 }));
    const saved = { id: "r1", metadata: { a: "b" }, status: "released" as const, quantity: 2, version: 7 };
    expect(sku.reservations("shoe", ["r1"])).toEqual([reservation(saved)]);
    sku.saveReservation(reservation({ id: "r9" }));
    expect(sku.reservations("shoe", ["r9"])).toEqual([]);
  },
  "adds no id twice, and removes what is there": (opened) => {
    const { sku } = opened.stores;
    add(opened, { id: "r1" });
    expect(() => add(opened, { id: "r1" })).toThrow();
    sku.removeReservation("r1");
    sku.removeReservation("r1");
    expect(sku.reservations("shoe", ["r1"])).toEqual([]);
  },
  "refuses quantities that cannot be": (opened) => {
    add(opened, { id: "r0", quantity: 0 });
    const bad = [{ quantity: -1 }, { confirmedQuantity: 2 }, { returnedQuantity: 1 }, { confirmedQuantity: -1 }];
    for (const members of bad) expect(() => add(opened, { id: "r1", quantity: 1, ...members })).toThrow();
    expect(() => opened.stores.sku.saveReservation(reservation({ id: "r0", quantity: -1 }))).toThrow();
  },
  "knows dead holds, inclusive, first those that died first": (opened) => {
    const { sku } = opened.stores;
    add(
      opened,
      { id: "r1", expiresAt: later },
      { id: "r2", expiresAt: later - 1, quantity: 2 },
      { id: "r3", expiresAt: later + 1 },
      { id: "r4", expiresAt: T0, lockedUntil: T0 },
      { id: "r5", expiresAt: T0, status: "released" },
      { id: "r6", expiresAt: T0 - 1, attempt: { purpose: "offer" } },
    );
    expect(ids(sku.dueHolds("shoe", later, 10))).toEqual(["r6", "r2", "r1"]);
    expect(ids(sku.dueHolds("shoe", later, 2))).toEqual(["r6", "r2"]);
    expect([sku.overdueUnits(later), sku.overdueUnits(T0 - 2)]).toEqual([4, 0]);
    expect([sku.nextExpiryAt(), sku.nextExpiryAt(later), sku.nextExpiryAt(later + 1)]).toEqual([
      T0 - 1,
      later + 1,
      null,
    ]);
    expect(sku.triedUnits()).toBe(1);
  },
  "knows the holds that end within a span, without tries": (opened) => {
    const at = (expiresAt: number, id: string, more = {}) => ({ id, expiresAt, ...more });
    add(opened, at(later, "r1"), at(later + 2, "r2"), at(later + 1, "r3"), at(later + 3, "r4"));
    add(opened, at(later + 1, "r5", { attempt: { purpose: "offer" } }), at(later + 1, "r6", { lockedUntil: later }));
    const { sku } = opened.stores;
    expect(ids(sku.holdsExpiringIn("shoe", later, later + 2, 9))).toEqual(["r3", "r2"]);
    expect(ids(sku.holdsExpiringIn("shoe", later, later + 9, 2))).toEqual(["r3", "r2"]);
  },
  "shows a customer what it has, newest first, and counts it against limits": (opened) => {
    const { sku } = opened.stores;
    add(
      opened,
      { id: "r1", quantity: 1 },
      { id: "r2", quantity: 2, expiresAt: T0 },
      { id: "r3", quantity: 4, expiresAt: T0, lockedUntil: T0 },
      { id: "r4", quantity: 8, status: "confirmed", confirmedQuantity: 8, returnedQuantity: 3 },
      { id: "r5", quantity: 16, attempt: { purpose: "offer" } },
      { id: "r6", quantity: 32, status: "returned", confirmedQuantity: 32, returnedQuantity: 32 },
      { id: "r7", quantity: 64, customer: "bob" },
    );
    expect(ids(sku.ownReservations("shoe", "ann", T0))).toEqual(["r4", "r3", "r1"]);
    expect(sku.liveUnits(["ann", "bob", "cid"], T0)).toEqual(
      new Map([
        ["ann", 1 + 4 + 5 + 16],
        ["bob", 64],
        ["cid", 0],
      ]),
    );
    expect([sku.toldUnits("ann", T0), sku.toldUnits("cid", T0)]).toEqual([1 + 4 + 5, 0]);
    expect(ids(sku.openClaims("shoe", ["ann"]))).toEqual(["r5", "r3", "r2", "r1"]);
    expect(sku.openClaims("shoe", [])).toEqual([]);
    expect(new Set(sku.knownCustomers(99))).toEqual(new Set(["ann", "bob"]));
    expect(sku.knownCustomers(2)).toHaveLength(2);
  },
  "bounds what it reads of a customer": (opened) => {
    const count = OPEN_CLAIMS_MAX + 1;
    const id = (index: number) => `r${String(index).padStart(4, "0")}`;
    add(opened, ...Array.from({ length: count }, (_, index) => ({ id: id(index) })));
    const { sku } = opened.stores;
    expect(ids(sku.openClaims("shoe", ["ann"]))).toEqual(
      Array.from({ length: count - 1 }, (_, at) => id(count - 1 - at)),
    );
    expect(sku.ownReservations("shoe", "ann", T0)).toHaveLength(OWN_RESERVATIONS_MAX);
  },
  "knows lines that are locked for too long, or by a clock that was ahead": (opened) => {
    const { sku } = opened.stores;
    expect([sku.lockedLines("shoe", later, 9), sku.nextLockAt()]).toEqual([[], null]);
    const locks = { r1: later, r2: later + 1, r3: T0, r4: later + LOCK_MS, r5: later + LOCK_MS + 1 };
    add(opened, ...Object.entries(locks).map(([id, lockedUntil]) => ({ id, lockedUntil })), { id: "r6" });
    expect(ids(sku.lockedLines("shoe", later, 9))).toEqual(["r3", "r1", "r5"]);
    expect(ids(sku.lockedLines("shoe", later, 1))).toEqual(["r3"]);
    expect(sku.nextLockAt()).toBe(T0);
  },
  "keeps events, each sequence once": ({ stores: { sku } }) => {
    expect([sku.eventAt(1), sku.oldestEventAt()]).toEqual([null, null]);
    sku.addEvent(event({ sequence: 1, time: later }));
    sku.addEvent(event({ sequence: 2, time: T0 }));
    expect(() => sku.addEvent(event({ sequence: 2 }))).toThrow();
    expect([sku.eventAt(1), sku.eventAt(2), sku.eventAt(3), sku.oldestEventAt()]).toEqual([later, T0, null, later]);
  },
  "tells which events concern others": ({ stores: { sku } }) => {
    const shared = [
      { reservation: reservation({ cart: "c" }) },
      { reservation: reservation({ countedBy: "d/1" }) },
      { reservation: reservation({}) },
      { reservation: reservation({}), detail: { superseded: [{ cart: "c" }] } },
      { reservation: reservation({}), detail: { restored: [] } },
      { detail: { available: 1 } },
      { type: "reservation.tried" as const, reservation: reservation({ cart: "c" }) },
      { type: "reservation.tried" as const, reservation: reservation({ countedBy: "d/1" }), entry: entry({}) },
      { type: "sku.updated" as const, reservation: reservation({ cart: "c" }) },
    ];
    for (const [index, members] of shared.entries()) sku.addEvent(event({ sequence: index + 1, ...members }));
    const types = ["reservation.released", "reservation.tried"];
    const sequences = (after: number, limit: number) =>
      sku.eventsForOthers(after, types, limit).map(({ sequence }) => sequence);
    expect(sequences(0, 9)).toEqual([1, 2, 4, 5, 8]);
    expect(sequences(1, 2)).toEqual([2, 4]);
    const [first] = sku.eventsForOthers(0, types, 1);
    expect(first).toEqual(event({ sequence: 1, reservation: reservation({ cart: "c" }) }));
  },
  "puts everything back where a transaction throws": (opened) => {
    const { stores, transaction } = opened;
    transaction(() => {
      stores.sku.saveSku(SKU);
      add(opened, { id: "r1" }, { id: "r2" });
      stores.waitlist.add(entry({}));
    });
    const break_ = () =>
      transaction(() => {
        stores.sku.saveSku({ ...SKU, name: "b" });
        stores.sku.removeReservation("r1");
        stores.sku.saveReservation(reservation({ id: "r2", quantity: 5 }));
        add(opened, { id: "r3" });
        stores.sku.addEvent(event({}));
        stores.waitlist.save(entry({ status: "withdrawn" }));
        stores.abandons.save("ann", { since: 1, count: 1 });
        throw new Error("broken");
      });
    expect(break_).toThrow("broken");
    expect([stores.sku.sku().name, stores.sku.eventAt(1)]).toEqual([SKU.name, null]);
    const found = stores.sku
      .reservations("shoe", ["r1", "r2", "r3"])
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
    expect(found).toEqual([reservation({ id: "r1" }), reservation({ id: "r2" })]);
    expect(stores.waitlist.entries("shoe", ["e1"])).toEqual([entry({})]);
    expect(stores.abandons.of(["ann"])).toEqual(new Map([["ann", null]]));
  },
  ...waitlistContract,
  ...answerContract,
};
