import { describe, expect, it } from "vitest";
import { WAITING_MAX } from "../../src/domain/bounds.ts";
import { nextWakeAt } from "../../src/domain/clock.ts";
import type { Command } from "../../src/domain/command.ts";
import type { Policy, WaitlistEntry } from "../../src/domain/model.ts";
import { refusalOf, request, reservationOf, Sale, START, STOREFRONT, shopper, verdictOf } from "./sale.ts";

const OPEN = { perCustomerLimit: null, maxPerReservation: 100 };

function join(entry: string, quantity = 1): Command {
  return { type: "join", entry, offer: `offer of ${entry}`, customer: "ann", quantity };
}

function entry(sale: Sale, id: string): WaitlistEntry {
  const found = sale.object.entries.get(id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

function enroll(sale: Sale, revision: number, closesAt: number | null): void {
  const terms = { revision, opensAt: null, closesAt, paused: false, limit: null };
  sale.run({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } });
}

/** A sale of which bob holds all, and ann waits. */
function waiting(stock = 1, quantity = 1, policy: Partial<Policy> = {}): { sale: Sale; bobs: string } {
  const sale = new Sale(stock, { ...OPEN, ...policy });
  const bobs = sale.hold({ customer: "bob", quantity: stock, ttlSeconds: 1800 }).id;
  sale.run(join("e", quantity));
  return { sale, bobs };
}

describe("the events of a place on the waitlist", () => {
  /** Type, and the entry's status where there is one; each is the entry as it is right after its transaction. */
  function told(sale: Sale, act: () => void): string[] {
    const events = sale.eventsOf(act);
    const newest = new Map(events.flatMap((event) => (event.entry ? [[event.entry.id, event.entry] as const] : [])));
    for (const [id, told] of newest) expect(told).toEqual(entry(sale, id));
    return events.map(({ type, entry }) => `${type} ${entry?.status ?? "-"}`);
  }

  it("[EVT5] carry it as it is right after them", () => {
    const { sale, bobs } = waiting(1, 1, { offerTtlSeconds: 60 });
    expect(told(sale, () => sale.run({ ...join("f"), customer: "eve", offer: "of f" } as Command))).toEqual([
      "waitlist.joined waiting",
    ]);
    expect(told(sale, () => sale.run({ type: "leave", entry: "f" }))).toEqual(["waitlist.withdrawn withdrawn"]);
    expect(told(sale, () => sale.release(bobs))).toEqual([
      "reservation.released -",
      "reservation.held -",
      "waitlist.offered offered",
    ]);
  });

  it.each([
    { end: "confirmed", act: (sale: Sale, offer: string) => sale.confirm(offer) },
    { end: "released", act: (sale: Sale, offer: string) => sale.release(offer) },
    { end: "expired", act: (sale: Sale) => sale.at(3_600).object.wake() },
  ])("[EVT5] are the reservation's own where its offer is $end", ({ end, act }) => {
    const { sale, bobs } = waiting(1, 1, { offerTtlSeconds: 60 });
    sale.release(bobs);
    const offer = entry(sale, "e").reservation ?? "";
    const events = sale.eventsOf(() => act(sale, offer));
    const [both] = events.filter(({ type }) => type === `reservation.${end}`);
    expect(both?.reservation).toMatchObject({ id: offer, status: end });
    expect(both?.entry).toEqual(entry(sale, "e"));
    expect(both?.entry?.status).not.toBe("offered");
  });
});

describe("a place on the waitlist", () => {
  it("[WTL2] can be left and taken anew in one transaction, at the end of the line", () => {
    const { sale } = waiting();
    const bea: Command = { type: "join", entry: "bea", offer: "offer of bea", customer: "bea", quantity: 1 };
    const leave: Command = { type: "leave", entry: "e" };
    const [, left, again] = sale.object.execute([bea, leave, join("e2")].map((command) => request(command)));
    expect([verdictOf(left), verdictOf(again)]).toEqual(["ok", "ok"]);
    expect(sale.object.line.map(({ id }) => id)).toEqual(["bea", "e2"]);
  });

  it("[WTL13] a shopper who asks for more than the display cap is in line, and is offered what there is", () => {
    const sale = new Sale(137, { ...OPEN, displayCap: 5, maxPerReservation: 1000 });
    const ask = (quantity: number, actor = shopper("ann")) =>
      sale.run(join(`e${sale.object.entries.size}`, quantity), { actor });
    expect(refusalOf(ask(5))).toEqual({ code: "stock-available", available: 137, displayCap: 5 });
    expect(refusalOf(ask(6, STOREFRONT))).toMatchObject({ code: "stock-available" });
    expect(ask(138)).toMatchObject({ ok: true, position: 1, entry: { status: "waiting" } });
    sale.run({ type: "leave", entry: "e0" });
    const types = sale.typesOf(() => {
      expect(ask(137)).toMatchObject({ position: null, entry: { status: "offered" } });
    });
    expect(types).toEqual(["waitlist.joined", "reservation.held", "waitlist.offered"]);
  });

  it.each([
    {
      what: "itself",
      close: (sale: Sale) => sale.edit({ closesAt: 0 }),
      open: (sale: Sale) => sale.edit({ closesAt: null }),
    },
    { what: "its drop", close: (sale: Sale) => enroll(sale, 1, 0), open: (sale: Sale) => enroll(sale, 2, null) },
  ])("[WTL14] is kept over a closing by mistake of $what, however far back it lies", ({ close, open }) => {
    const { sale, bobs } = waiting();
    close(sale.at(10));
    sale.release(bobs);
    sale.at(3609).object.wake();
    expect(entry(sale, "e").status).toBe("waiting");
    expect(verdictOf(sale.run({ type: "join", entry: "f", offer: "o", customer: "carol", quantity: 1 }))).toBe(
      "closed",
    );
    open(sale);
    expect(entry(sale, "e").status).toBe("offered");
  });

  it("[WTL14] is kept from the last closing on, as long as the policy says when that is over", () => {
    const { sale } = waiting(1, 1, { waitlistKeptSeconds: 60, holdTtlSeconds: 1800 });
    sale.edit({ closesAt: START });
    sale.at(50).edit({ closesAt: null });
    sale.at(70).edit({ closesAt: START });
    sale.at(129).object.wake();
    expect(entry(sale, "e").status).toBe("waiting");
    sale.edit({ waitlistKeptSeconds: 90 });
    sale.at(159).object.wake();
    expect(entry(sale, "e").status).toBe("waiting");
    sale.at(160).object.wake();
    expect(entry(sale, "e")).toMatchObject({ status: "withdrawn", reason: "closed" });
  });

  it("[WTL14] is kept while a closed sale is paused, and no longer", () => {
    const { sale } = waiting();
    sale.edit({ closesAt: START, paused: true });
    expect(nextWakeAt(sale.sku, START)).toBeNull();
    sale.at(3600).object.wake();
    expect(entry(sale, "e").status).toBe("waiting");
    sale.edit({ paused: false });
    expect(entry(sale, "e").status).toBe("withdrawn");
  });

  it("[WTL14] [CLK5] wakes its SKU when it ends, if anybody waits", () => {
    const { sale } = waiting();
    sale.at(10).edit({ closesAt: START });
    expect(nextWakeAt(sale.sku, sale.object.now)).toBe(START + 3_610_000);
    sale.run({ type: "leave", entry: "e" });
    expect(nextWakeAt(sale.sku, sale.object.now)).toBeNull();
  });

  it("[WTL2] is not given twice in one transaction", () => {
    const sale = new Sale(1, OPEN);
    sale.hold({ customer: "bob" });
    const [, again] = sale.object.execute([join("e"), join("e2")].map((command) => request(command)));
    expect(refusalOf(again)).toEqual({ code: "already-waiting", entry: "e" });
  });

  it.each([
    { waiting: WAITING_MAX - 1, verdict: "ok" },
    { waiting: WAITING_MAX, verdict: "overloaded" },
  ])("[WTL2] is the last one when $waiting wait already: $verdict", ({ waiting: count, verdict }) => {
    const sale = new Sale(1, OPEN);
    sale.hold({ customer: "bob" });
    sale.object.sku = { ...sale.sku, waiting: count };
    expect(verdictOf(sale.run(join("e")))).toBe(verdict);
  });

  it("[WTL7] is withdrawn when it is for more than one reservation may have by now", () => {
    const { sale, bobs } = waiting(2, 2);
    sale.edit({ maxPerReservation: 1 });
    sale.release(bobs);
    expect(entry(sale, "e")).toMatchObject({ status: "withdrawn", reason: "limit-exceeded" });
  });

  it("[WTL7] is kept while its customer is exactly at the limit with it", () => {
    const { sale, bobs } = waiting(3, 2, { perCustomerLimit: 3 });
    sale.confirm(bobs, { quantity: 2 });
    sale.hold({ customer: "ann" });
    sale.adjust(2);
    expect(entry(sale, "e").status).toBe("offered");
  });

  it("[WTL8] waits while the sale is put back to scheduled, and is offered what is free when it opens", () => {
    const { sale, bobs } = waiting();
    sale.edit({ opensAt: START + 60_000 });
    sale.release(bobs);
    expect(entry(sale, "e").status).toBe("waiting");
    expect(sale.at(60).typesOf(() => sale.object.wake())).toEqual([
      "sale.opened",
      "reservation.held",
      "waitlist.offered",
    ]);
  });
});

describe("an offer that was accepted", () => {
  it("[WTL4] stays so when its units go back, in part or whole", () => {
    const { sale, bobs } = waiting(2, 2);
    sale.release(bobs);
    const offer = entry(sale, "e").reservation ?? "";
    sale.confirm(offer);
    const accepted = entry(sale, "e");
    const events = sale.eventsOf(() => [sale.giveBack(offer, 1), sale.giveBack(offer, 1)]);
    expect(events.filter((event) => event.entry !== null)).toEqual([]);
    expect(entry(sale, "e")).toEqual(accepted);
    expect(accepted.status).toBe("accepted");
  });
});

describe("an offer that a drop's limit has granted", () => {
  it("[WTL3] [WTL11] has its whole time from the grant on, and no more", () => {
    const sale = new Sale(1, { ...OPEN, offerTtlSeconds: 60 });
    const service = { actor: { role: "service" as const } };
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
    sale.run({ type: "enroll", drop: "drop", terms }, service);
    const wish = sale.wish({ customer: "bob" }) as Command & { id: string };
    sale.run(wish);
    sale.run(join("e"));
    sale.run({ type: "settle", id: wish.id, granted: false, of: "reserve" }, service);
    const offer = entry(sale, "e").reservation ?? "";
    const granted = sale.at(5).run({ type: "settle", id: offer, granted: true, of: "reserve" }, service);
    expect(reservationOf(granted)).toMatchObject({ expiresAt: START + 65_000, extendableUntil: START + 65_000 });
    expect(refusalOf(sale.extend(offer))).toEqual({ code: "extension-limit", extendableUntil: START + 65_000 });
  });
});
