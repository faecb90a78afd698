import { afterEach, describe, expect, it, vi } from "vitest";
import {
  DIRECT_FULL_MS,
  DIRECT_WATCHERS_MAX,
  RELAY_INTERVAL_MS,
  RELAY_TIERS,
  TIER_FULL_MS,
  WATCHERS_MAX,
} from "../../src/domain/bounds.ts";
import { placeOf, relayOf } from "../../src/domain/relay-placement.ts";
import { type Joining, RelayRoute } from "../../src/http/relay-route.ts";
import { Sockets } from "../../src/live/sockets.ts";
import { ObjectSale, stopClock } from "../objects/object-sale.ts";
import { pause, spyOnPushes } from "./relay.ts";
import { upgrade, Watcher } from "./watcher.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  Watcher.leaveAll();
});

/** Objects that take no sockets, and all that were asked to. */
function fullBut(hasRoom: (name: string) => boolean) {
  const asked: string[] = [];
  const object = (name: string) => ({
    fetch: async () => {
      asked.push(name);
      return new Response(null, { status: hasRoom(name) ? 200 : 503 });
    },
  });
  const space = { getByName: object };
  return { asked, world: { SKU: space, RELAY: space } as unknown as Env };
}

const joining = (customer: string | null, isDirect = false): Joining => ({
  skus: ["shoe"],
  customer,
  isDirect,
  headers: {},
});

describe("the way of a live socket", () => {
  it("[LIV11] is to the SKU's own object, and past its bound to a Relay, without asking it again for a while", async () => {
    const { asked, world } = fullBut((name) => name !== "shoe");
    const route = new RelayRoute();
    for (const at of [0, 1, DIRECT_FULL_MS - 1, DIRECT_FULL_MS]) await route.join(world, joining(null, true), at);
    expect(asked).toEqual(["shoe", "relay-0", "relay-0", "relay-0", "shoe", "relay-0"]);
  });

  it("[LIV11] goes up a tier when a Relay has no room, and remembers that for a while", async () => {
    const { asked, world } = fullBut((name) => name !== "relay-0");
    const route = new RelayRoute();
    for (let number = 0; number < 100; number++) expect((await route.join(world, joining(null), 0)).status).toBe(200);
    expect(asked.filter((name) => name === "relay-0")).toHaveLength(1);
    expect(new Set(asked)).toEqual(new Set(["relay-0", "relay-1", "relay-2"]));
    await route.join(world, joining(null), TIER_FULL_MS);
    expect(asked.filter((name) => name === "relay-0")).toHaveLength(2);
  });

  it("[LIV11] of a customer is to its own place in each tier", async () => {
    const { asked, world } = fullBut(() => false);
    expect((await new RelayRoute().join(world, joining("ann"), 0)).status).toBe(503);
    expect(asked).toEqual(Array.from({ length: RELAY_TIERS }, (_none, tier) => relayOf(tier, placeOf("ann"))));
  });
});

describe("more watchers than a SKU's own object takes", () => {
  it("[LIV11] watch through a Relay, and see and hear the same", async () => {
    const sale = await ObjectSale.open(5);
    const first = await Promise.all(Array.from({ length: DIRECT_WATCHERS_MAX }, () => Watcher.join(sale.name)));
    expect(await sale.stub.health()).toMatchObject({ watchers: DIRECT_WATCHERS_MAX });
    const more = [await Watcher.join(sale.name), await Watcher.shopper(sale.name, "ann")];
    expect(await sale.stub.health()).toMatchObject({ watchers: DIRECT_WATCHERS_MAX });
    await sale.hold({ customer: "ann" });
    await vi.waitFor(() => {
      for (const watcher of [...first, ...more]) expect(watcher.versions.at(-1)).toBe(2);
      expect(more.map(({ happened }) => happened)).toEqual([[], ["held"]]);
    }, 5000);
  }, 20_000);

  it("[LIV11] are turned away when a Relay is full as well, and only then", async () => {
    // What the Worker remembers of that is not believed once the clock was set back, which it is after this test.
    stopClock(Date.now() + TIER_FULL_MS);
    const sale = await ObjectSale.open(5);
    const room = vi.spyOn(Sockets.prototype, "count", "get").mockReturnValue(WATCHERS_MAX);
    expect((await upgrade(sale.name)).status).toBe(503);
    room.mockReturnValue(WATCHERS_MAX - 1);
    expect((await Watcher.join(sale.name)).versions).toEqual([1]);
  });
});

describe("the Relays of one SKU", () => {
  it("[LIV11] do not wait for each other, and are only told of customers who watch there", async () => {
    const sale = await ObjectSale.open(50);
    const [own, other] = ["relay-1", "relay-2"];
    const pushes = await spyOnPushes();
    const nameOf = (relay: unknown) => (relay as { ctx: DurableObjectState }).ctx.id.name ?? "";
    pushes.mockImplementation(async function (this: unknown, { asksWho }) {
      if (nameOf(this) === other) await pause(3000);
      return { isWatched: true, places: asksWho ? [] : null };
    });
    for (const name of [own, other]) await sale.stub.watch(name, null);
    await sale.hold({ customer: "bob" });
    await pause(2 * RELAY_INTERVAL_MS);
    await sale.stub.watch(own, "ann");
    for (const customer of ["ann", "bob", "ann", "bob"]) {
      await sale.hold({ customer });
      await pause(300);
    }
    const pushesTo = (name: string) =>
      pushes.mock.calls.filter((_push, index) => nameOf(pushes.mock.contexts[index]) === name).map(([push]) => push);
    expect(pushesTo(own).length).toBeGreaterThanOrEqual(4);
    expect(pushesTo(other)).toHaveLength(1);
    const told = pushesTo(own).map(({ personal }) => personal.map(({ customer }) => customer));
    expect(told[0]).toEqual(["bob"]);
    expect(told.slice(1).flat()).toEqual(["ann", "ann"]);
  }, 10_000);
});
