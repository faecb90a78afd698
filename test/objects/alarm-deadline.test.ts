import { afterEach, describe, expect, it, vi } from "vitest";
import { nextPhaseAt } from "../../src/domain/clock.ts";
import { only, reservationOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { lehmer } from "./lehmer.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

afterEach(() => void vi.useRealTimers());

describe("the alarm that is set", () => {
  it("[CLK5] [EXP4] is never later than the first thing that falls due, after any command", async () => {
    const random = lehmer(20_261_123);
    let now = Date.now();
    stopClock(now);
    const sale = await ObjectSale.open(50, { opensAt: now + 40_000, closesAt: now + 3_000_000, warnSeconds: 5 });
    const ids: string[] = [];
    const anyId = () => ids[Math.floor(random() * ids.length)] ?? "nobody";
    const acts: (() => Promise<unknown>)[] = [
      async () => {
        const outcome = await sale.reserve({
          customer: `c${ids.length % 9}`,
          ttlSeconds: 1 + Math.floor(random() * 400),
        });
        if (outcome.ok) ids.push(reservationOf(outcome).id);
      },
      () => sale.extend(anyId(), 1 + Math.floor(random() * 900)),
      () => sale.confirm(anyId()),
      () => sale.release(anyId()),
      () => sale.ring(),
      () => sale.look(),
      async () => {
        await sale.look();
        await evictDurableObject(sale.stub);
      },
      async () => {
        now += Math.floor(random() * 60_000);
        stopClock(now);
      },
    ];
    for (let step = 0; step < 150; step++) {
      await acts[Math.floor(random() * acts.length)]?.();
      const deadlines = await sale.rows<{ at: number | null }>(
        "SELECT MIN(expires_at) AS at FROM reservation WHERE status = 'held'",
      );
      const { policy } = await sale.look();
      const due = [only(deadlines).at, nextPhaseAt(policy, now)].filter((at) => at !== null);
      const alarmAt = await sale.alarmAt();
      if (due.length === 0) continue;
      expect(alarmAt, `step ${step}`).not.toBeNull();
      expect(alarmAt, `step ${step}`).toBeLessThanOrEqual(Math.max(Math.min(...due), now + 100));
    }
    expect(ids.length).toBeGreaterThan(10);
    await sale.audit();
  }, 20_000);
});
