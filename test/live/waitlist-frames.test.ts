import { afterAll, describe, expect, it, vi } from "vitest";
import { POSITIONS_ANNOUNCED_MAX, POSITIONS_INTERVAL_MS } from "../../src/domain/bounds.ts";
import type { Policy, WaitlistEntry } from "../../src/domain/model.ts";
import { call, storefront } from "../client.ts";
import { evictDurableObject } from "../eviction.ts";
import { keyed, ObjectSale } from "../objects/object-sale.ts";
import { hibernateRelay, pause } from "./relay.ts";
import { Watcher } from "./watcher.ts";

afterAll(() => Watcher.leaveAll());

const ROUND_MS = POSITIONS_INTERVAL_MS + 1000;

/** A SKU whose only unit somebody holds, so that everybody else has to wait. */
async function soldOut(policy: Partial<Policy> = {}): Promise<{ sale: ObjectSale; release: () => Promise<unknown> }> {
  const sale = await ObjectSale.open(1, policy);
  const hold = await sale.hold({ customer: "first" });
  return { sale, release: () => sale.release(hold.id) };
}

/** Puts customers on the waitlist in this order. */
async function queue(sale: ObjectSale, ...customers: string[]): Promise<WaitlistEntry[]> {
  const requests = customers.map((customer) =>
    keyed({ type: "join", entry: crypto.randomUUID(), offer: crypto.randomUUID(), customer, quantity: 1 }),
  );
  const { outcomes } = await sale.execute(requests);
  return outcomes.map((outcome) => {
    if (!outcome.ok || outcome.type !== "entry") throw new Error(`not on the list: ${JSON.stringify(outcome)}`);
    return outcome.entry;
  });
}

/** A customer on the SKU's own feed, and over the Relay. */
async function bothWays(sale: ObjectSale, customer: string): Promise<Watcher[]> {
  return [await Watcher.shopper(sale.name, customer), await Watcher.shopperOver([sale.name], customer)];
}

/** Those who must never hear of anybody's place, on both ways. */
async function others(sale: ObjectSale): Promise<Watcher[]> {
  return [
    ...(await bothWays(sale, "stranger")),
    await Watcher.join(sale.name),
    await Watcher.over([sale.name]),
    await Watcher.join(sale.name, { as: storefront }),
    await Watcher.over([sale.name], { as: storefront }),
  ];
}

