import { expect } from "vitest";
import type { Reservation, SkuEvent } from "../../src/domain/model.ts";
import type { MemoryObject } from "./memory-object.ts";

export function heldUnits({ status, quantity }: Reservation): number {
  return status === "held" ? quantity : 0;
}

export function soldUnits({ status, confirmedQuantity, returnedQuantity }: Reservation): number {
  return status === "confirmed" || status === "returned" ? confirmedQuantity - returnedQuantity : 0;
}

export function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** The limit that each event falls under: the one of the last creation or edit. */
function limitsOf(events: readonly SkuEvent[]): number[] {
  let limit = Number.POSITIVE_INFINITY;
  return events.map(({ detail }) => {
    const policy = detail?.policy as { perCustomerLimit: number | null } | undefined;
    if (policy) limit = policy.perCustomerLimit ?? Number.POSITIVE_INFINITY;
    return limit;
  });
}

/** Checks every event that takes new units for a customer against the limit of its moment. */
export function checkLimits({ events }: MemoryObject): void {
  const limits = limitsOf(events);
  const latest = new Map<string, Reservation>();
  for (const [index, { type, time, reservation }] of events.entries()) {
    if (!reservation) continue;
    const before = latest.get(reservation.id);
    latest.set(reservation.id, reservation);
    const isRescued = type === "reservation.confirmed" && standingOf(before) === "expired";
    const taken = type === "reservation.held" || isRescued;
    if (!taken) continue;
    const own = [...latest.values()].filter(({ customer }) => customer === reservation.customer);
    const alive = own.filter(({ status, expiresAt }) => status !== "held" || expiresAt > time);
    expect(sum(alive.map((one) => heldUnits(one) + soldUnits(one)))).toBeLessThanOrEqual(limits[index] ?? 0);
  }
}

const NEXT: Record<string, string[]> = {
  "": ["reservation.held"],
  held: ["reservation.extended", "reservation.confirmed", "reservation.released", "reservation.expired"],
  confirmed: ["reservation.returned"],
  returned: [],
  released: [],
  expired: ["reservation.confirmed"],
};

/** What a payment finds: what gave way to another one is paid like what has expired. */
function standingOf(reservation: Reservation | undefined): string {
  return reservation?.superseded ? "expired" : (reservation?.status ?? "");
}

/** Money goes back for what is not held, once per order, and that changes nothing else. */
function checkRefund(before: Reservation | undefined, reservation: Reservation): void {
  expect(["confirmed", "returned", "released", "expired"]).toContain(before?.status);
  const [newest, ...older] = reservation.refunds;
  expect(older).toEqual(before?.refunds);
  expect(older.map(({ orderId }) => orderId)).not.toContain(newest?.orderId);
  expect({ ...reservation, refunds: older, version: 0 }).toEqual({ ...before, version: 0 });
}

/** The order that a reservation was sold to; undefined: it was not sold. */
function soldTo({ status, orderId }: Reservation): string | null | undefined {
  return status === "confirmed" || status === "returned" ? orderId : undefined;
}

/** Checks that each reservation goes one way, and that what was refunded for good stays so. */
export function checkLives({ events }: MemoryObject): void {
  const latest = new Map<string, Reservation>();
  for (const { type, reservation, sequence } of events) {
    if (!reservation) continue;
    const before = latest.get(reservation.id);
    if (type === "reservation.refund_required") checkRefund(before, reservation);
    else {
      expect(NEXT[standingOf(before)]).toContain(type);
      expect(reservation.refunds).toEqual(before?.refunds ?? []);
    }
    expect(reservation.refunds.map(({ orderId }) => orderId)).not.toContain(soldTo(reservation));
    expect(reservation.rescued).toBe(
      before?.rescued || (standingOf(before) === "expired" && reservation.status === "confirmed"),
    );
    expect(reservation.version).toBe(sequence);
    expect(reservation.expiresAt).toBeLessThanOrEqual(reservation.extendableUntil);
    latest.set(reservation.id, reservation);
  }
}

export function checkSignals({ events }: MemoryObject): void {
  const signals = events.filter(({ type }) => ["stock.low", "stock.sold_out", "stock.back"].includes(type));
  for (const { type, sequence, detail } of signals) {
    const so = events.slice(0, sequence);
    const [held, sold, stock] = [
      sum(so.map((one) => one.dHeld)),
      sum(so.map((one) => one.dSold)),
      sum(so.map((one) => one.dStock)),
    ];
    const available = stock - held - sold;
    expect(detail).toEqual({ available, held, sold });
    expect(available > 0).toBe(type !== "stock.sold_out");
  }
}

/** Checks that events are numbered without gaps, and add up to the counts. */
export function checkSequence({ events, sku }: MemoryObject): void {
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(sku).toMatchObject({
    version: events.length,
    stock: sum(events.map(({ dStock }) => dStock)),
    held: sum(events.map(({ dHeld }) => dHeld)),
    sold: sum(events.map(({ dSold }) => dSold)),
  });
}
