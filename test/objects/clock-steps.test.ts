import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { call } from "../client.ts";
import { refusalOf, verdictOf } from "../domain/sale.ts";
import { CartCase } from "./cart-case.ts";
import { breakD1 } from "./d1-state.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

// How clock steps are made: tests and objects share an isolate, so that a faked Date is the clock of both. What the runtime
// itself does with a clock that steps (its timers, its alarms) is in docs/CLOCKS.md, with how it was tried.

const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The clock is an hour ahead for as long as `act` takes, and right again. */
async function anHourAhead<Result>(now: number, act: () => Promise<Result>): Promise<Result> {
  stopClock(now + HOUR_MS);
  const result = await act();
  stopClock(now);
  return result;
}

describe("a clock that was an hour ahead for one commit", () => {
  it("[CLK1] [CLK6] leaves later holds the time that they should have, and events their own time", async () => {
    const sale = await ObjectSale.open(5);
    const now = Date.now();
    await anHourAhead(now, () => sale.hold({ customer: "ann", ttlSeconds: 30 }));
    const hold = await sale.hold({ customer: "bob", ttlSeconds: 3 });
    expect(hold).toMatchObject({ createdAt: now, expiresAt: now + 3_000 });
    stopClock(now + 3_000);
    expect(verdictOf(await sale.confirm(hold.id))).toBe("ok");
    expect(await sale.eventTypes()).toContain("reservation.expired");
    const times = await sale.rows<{ time: number }>("SELECT time FROM event ORDER BY sequence");
    expect(times.map(({ time }) => time - now)).toEqual([expect.any(Number), HOUR_MS, 0, 3_000, 3_000]);
    await sale.audit();
  });

  it("[CLK6] has a sale that it opened wait for its opening again", async () => {
    const now = Date.now();
    const opensAt = now + 60_000;
    const sale = await ObjectSale.open(5, { opensAt });
    expect(verdictOf(await anHourAhead(now, () => sale.reserve()))).toBe("ok");
    expect(refusalOf(await sale.reserve({ customer: "bob" }))).toEqual({
      code: "not-open",
      opensAt,
      retryAfterSeconds: 60,
    });
    expect(await sale.look()).toMatchObject({ state: "scheduled", held: 1 });
    expect(await sale.alarmAt()).toBeLessThanOrEqual(opensAt);
    stopClock(opensAt);
    expect(verdictOf(await sale.reserve({ customer: "bob" }))).toBe("ok");
    const types = (await sale.eventTypes()).filter((type) => type.startsWith("sale.") || type === "sku.updated");
    expect(types).toEqual(["sale.opened", "sku.updated", "sale.opened"]);
  });

  it("[CLK6] has an alarm ring at once that was set by it, once anybody comes by", async () => {
    const sale = await ObjectSale.open(5);
    await sale.recorded();
    await sale.ring();
    const now = Date.now();
    const outage = breakD1();
    await anHourAhead(now, () => sale.hold());
    outage.mockRestore();
    await sale.look();
    expect(await sale.alarmAt()).toBeLessThanOrEqual(now + 1_000);
    await sale.ring();
    await sale.recorded();
  });

  it("[CLK6] is found out by an object that woke only since", async () => {
    const sale = await ObjectSale.open(5);
    const now = Date.now();
    await anHourAhead(now, () => sale.hold());
    await runInDurableObject(sale.stub, (_instance, state) => state.abort("crash")).catch(() => undefined);
    await sale.look();
    expect(await sale.alarmAt()).toBeLessThanOrEqual(now + 1_000);
  });

  it("[CLK7] is told of in readiness and metrics, until the next commit", async () => {
    const sale = await ObjectSale.open(5);
    const now = Date.now();
    await anHourAhead(now, () => sale.hold());
    expect(await sale.stub.health()).toMatchObject({ clockAheadMs: HOUR_MS });
    await sale.hold({ customer: "bob" });
    expect(await sale.stub.health()).toMatchObject({ clockAheadMs: 0 });
    expect((await call("GET", "/readyz")).body).toMatchObject({ clock: { aheadSeconds: expect.any(Number) } });
  });
});

describe("a clock that was an hour behind for one commit", () => {
  it("[CLK6] costs the hold that was made by it, and nothing else", async () => {
    const sale = await ObjectSale.open(5);
    const now = Date.now();
    stopClock(now - HOUR_MS);
    const lost = await sale.hold({ customer: "ann", ttlSeconds: 30 });
    stopClock(now);
    const hold = await sale.hold({ customer: "bob", ttlSeconds: 30 });
    expect(hold.expiresAt).toBe(now + 30_000);
    expect(await sale.look()).toMatchObject({ held: 1, available: 4 });
    expect(verdictOf(await sale.extend(lost.id))).toBe("hold-expired");
    await sale.audit();
  });
});

describe("a cart and a clock that was an hour ahead", () => {
  const isHeld = async (made: CartCase) => (await made.look())?.status;

  it("[CRT25] ends with its lines when they were swept by it, and is not refunded while there are units", async () => {
    const made = await CartCase.make();
    await made.open();
    const now = Date.now();
    await anHourAhead(now, () => made.plain.hold({ customer: "somebody" }));
    await expect.poll(() => isHeld(made)).toBe("expired");
    expect(await made.act({ type: "confirm", orderId: "o" })).toMatchObject({
      ok: true,
      cart: { status: "confirmed" },
    });
  });

  it("[CRT25] never says `held` for longer than its lines live, whose commit it was ahead for", async () => {
    const made = await CartCase.make();
    const now = Date.now();
    // Only the cart's own decision is made by the wrong clock: its lines hear how long they last, and not until when.
    vi.useFakeTimers({ toFake: ["Date"], now });
    await made.open();
    const cart = await made.look();
    await runInDurableObject(made.stub, (_instance, state) => {
      const body = JSON.stringify({ ...cart, expiresAt: (cart?.expiresAt ?? 0) + HOUR_MS });
      state.storage.sql.exec("UPDATE cart SET body = ? WHERE id = ?", body, made.id);
    });
    await made.crash();
    expect(await isHeld(made)).toBe("held");
    await made.pass((cart?.expiresAt ?? 0) - now + 1_000, true);
    await expect.poll(() => isHeld(made)).toBe("expired");
  });
});