describe("a place on the waitlist", () => {
  it("[LIV9] [LIV3] is in the snapshot with its position, on the SKU's own feed and over the Relay", async () => {
    const { sale } = await soldOut();
    const [, entry] = await queue(sale, "bob", "ann", "cid");
    const { body } = await call("GET", `/v1/skus/${sale.name}/waitlist/${entry?.id}`, { as: storefront });
    expect(body).toMatchObject({ customer: "ann", position: 2, status: "waiting" });
    for (const ann of await bothWays(sale, "ann")) expect(ann.of("snapshot")[0]?.waitlist).toEqual(body);
    for (const stranger of await bothWays(sale, "stranger")) expect(stranger.of("snapshot")[0]?.waitlist).toBeNull();
  });

  it("[LIV9] [LIV3] is in the snapshot with its offer, and no more once it has ended", async () => {
    const { sale, release } = await soldOut();
    const [entry] = await queue(sale, "ann");
    await release();
    for (const ann of await bothWays(sale, "ann")) {
      const [snapshot] = ann.of("snapshot");
      expect(snapshot?.waitlist).toMatchObject({ id: entry?.id, status: "offered", position: null });
      expect(snapshot?.waitlist?.reservation).toBe(snapshot?.reservations[0]?.id);
    }
    await sale.run({ type: "leave", entry: entry?.id ?? "" });
    for (const ann of await bothWays(sale, "ann")) expect(ann.of("snapshot")[0]?.waitlist).toBeNull();
  });

  it("[LIV9] tells of the offer to all sockets of its customer, and to nobody else", async () => {
    const { sale, release } = await soldOut({ offerTtlSeconds: 300 });
    const [entry] = await queue(sale, "ann", "bob");
    const [ann, bob] = [await bothWays(sale, "ann"), await bothWays(sale, "bob")];
    const silent = await others(sale);
    await release();
    for (const watcher of ann) {
      await vi.waitFor(() => expect(watcher.of("waitlist")).toHaveLength(1), 3000);
      const [frame] = watcher.of("waitlist");
      const [held] = watcher.of("reservation");
      expect(frame).toMatchObject({ event: "offered", entry: { id: entry?.id, customer: "ann", status: "offered" } });
      expect(frame?.entry.position).toBeNull();
      expect(held).toMatchObject({ event: "held", reservation: { id: frame?.entry.reservation, quantity: 1 } });
      expect(frame?.entry.offerExpiresAt).toBe(held?.reservation.expiresAt);
    }
    for (const watcher of bob) expect(watcher.of("waitlist").filter(({ event }) => event !== "position")).toEqual([]);
    for (const watcher of silent) expect([...watcher.of("waitlist"), ...watcher.of("reservation")]).toEqual([]);
  });

  it("[LIV9] tells why it was withdrawn: the customer left", async () => {
    const { sale } = await soldOut();
    const [, entry] = await queue(sale, "ann", "bob");
    const [ann, bob] = [await bothWays(sale, "ann"), await bothWays(sale, "bob")];
    const silent = await others(sale);
    await sale.run({ type: "leave", entry: entry?.id ?? "" });
    for (const watcher of bob) {
      await vi.waitFor(() => expect(watcher.of("waitlist")).toHaveLength(1), 3000);
      const [frame] = watcher.of("waitlist");
      expect(frame).toMatchObject({
        event: "withdrawn",
        entry: { id: entry?.id, status: "withdrawn", reason: "left" },
      });
    }
    for (const watcher of ann) expect(watcher.of("waitlist").filter(({ event }) => event !== "position")).toEqual([]);
    for (const watcher of silent) expect(watcher.of("waitlist")).toEqual([]);
  });

  it("[LIV9] tells why it was withdrawn: a limit forbids it, and the next is offered", async () => {
    const sale = await ObjectSale.open(2);
    await sale.hold({ customer: "ann" });
    const other = await sale.hold({ customer: "first" });
    const [entry] = await queue(sale, "ann", "bob");
    const [ann, bob] = [await bothWays(sale, "ann"), await bothWays(sale, "bob")];
    await sale.run({ type: "update", policy: { perCustomerLimit: 1 } });
    await sale.release(other.id);
    for (const watcher of ann) {
      await vi.waitFor(() => expect(watcher.places.map(({ event }) => event)).toEqual(["withdrawn"]), 3000);
      expect(watcher.of("waitlist")[0]?.entry).toMatchObject({ id: entry?.id, reason: "limit-exceeded" });
    }
    for (const watcher of bob) {
      await vi.waitFor(() => expect(watcher.places.map(({ event }) => event)).toContain("offered"), 3000);
    }
  });
});

