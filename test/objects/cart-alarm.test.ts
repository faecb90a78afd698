import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RECORD_GRACE_MS, TRY_MS } from "../../src/domain/bounds.ts";
import { CartCase } from "./cart-case.ts";
import { stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a cart whose object died", () => {
  it("[CRT8] is sold whole by its own alarm, in real time, though nobody asks for it", async () => {
    const made = await CartCase.make();
    await made.open();
    made.failCall(made.calls, "crash");
    await made.act({ type: "confirm", orderId: "o" }).catch(() => undefined);
    expect((await made.holds()).sold).toBe(0);
    const options = { timeout: RECORD_GRACE_MS + 3000, interval: 100 };
    await expect.poll(() => made.holds(), options).toEqual({ held: 0, sold: 2 });
  }, 12_000);

  it("[CRT2] has set its alarm for when it gives back what it had set aside, or holds it all", async () => {
    const made = await CartCase.make();
    const began = Date.now();
    // After both looks and the first try.
    made.failCall(3, "crash");
    await made.open().catch(() => undefined);
    expect((await made.holds()).held).toBeGreaterThan(0);
    const alarmAt = await runInDurableObject(made.stub, (_instance, { storage }) => storage.getAlarm());
    expect(alarmAt).toBeLessThan(began + TRY_MS);
    stopClock(alarmAt ?? 0);
    await runDurableObjectAlarm(made.stub);
    const isSettled = async () => {
      const tries = await Promise.all(
        [made.plain, made.limited].map((sale) => sale.count("reservation", "attempt IS NOT NULL")),
      );
      const { held } = await made.holds();
      return tries.every((count) => count === 0) && (held === 0 || held === 2);
    };
    await expect.poll(isSettled).toBe(true);
  });
});
