import { afterEach, describe, expect, it, vi } from "vitest";
import { RELAY_INTERVAL_MS } from "../../src/domain/bounds.ts";
import { evictDurableObject } from "../eviction.ts";
import { ObjectSale, stopClock } from "../objects/object-sale.ts";
import { hibernateRelay, holdPush, pause, ringRelay } from "./relay.ts";
import { Watcher } from "./watcher.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  Watcher.leaveAll();
});

describe("warnings over a Relay", () => {
  it("[LIV8] [LIV4] come once for each hold and expiry, whoever looks or sleeps how often", async () => {
    stopClock(Date.now());
    const sale = await ObjectSale.open(20, { warnSeconds: 60 });
    const ann = await Watcher.shopperOver([sale.name], "ann");
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 600 });
    stopClock(hold.expiresAt - 60_001);
    await sale.ring();
    await ann.hears("held");
    stopClock(hold.expiresAt - 60_000);
    await sale.ring();
    await sale.ring();
    await ann.hears("held", "expiring");
    await hibernateRelay();
    await sale.ring();
    await evictDurableObject(sale.stub);
    stopClock(hold.expiresAt - 50_000);
    await sale.ring();
    await ringRelay();
    await ann.hears("held", "expiring");
    await sale.extend(hold.id, 900);
    const later = (await sale.stub.own("ann"))?.reservations[0]?.expiresAt ?? 0;
    stopClock(later - 60_000);
    await sale.ring();
    await evictDurableObject(sale.stub);
    await sale.ring();
    await ann.hears("held", "expiring", "extended", "expiring");
  });

  it("[LIV8] [LIV4] come also when they are the first that a SKU has to tell after it slept", async () => {
    stopClock(Date.now());
    const sale = await ObjectSale.open(20, { warnSeconds: 60 });
    const ann = await Watcher.shopperOver([sale.name], "ann");
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 600 });
    await ann.hears("held");
    await evictDurableObject(sale.stub);
    stopClock(hold.expiresAt - 60_000);
    await sale.ring();
    await ann.hears("held", "expiring");
  });

  it("[LIV8] [LIV4] come once also to whoever joins when they are due, and whatever sleeps then", async () => {
    const sale = await ObjectSale.open(20);
    await sale.hold({ customer: "ann", ttlSeconds: 50 });
    const ann = await Watcher.shopperOver([sale.name], "ann");
    await ann.hears("expiring");
    await sale.ring();
    await ann.hears("expiring");
    await evictDurableObject(sale.stub);
    await hibernateRelay();
    await sale.ring();
    const second = await Watcher.shopperOver([sale.name], "ann");
    await sale.ring();
    await second.hears("expiring");
    expect(ann.happened).toEqual(["expiring"]);
  });

  it("[LIV8] [LIV4] come once to whoever joins while they are on their way", async () => {
    const sale = await ObjectSale.open(20);
    await Watcher.over([sale.name]);
    const gate = await holdPush(sale, "before");
    await sale.hold({ customer: "ann", ttlSeconds: 50 });
    await gate.arrival();
    const ann = await Watcher.shopperOver([sale.name], "ann");
    await vi.waitFor(() => expect(ann.happened).toContain("expiring"));
    gate.letGo();
    await pause(2 * RELAY_INTERVAL_MS);
    expect(ann.happened.filter((event) => event === "expiring")).toHaveLength(1);
  });

  it("[LIV8] [LIV4] come in time also to those who joined long after the hold, when no alarm was set for it", async () => {
    const sale = await ObjectSale.open(20);
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 900 });
    await sale.recorded();
    await sale.ring();
    expect(await sale.alarmAt()).toBe(hold.expiresAt);
    await Watcher.shopperOver([sale.name], "ann");
    expect(await sale.alarmAt()).toBeLessThanOrEqual(hold.expiresAt - 60_000);
  });
});
