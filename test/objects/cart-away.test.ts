import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { CALLER_PATIENCE_MS, LOCK_MS, TRY_MS } from "../../src/domain/bounds.ts";
import type { Cart } from "../../src/domain/cart.ts";
import type { CartObject } from "../../src/objects/cart/cart-object.ts";
import { CartCase } from "./cart-case.ts";
import { stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const NOTHING = { held: 0, sold: 0 };
const BUSY = { ok: false, refusal: { code: "overloaded" } };
const UNKNOWN = { ok: false, refusal: { code: "unavailable", outcome: "unknown" } };
const HOLD_MS = 900_000;

const extend = (made: CartCase) => made.act({ type: "extend", ttlSeconds: 1500 });
const confirm = (made: CartCase) => made.act({ type: "confirm", orderId: "o" });

/** The limited SKU does not answer; the caller asks and waits until its patience is over. */
async function whileAway<Answer>(made: CartCase, ask: (made: CartCase) => Promise<Answer>): Promise<Answer> {
  stopClock(Date.now());
  made.away = made.limited;
  const before = made.calls;
  const asked = ask(made);
  await vi.waitFor(() => expect(made.calls).toBeGreaterThan(before + 1), 5000);
  stopClock(Date.now() + CALLER_PATIENCE_MS);
  return asked;
}

/** The cart some time later, when its turn has come again. */
async function later(made: CartCase): Promise<Cart | null> {
  await made.pass(10_000);
  return made.look();
}

/** What SKUs are told that ask this cart about a line. */
function spyOnFates(made: CartCase): Promise<MockInstance<CartObject["fateOf"]>> {
  return runInDurableObject(made.stub, (instance: CartObject) => {
    let prototype = Object.getPrototypeOf(instance);
    while (!Object.hasOwn(prototype, "fateOf")) prototype = Object.getPrototypeOf(prototype);
    return vi.spyOn(prototype as CartObject, "fateOf");
  });
}

describe("a cart of which one SKU does not answer", () => {
  it("[CRT2] [TXN6] cannot be opened, which is no want of stock, and gives back what it had", async () => {
    const made = await CartCase.make();
    expect(await whileAway(made, (one) => one.open())).toEqual(BUSY);
    made.away = null;
    await made.pass(TRY_MS);
    expect(await made.look()).toBeNull();
    expect(await made.holds()).toEqual(NOTHING);
  });

  it("[CRT2] frees the units of the other SKU within ten seconds, though that one stays away", async () => {
    const made = await CartCase.make();
    await whileAway(made, (one) => one.open());
    expect(made.away).not.toBeNull();
    expect(await made.plain.look()).toMatchObject({ held: 0, available: 2 });
  });

  it("[CRT7] gets no more time, and what one line got too much is taken back at the cart's end", async () => {
    const made = await CartCase.make();
    await made.open();
    expect(await whileAway(made, extend)).toEqual(UNKNOWN);
    await made.pass(HOLD_MS - CALLER_PATIENCE_MS, true);
    expect(await made.holds()).toEqual({ held: 1, sold: 0 });
    made.away = null;
    await expect.poll(() => later(made)).toMatchObject({ status: "expired", refunds: [] });
    expect(await made.holds()).toEqual(NOTHING);
  });

  it("[CRT7] gets its time when that SKU is back before the end", async () => {
    const made = await CartCase.make();
    await made.open();
    await whileAway(made, extend);
    made.away = null;
    await made.pass(HOLD_MS - CALLER_PATIENCE_MS - 1000);
    await made.pass(1000);
    expect(await made.look()).toMatchObject({ status: "held" });
    expect(await made.holds()).toEqual({ held: 2, sold: 0 });
  });

  it("[CRT8] that is being sold keeps the lines it has locked beyond their end, and is sold when all are there", async () => {
    const made = await CartCase.make();
    await made.open();
    expect(await whileAway(made, confirm)).toEqual(UNKNOWN);
    const told = await spyOnFates(made);
    // The locked line asks its cart after a minute, and is told to wait; the other one dies as holds do.
    await made.pass(LOCK_MS, true);
    await vi.waitFor(() => expect(told.mock.results).toHaveLength(1), 5000);
    expect(await told.mock.results[0]?.value).toEqual({ fate: "wait", orderId: "o" });
    await made.pass(HOLD_MS, true);
    expect(await made.plain.look()).toMatchObject({ held: 1 });
    expect(await made.limited.look()).toMatchObject({ held: 0 });
    made.away = null;
    await expect.poll(() => later(made)).toMatchObject({ status: "confirmed", orderId: "o", rescued: true });
    expect(await made.holds()).toEqual({ held: 0, sold: 2 });
    expect(await confirm(made)).toMatchObject({ ok: true, cart: { status: "confirmed" } });
  });

  it("[CRT8] [CRT20] that is being sold is refunded when the units of that SKU are gone by then", async () => {
    const made = await CartCase.make();
    await made.open();
    await whileAway(made, confirm);
    await made.pass(HOLD_MS, true);
    await made.limited.run({ type: "adjust", delta: -2, reason: "gone" });
    made.away = null;
    await expect.poll(() => later(made)).toMatchObject({ status: "expired", refunds: [{ code: "hold-expired" }] });
    expect(await made.holds()).toEqual(NOTHING);
    expect(await confirm(made)).toEqual({ ok: false, refusal: { code: "hold-expired", refundRequired: true } });
  });

  it("[CRT24] tells that SKU of an order that goes back when it is there again, and keeps nobody waiting", async () => {
    const made = await CartCase.make();
    await made.open();
    await confirm(made);
    const told = async () => {
      const counts = [made.plain, made.limited].map((sale) => sale.count("reservation", "refunds IS NOT NULL"));
      return Promise.all(counts);
    };
    const twice = { ok: false, refusal: { code: "already-confirmed", orderId: "o", refundRequired: true } };
    const other = (one: CartCase) => one.act({ type: "confirm", orderId: "late" });
    made.away = made.limited;
    for (let round = 0; round < 2; round++) expect(await other(made)).toEqual(twice);
    await expect.poll(told, { timeout: 5000 }).toEqual([1, 0]);
    await made.crash();
    made.away = null;
    await made.pass(10_000);
    await expect.poll(told, { timeout: 5000 }).toEqual([1, 1]);
    expect((await made.look())?.refunds).toMatchObject([{ orderId: "late", untold: [] }]);
  });

  it("[CRT17] is released at once, and that SKU is told when it is back", async () => {
    const made = await CartCase.make();
    await made.open();
    expect(await whileAway(made, (one) => one.act({ type: "release" }))).toMatchObject({
      ok: true,
      cart: { status: "released" },
    });
    expect(await made.holds()).toEqual({ held: 1, sold: 0 });
    made.away = null;
    await expect.poll(() => later(made).then(() => made.holds())).toEqual(NOTHING);
    expect(await made.look()).toMatchObject({ status: "released" });
  });

  it("[CRT22] finishes what it is about before it answers the next question", async () => {
    const made = await CartCase.make();
    await made.open();
    await whileAway(made, confirm);
    stopClock(Date.now() + 1);
    const asked = made.act({ type: "release" });
    const again = confirm(made);
    made.away = null;
    expect(await asked).toMatchObject({ ok: false, refusal: { code: "already-confirmed", orderId: "o" } });
    expect(await again).toMatchObject({ ok: true, cart: { status: "confirmed" } });
    expect(await made.holds()).toEqual({ held: 0, sold: 2 });
  });
});
