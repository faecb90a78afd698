import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { allowanceName, claimOf } from "../../src/domain/allowance.ts";
import { TRY_MS } from "../../src/domain/bounds.ts";
import type { Outcome, Request } from "../../src/domain/command.ts";
import type { Reservation } from "../../src/domain/model.ts";
import type { ShopperObject } from "../../src/objects/shopper-object.ts";
import { reservationOf, verdictOf } from "../domain/sale.ts";
import { keyed, ObjectSale, stopClock, wish } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const SERVICE = { actor: { role: "service" as const }, key: null };

/** Two sizes of a drop with a limit of one, and a customer. */
class LimitCase {
  readonly drop = `drop-${crypto.randomUUID()}`;
  readonly customer = `customer-${crypto.randomUUID()}`;
  sizes: ObjectSale[] = [];

  static async make(): Promise<LimitCase> {
    const made = new LimitCase();
    made.sizes = await Promise.all([1, 2].map(() => ObjectSale.open(5)));
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
    for (const size of made.sizes) await size.run({ type: "enroll", drop: made.drop, terms }, SERVICE);
    return made;
  }

  get shopper(): DurableObjectStub<ShopperObject> {
    return env.SHOPPER.getByName(allowanceName(this.drop, this.customer));
  }

  size(index: number): ObjectSale {
    const size = this.sizes[index];
    if (size === undefined) throw new Error("there is no such size");
    return size;
  }

  async try(index: number, request: Partial<Request> = {}): Promise<Reservation> {
    const { outcomes } = await this.size(index).execute([keyed(wish({ customer: this.customer }), request)]);
    const [outcome] = outcomes as Outcome[];
    if (!outcome?.ok || outcome.type !== "try") throw new Error(`no try: ${JSON.stringify(outcome)}`);
    return outcome.reservation;
  }

  claim(reservation: Reservation) {
    return this.shopper.claim(claimOf(reservation, 1));
  }

  settle(index: number, id: string, granted = true): Promise<Outcome> {
    return this.size(index).run({ type: "settle", id, granted, of: "reserve" }, SERVICE);
  }

  async hold(index: number): Promise<Reservation> {
    const tried = await this.try(index);
    expect(await this.claim(tried)).toEqual({ granted: true });
    return reservationOf(await this.settle(index, tried.id));
  }

  /** What its object counts. */
  counted(): Promise<{ id: string; units: number }[]> {
    return runInDurableObject(this.shopper, (_instance, state) =>
      state.storage.sql.exec<{ id: string; units: number }>("SELECT id, units FROM counted ORDER BY id").toArray(),
    );
  }

  /** Keeps news from reaching the one who counts. */
  async deafen(): Promise<void> {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await runInDurableObject(this.shopper, (instance) => {
      let prototype = Object.getPrototypeOf(instance);
      while (!Object.hasOwn(prototype, "report")) prototype = Object.getPrototypeOf(prototype);
      vi.spyOn(prototype, "report").mockImplementation(() => Promise.reject(new Error("lost on the way")));
    });
  }
}

describe("the object that counts a customer's units in a drop", () => {
  it("[ALW3] hears of every end from the SKU, without being asked", async () => {
    const made = await LimitCase.make();
    const held = await made.hold(0);
    expect(await made.counted()).toEqual([{ id: held.id, units: 1 }]);
    await made.size(0).release(held.id);
    await expect.poll(() => made.counted()).toEqual([{ id: held.id, units: 0 }]);
  });

  it("[ALW6] asks the SKUs before it refuses", async () => {
    const made = await LimitCase.make();
    const held = await made.hold(0);
    const second = await made.try(1);
    expect(await made.claim(second)).toMatchObject({ granted: false, refusal: { used: 1 } });
    // Dead, but nobody has swept it and no alarm has rung: only by asking can it be known.
    stopClock(held.expiresAt);
    const third = await made.try(1);
    expect(await made.claim(third)).toEqual({ granted: true });
  });

  it("[TRY3] hears of a try that lapsed between grant and settling", async () => {
    const made = await LimitCase.make();
    const tried = await made.try(0);
    await made.claim(tried);
    stopClock(Date.now() + TRY_MS);
    await made.size(0).ring();
    await expect.poll(() => made.counted()).toEqual([{ id: tried.id, units: 0 }]);
    expect(verdictOf(await made.settle(0, tried.id))).toBe("hold-expired");
    expect(await made.claim(tried)).toEqual({ granted: false, refusal: null });
    await made.hold(1);
  });

  it("[TRY3] is not asked about a try that lapsed before", async () => {
    const made = await LimitCase.make();
    const tried = await made.try(0);
    stopClock(Date.now() + TRY_MS);
    await made.size(0).ring();
    await expect.poll(() => made.counted()).toEqual([{ id: tried.id, units: 0 }]);
    expect(await made.claim(tried)).toEqual({ granted: false, refusal: null });
    expect(await made.size(0).look()).toMatchObject({ held: 0, available: 5 });
  });

  it("[ALW2] remembers through evictions", async () => {
    const made = await LimitCase.make();
    const held = await made.hold(0);
    await evictDurableObject(made.shopper);
    const second = await made.try(1);
    expect(await made.claim(second)).toMatchObject({ granted: false });
    expect(await made.counted()).toEqual([{ id: held.id, units: 1 }]);
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

  it("[WTL11] is asked by the SKU itself before an offer is made", async () => {
    const made = await LimitCase.make();
    const sale = made.size(0);
    await sale.run({ type: "adjust", delta: -4, reason: "few" });
    const { outcomes } = await sale.execute([keyed(wish({ customer: "bob" }))]);
    const [bobs] = outcomes;
    if (!bobs?.ok || bobs.type !== "try") throw new Error("bob has no try");
    await made.settle(0, bobs.reservation.id);
    const join = (entry: string, customer: string) =>
      sale.run({ type: "join", entry, offer: `offer of ${entry}`, customer, quantity: 1 });
    await made.hold(1);
    await join("over-limit", made.customer);
    await join("next-one", "carol");
    await sale.release(bobs.reservation.id);
    const statusOf = async (id: string) => (await sale.stub.findEntry(id, { role: "storefront" }))?.entry;
    await expect.poll(() => statusOf("over-limit")).toMatchObject({ status: "withdrawn", reason: "limit-exceeded" });
    await expect.poll(() => statusOf("next-one")).toMatchObject({ status: "offered" });
  });
});
