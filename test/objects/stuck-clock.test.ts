import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { WallClock } from "../../src/objects/shared/wall-clock.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

// The runtime lets the clock of a running object stand still after the machine's was set back, until that has caught up.
it("[CLK6] judges by the machine's clock again after the object's has stood still", async () => {
  const now = Date.now();
  const sale = await ObjectSale.open(5);
  const first = await runInDurableObject(sale.stub, (instance) => new WeakRef(instance));
  const wall = vi.spyOn(WallClock.prototype, "now").mockReturnValue(now);
  stopClock(now + 3_600_000);
  await sale.hold({ customer: "ann", ttlSeconds: 3 });
  await sale.hold({ customer: "bob", ttlSeconds: 3 });
  await vi.waitFor(async () => {
    const isSame = await runInDurableObject(sale.stub, (instance) => instance === first.deref());
    expect(isSame).toBe(false);
  });
  expect(wall).toHaveBeenCalled();
  stopClock(now);
  expect(await sale.hold({ customer: "eve", ttlSeconds: 3 })).toMatchObject({ expiresAt: now + 3_000 });
});