// They take their time, so they take it together.
describe.concurrent("a place on the waitlist, in real time", () => {
  it("[LIV9] tells the next of its offer when the first one declines or lets it lapse", async () => {
    const { sale, release } = await soldOut({ offerTtlSeconds: 2, warnSeconds: 1 });
    const [first] = await queue(sale, "ann", "bob", "cid");
    const [bob, cid] = [await bothWays(sale, "bob"), await bothWays(sale, "cid")];
    const offers = (watchers: Watcher[]) =>
      watchers.map(({ places }) => places.filter(({ event }) => event === "offered").length);
    await release();
    await sale.run({ type: "leave", entry: first?.id ?? "" });
    await vi.waitFor(() => expect(offers(bob)).toEqual([1, 1]), 3000);
    expect(offers(cid)).toEqual([0, 0]);
    await vi.waitFor(() => expect(offers(cid)).toEqual([1, 1]), 5000);
    for (const watcher of bob) expect(watcher.happened).toEqual(["held", "expiring", "expired"]);
  }, 10_000);

  it.each([
    ["accepted", (sale: ObjectSale, offer: string) => sale.run({ type: "confirm", id: offer })],
    ["declined", (sale: ObjectSale, offer: string) => sale.run({ type: "release", id: offer })],
    ["lapsed", () => Promise.resolve()],
  ] as const)(
    "[LIV9] tells its customer alone, and once, that it was %s, beside what became of the offer",
    async (event, end) => {
      const { sale, release } = await soldOut({ offerTtlSeconds: 2, warnSeconds: 1 });
      const [entry] = await queue(sale, "ann");
      const ann = await bothWays(sale, "ann");
      const silent = await others(sale);
      await release();
      await vi.waitFor(() => expect(ann[0]?.of("waitlist")).toHaveLength(1), 3000);
      const offer = ann[0]?.of("waitlist")[0]?.entry.reservation ?? "";
      await end(sale, offer);
      for (const watcher of ann) {
        await vi.waitFor(() => expect(watcher.places.map((place) => place.event)).toEqual(["offered", event]), 5000);
        const [, last] = watcher.of("waitlist");
        expect(last?.entry).toMatchObject({ id: entry?.id, status: event, reservation: offer, position: null });
        const ended = { accepted: "confirmed", declined: "released", lapsed: "expired" }[event];
        expect(watcher.happened.at(-1)).toBe(ended);
      }
      for (const watcher of silent) expect(watcher.of("waitlist")).toEqual([]);
    },
  );

  it("[LIV9] tells that a place which lapsed was accepted after all, by a payment that came late", async () => {
    const { sale, release } = await soldOut({ offerTtlSeconds: 1 });
    await queue(sale, "ann");
    const [ann] = await bothWays(sale, "ann");
    await release();
    const events = () => ann?.places.map(({ event }) => event);
    await vi.waitFor(() => expect(events()).toEqual(["offered", "lapsed"]), 5000);
    await sale.run({ type: "confirm", id: ann?.of("waitlist")[0]?.entry.reservation ?? "" });
    await vi.waitFor(() => expect(events()).toEqual(["offered", "lapsed", "accepted"]), 3000);
  });

  it("[LIV9] tells why it was withdrawn: the sale closed, by the clock alone", async () => {
    const { sale } = await soldOut({ closesAt: Date.now() + 4000, waitlistKeptSeconds: 1 });
    await queue(sale, "ann", "bob");
    const watchers = [...(await bothWays(sale, "ann")), ...(await bothWays(sale, "bob"))];
    await hibernateRelay();
    await evictDurableObject(sale.stub, { webSockets: "hibernate" });
    for (const watcher of watchers) {
      await vi.waitFor(() => expect(watcher.places.map(({ event }) => event)).toEqual(["withdrawn"]), 8000);
      expect(watcher.of("waitlist")[0]?.entry.reason).toBe("closed");
    }
  }, 15_000);

  it("[LIV9] tells its position when that has changed, to those whose has, by both ways and after a sleep", async () => {
    const { sale } = await soldOut();
    const [first] = await queue(sale, "ann", "bob", "cid");
    const [ann, bob, cid] = [await bothWays(sale, "ann"), await bothWays(sale, "bob"), await bothWays(sale, "cid")];
    const silent = await others(sale);
    await evictDurableObject(sale.stub, { webSockets: "hibernate" });
    await sale.run({ type: "leave", entry: first?.id ?? "" });
    for (const [watchers, position] of [
      [bob, 1],
      [cid, 2],
    ] as const) {
      for (const watcher of watchers) {
        await vi.waitFor(() => expect(watcher.places.at(-1)).toMatchObject({ event: "position", position }), ROUND_MS);
        expect(watcher.of("waitlist").at(-1)?.entry).toMatchObject({ status: "waiting", quantity: 1 });
      }
    }
    await pause(500);
    for (const watcher of ann) expect(watcher.places.at(-1)?.event).toBe("withdrawn");
    for (const watcher of silent) expect(watcher.of("waitlist")).toEqual([]);
  }, 15_000);

  it("[LIV9] tells its position to each of the first hundred", async () => {
    const { sale } = await soldOut();
    const names = Array.from({ length: POSITIONS_ANNOUNCED_MAX + 2 }, (_none, index) => `customer-${index + 1}`);
    const [first] = await queue(sale, ...names);
    const [last, next, after] = [
      await bothWays(sale, `customer-${POSITIONS_ANNOUNCED_MAX}`),
      await bothWays(sale, `customer-${POSITIONS_ANNOUNCED_MAX + 1}`),
      await bothWays(sale, `customer-${POSITIONS_ANNOUNCED_MAX + 2}`),
    ];
    await sale.run({ type: "leave", entry: first?.id ?? "" });
    for (const watcher of next) {
      await vi.waitFor(
        () => expect(watcher.places.at(-1)).toMatchObject({ position: POSITIONS_ANNOUNCED_MAX }),
        ROUND_MS,
      );
    }
    for (const watcher of last) {
      await vi.waitFor(
        () => expect(watcher.places.at(-1)).toMatchObject({ position: POSITIONS_ANNOUNCED_MAX - 1 }),
        ROUND_MS,
      );
    }
    await pause(500);
    for (const watcher of after) expect(watcher.places).toEqual([]);
    for (const watcher of after)
      expect(watcher.of("snapshot")[0]?.waitlist?.position).toBe(POSITIONS_ANNOUNCED_MAX + 2);
  }, 20_000);
});
