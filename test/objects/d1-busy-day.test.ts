import { abortAllDurableObjects } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { reservationOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { expectSameInD1 } from "./d1-state.ts";
import { lehmer } from "./lehmer.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

afterEach(() => void vi.useRealTimers());

/** A busy day: commands of all kinds, dead holds, evictions and aborts, in an order that the seed decides. */
async function busyDay(sale: ObjectSale, seed: number, steps: number): Promise<void> {
  const random = lehmer(seed);
  const ids: string[] = [];
  const anyId = () => ids[Math.floor(random() * ids.length)] ?? "nobody";
  const acts: (() => Promise<unknown>)[] = [
    async () => {
      const ttlSeconds = 1 + Math.floor(random() * 900);
      const outcome = await sale.reserve({
        customer: `c${ids.length % 7}`,
        quantity: 1 + (ids.length % 3),
        ttlSeconds,
      });
      if (outcome.ok) ids.push(reservationOf(outcome).id);
    },
    () => Promise.all(Array.from({ length: 5 }, (_none, one) => sale.reserve({ customer: `d${one}` }))),
    () => sale.confirm(anyId(), { orderId: `order-${Math.floor(random() * 5)}` }),
    () => sale.extend(anyId(), 1 + Math.floor(random() * 900)),
    () => sale.giveBack(anyId(), 1),
    () => sale.run({ type: "adjust", delta: random() < 0.5 ? 3 : -2, reason: "count" }),
    () => sale.run({ type: "update", policy: { perCustomerLimit: 3 + Math.floor(random() * 9) } }),
    async () => {
      await sale.look();
      await evictDurableObject(sale.stub);
    },
    () => abortAllDurableObjects(),
    async () => stopClock(Date.now() + Math.floor(random() * 300_000)),
  ];
  for (let step = 0; step < steps; step++) await acts[Math.floor(random() * acts.length)]?.();
}

for (const seed of [1, 22, 333]) {
  it(`[REC1] [REC3] equals the object row for row after a busy day (seed ${seed})`, async () => {
    stopClock(Date.now());
    const sale = await ObjectSale.open(60, { holdTtlSeconds: 300, lateConfirmSeconds: 200 });
    await busyDay(sale, seed, 120);
    await sale.look();
    await sale.ring();
    await sale.recorded();
    expect(await sale.count("event")).toBeGreaterThan(60);
    await expectSameInD1(sale);
    await sale.audit();
    // Each eviction waits for what the object still has to send.
  }, 30_000);
}
