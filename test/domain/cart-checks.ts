import { expect } from "vitest";
import type { Reservation } from "../../src/domain/model.ts";
import { assertConserved, isDead } from "../../src/domain/stock.ts";
import type { CartWorld } from "./cart-world.ts";

/** What must never be seen, at any moment: a line that died under a cart that was told "held", or under its confirmation. */
export function checkOnTheWay(world: CartWorld, id: string, limit = 1): void {
  const cart = world.cart(id);
  const lines = world.linesOf(id);
  if (cart.status === "held" && cart.expiresAt !== null && world.now < cart.expiresAt) {
    const ids = cart.lines.filter(({ state }) => state === "held").map(({ reservation }) => reservation);
    const held = ids.filter((one) => !world.givenBack.has(one));
    const live = lines.filter((line) => line.status === "held" && line.attempt === null && !isDead(line, world.now));
    expect(live.map(({ id }) => id)).toEqual(held);
  }
  expect(world.liveUnitsOf(cart.customer, false)).toBeLessThanOrEqual(limit);
  for (const line of lines) if (line.lockedUntil !== null) expect(line.status).toBe("held");
  for (const { sku } of world.skus.values()) if (sku !== null) assertConserved(sku);
}

/** Wholly held, wholly sold or wholly gone; no unit stranded, no allowance leaked, no limit passed. */
export function settleAndCheck(world: CartWorld, limit = 1): void {
  world.claimFate = () => "fine";
  // What was late arrives. What it set aside lapses by itself, and what it locked is asked about.
  world.deliverLate();
  world.pass(60_000);
  for (const id of world.carts.keys()) world.drive(id);
  world.reportAll();
  for (const id of world.carts.keys()) checkWhole(world, id);
  for (const id of world.carts.keys()) checkRefunds(world, id);
  for (const object of world.skus.values()) {
    const held = [...object.reservations.values()].filter(({ status }) => status === "held");
    expect(object.sku?.held).toBe(held.reduce((sum, { quantity }) => sum + quantity, 0));
    expect(held.every(({ attempt, lockedUntil }) => attempt === null && lockedUntil === null)).toBe(true);
  }
  for (const { customer } of world.carts.values()) {
    expect(world.countedUnitsOf(customer)).toBe(world.liveUnitsOf(customer));
    expect(world.countedUnitsOf(customer)).toBeLessThanOrEqual(limit);
  }
}

interface ToldRefund {
  orderId: string | null;
  quantity: number;
}

/** Every order that the cart was refused stands once on the stream of each line that it had, with the line's own units. */
function checkRefunds(world: CartWorld, id: string): void {
  const { lines, refunds } = world.cart(id);
  const told = lines.flatMap(({ sku, reservation, quantity }) => {
    const events = world.object(sku).events.filter((event) => event.reservation?.id === reservation);
    const due = events.filter(({ type }) => type === "reservation.refund_required");
    const own = due.map(({ detail }) => detail?.refund as ToldRefund);
    for (const one of own) expect(one).toMatchObject({ quantity, cart: id });
    expect(new Set(own.map(({ orderId }) => orderId)).size).toBe(own.length);
    return own;
  });
  for (const { orderId } of told) expect(refunds.map((one) => one.orderId)).toContain(orderId);
  for (const { orderId, quantity, untold } of refunds) {
    expect(untold).toEqual([]);
    const units = told.filter((one) => one.orderId === orderId).reduce((sum, one) => sum + one.quantity, 0);
    expect(units).toBe(quantity);
  }
}

function checkWhole(world: CartWorld, id: string): void {
  const cart = world.cart(id);
  expect(["held", "ended"]).toContain(cart.phase);
  const live = world.linesOf(id).filter(({ status }) => status === "held" || status === "confirmed");
  const { status, expiresAt, orderId } = cart;
  const expected = cart.lines.filter(({ state }) => state !== "refused" && state !== "gone").length;
  // A line lasts from when it hears: never shorter than the cart, and longer by as long as that took.
  const told = (line: Reservation) => {
    const lastsAsLong = line.expiresAt >= (expiresAt ?? 0);
    const { status, attempt, orderId } = line;
    return status === "held" ? { status, attempt, lastsAsLong } : { status, orderId };
  };
  const whole = status === "held" ? { status, attempt: null, lastsAsLong: true } : { status, orderId };
  const isLive = status === "held" || status === "confirmed";
  expect(live.map(told)).toEqual(isLive ? Array.from({ length: expected }, () => whole) : []);
}
