import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { COUNT_CALL_MS, COUNT_PAUSE_MS, KEY_KEPT_MS, LIMIT_TOLD_MS, TRY_MS } from "../../src/domain/bounds.ts";
import { partsOf, refusalOf, verdictOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { LimitCase, SERVICE } from "./limit-case.ts";
import { stopClock, wish } from "./object-sale.ts";
import { prototypeOf } from "./prototype.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const ENDED = { granted: false, refusal: null, claims: [] };

describe("the object that counts customers' units in a drop", () => {
  it("[ALW3] hears of every end before whoever ended it is answered", async () => {
    const made = await LimitCase.make();
    const held = await made.hold(0);
    expect(await made.counted()).toEqual([{ id: held.id, units: 1 }]);
    await made.size(0).release(held.id);
    expect(await made.counted()).toEqual([{ id: held.id, units: 0 }]);
  });

  it("[ALW6] asks the SKUs before it refuses", async () => {
    const made = await LimitCase.make();
    const held = await made.hold(0);
    expect(refusalOf(await made.reserve(1))).toMatchObject({ code: "limit-exceeded", used: 1, scope: "drop" });
    // Dead, but nobody has swept it and no alarm has rung: only by asking can it be known.
    stopClock(held.expiresAt);
    expect(verdictOf(await made.reserve(1))).toBe("ok");
  });

  it("[ALW6] asks about a customer at most once a second, and all whom one call refuses together", async () => {
    const made = await LimitCase.make();
    const customers = [made.customer, made.neighbour(1), made.neighbour(2)];
    for (const customer of customers) await made.hold(0, { customer });
    const claims = customers.map((customer) => made.claimIn(1, customer));
    const asked = await made.watchCounts();
    stopClock(Date.now());
    const ask = async () => (await made.allowance.claim(claims)).map((grant) => grant?.granted);
    for (let again = 0; again < 3; again++) expect(await ask()).toEqual([false, false, false]);
    expect(asked).toHaveBeenCalledOnce();
    expect(asked.mock.calls[0]?.[0]).toHaveLength(3);
    stopClock(Date.now() + COUNT_PAUSE_MS - 1);
    await ask();
    expect(asked).toHaveBeenCalledOnce();
    stopClock(Date.now() + 1);
    await Promise.all([ask(), ask()]);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it("[ALW6] [TXN6] refuses nobody whose SKUs could not be asked, and grants others what is theirs", async () => {
    const made = await LimitCase.make();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await made.hold(0);
    const asked = (await made.watchCounts()).mockRejectedValueOnce(new Error("away"));
    const claims = [made.customer, made.neighbour(1)].map((customer) => made.claimIn(1, customer));
    expect(await made.allowance.claim(claims)).toEqual([null, { granted: true }]);
    expect(await made.allowance.claim(claims)).toMatchObject([
      { granted: false, refusal: { used: 1 } },
      { granted: true },
    ]);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it("[ALW6] [TXN6] waits two seconds for a SKU that does not answer, and then says that nobody knows", async () => {
    const made = await LimitCase.make();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await made.hold(0);
    (await made.watchCounts()).mockImplementationOnce(() => new Promise(() => {}));
    const startedAt = performance.now();
    expect(await made.allowance.claim([made.claimIn(1, made.customer)])).toEqual([null]);
    expect(performance.now() - startedAt).toBeGreaterThan(COUNT_CALL_MS - 100);
  });

  it("[ALW7] does not keep whoever gives back waiting when it cannot be told", async () => {
    const made = await LimitCase.make();
    const held = await made.hold(0);
    await made.deafen();
    const startedAt = performance.now();
    expect(verdictOf(await made.size(0).release(held.id))).toBe("ok");
    expect(performance.now() - startedAt).toBeGreaterThan(LIMIT_TOLD_MS - 50);
    expect(await made.size(0).look()).toMatchObject({ held: 0 });
  });

  it("[ALW3] hears of what was sold in part, and need not hear of what was sold whole", async () => {
    const made = await LimitCase.make();
    const told = await made.watch("report");
    const held = await made.hold(0);
    await made.size(0).confirm(held.id);
    await made.size(0).giveBack(held.id);
    expect(told.mock.calls).toMatchObject([[[{ id: held.id, units: 0 }]]]);
    expect(await made.counted()).toEqual([{ id: held.id, units: 0 }]);
  });

  it("[ALW10] reads by an index, however many customers it counts", async () => {
    const made = await LimitCase.make();
    await made.hold(0);
    const plan = await made.plan((store) => {
      store.known(["ann", "bob"], ["one"]);
      store.save([{ id: "two", customer: "ann", sku: "a", units: 0, version: 1 }], 1);
      expect(store.oldestEndAt()).toBe(1);
      store.retire(2, 10);
      expect(store.isEmpty).toBe(false);
    });
    expect(plan.filter((step) => /counted/.test(step))).toEqual([
      "SEARCH counted USING INDEX counted_live (customer=?)",
      "SEARCH counted USING PRIMARY KEY (id=?)",
      "SEARCH counted USING COVERING INDEX counted_ended",
      "SEARCH counted USING PRIMARY KEY (id=?)",
      "SEARCH counted USING COVERING INDEX counted_ended (at<?)",
      "SCAN counted",
    ]);
  });

  it("[ALW8] names what fills the limit to whom it refuses", async () => {
    const made = await LimitCase.make();
    const { id, sku } = await made.hold(0);
    expect(await made.allowance.claim([made.claimIn(1, made.customer)])).toMatchObject([
      { granted: false, claims: [{ id, sku, units: 1 }] },
    ]);
  });

  it("[TRY3] hears of a try that lapsed after it was granted", async () => {
    const made = await LimitCase.make();
    const tried = await made.line(0);
    expect(await made.counted()).toEqual([{ id: tried.id, units: 1 }]);
    stopClock(Date.now() + TRY_MS);
    await made.size(0).ring();
    await expect.poll(() => made.counted()).toEqual([{ id: tried.id, units: 0 }]);
    expect(verdictOf(await made.settle(0, tried.id))).toBe("hold-expired");
    expect(await made.claim(tried)).toEqual(ENDED);
    await made.hold(1);
  });

  it("[TRY3] [ALW7] gives nothing to a try that lapsed before it was asked about", async () => {
    const made = await LimitCase.make();
    const asked = (await made.watch("claim")).mockRejectedValueOnce(new Error("lost on the way"));
    await expect(made.reserve(0)).rejects.toThrow("lost on the way");
    const claims = asked.mock.calls[0]?.[0] as Parameters<typeof made.allowance.claim>[0];
    stopClock(Date.now() + TRY_MS);
    await made.size(0).ring();
    await expect.poll(() => made.counted()).toEqual([{ id: claims[0]?.id, units: 0 }]);
    expect(await made.allowance.claim(claims)).toEqual([ENDED]);
    expect(await made.size(0).look()).toMatchObject({ held: 0, available: 5 });
  });

  it("[ALW2] remembers through evictions", async () => {
    const made = await LimitCase.make();
    const held = await made.hold(0);
    await evictDurableObject(made.allowance);
    expect(refusalOf(await made.reserve(1))).toMatchObject({ used: 1, scope: "drop" });
    expect(await made.counted()).toContainEqual({ id: held.id, units: 1 });
  });

  it("[ALW7] is told after a crash of the SKU what it was not told before", async () => {
    const made = await LimitCase.make();
    const held = await made.hold(0);
    await made.deafen();
    await made.size(0).release(held.id);
    expect(await made.counted()).toEqual([{ id: held.id, units: 1 }]);
    await evictDurableObject(made.size(0).stub);
    vi.restoreAllMocks();
    await made.size(0).ring();
    await expect.poll(() => made.counted()).toEqual([{ id: held.id, units: 0 }]);
  });

  it("[ALW10] forgets what has ended after a day, and itself with the last of it, but nothing that counts", async () => {
    const made = await LimitCase.make();
    const [ended, kept] = [await made.hold(0), await made.hold(1, { customer: made.neighbour(1) })];
    await made.size(0).release(ended.id);
    const startedAt = Date.now();
    stopClock(startedAt + KEY_KEPT_MS - 60_000);
    await runDurableObjectAlarm(made.allowance);
    expect(await made.counted()).toHaveLength(2);
    stopClock(startedAt + KEY_KEPT_MS + 60_000);
    await runDurableObjectAlarm(made.allowance);
    expect(await made.counted()).toEqual([{ id: kept.id, units: 1 }]);
    await made.size(1).ring();
    await expect.poll(() => made.counted()).toEqual([{ id: kept.id, units: 0 }]);
    stopClock(Date.now() + KEY_KEPT_MS + 60_000);
    await runDurableObjectAlarm(made.allowance);
    expect(await made.tables()).toEqual([]);
    await made.hold(0);
    expect(await made.counted()).toHaveLength(1);
  });
});

describe("a SKU and the object that counts for it", () => {
  it("[ALW11] have at most one call in flight, and what comes meanwhile goes with the next", async () => {
    const made = await LimitCase.make(50);
    const gate = Promise.withResolvers<void>();
    const prototype = await prototypeOf(made.allowance, "claim");
    const real = prototype.claim;
    const asked = vi.spyOn(prototype, "claim");
    asked.mockImplementationOnce(async function (this: object, ...given) {
      await gate.promise;
      return real?.apply(this, given);
    });
    const first = made.reserve(0, { customer: made.neighbour(0) });
    await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
    const others = Array.from({ length: 20 }, (_none, index) =>
      made.reserve(0, { customer: made.neighbour(index + 1) }),
    );
    await expect.poll(async () => (await made.size(0).look()).held).toBe(21);
    expect(asked).toHaveBeenCalledOnce();
    gate.resolve();
    expect((await Promise.all([first, ...others])).map(verdictOf)).toEqual(Array(21).fill("ok"));
    expect(asked.mock.calls.map(([claims]) => (claims as unknown[]).length)).toEqual([1, 20]);
  });

  it("[ALW11] ask once for all tries of a group, and settle them in one transaction", async () => {
    const made = await LimitCase.make(50);
    const asked = await made.watch("claim");
    const customers = Array.from({ length: 20 }, (_none, index) => made.neighbour(index));
    const parts = customers.map((customer) => ({
      actor: SERVICE.actor,
      key: null,
      content: "",
      command: wish({ customer }),
    }));
    const outcome = await made.size(0).run({ type: "batch", requests: parts });
    expect(partsOf(outcome).map(verdictOf)).toEqual(Array(20).fill("ok"));
    expect(asked.mock.calls.map(([claims]) => (claims as unknown[]).length)).toEqual([20]);
    const times = await made.size(0).rows("SELECT DISTINCT time FROM event WHERE type = 'reservation.held'");
    expect(times).toHaveLength(1);
  });

  it("[WTL11] decide by themselves whether an offer is made", async () => {
    const made = await LimitCase.make();
    const sale = made.size(0);
    await sale.run({ type: "adjust", delta: -4, reason: "few" });
    const bobs = await made.hold(0, { customer: "bob" });
    const join = (entry: string, customer: string) =>
      sale.run({ type: "join", entry, offer: `offer of ${entry}`, customer, quantity: 1 });
    await made.hold(1);
    await join("over-limit", made.customer);
    await join("next-one", "carol");
    await sale.release(bobs.id);
    const statusOf = async (id: string) => (await sale.stub.findEntry(id, { role: "storefront" }))?.entry;
    await expect.poll(() => statusOf("over-limit")).toMatchObject({ status: "withdrawn", reason: "limit-exceeded" });
    await expect.poll(() => statusOf("next-one")).toMatchObject({ status: "offered" });
  });
});
