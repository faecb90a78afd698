import { describe, expect, it } from "vitest";
import { SERVE_ENTRIES_MAX } from "../../src/domain/bounds.ts";
import type { Actor, Command, Outcome } from "../../src/domain/command.ts";
import type { WaitlistEntry } from "../../src/domain/model.ts";
import { partsOf, refusalOf, request, reservationOf, Sale, START, STOREFRONT, shopper, verdictOf } from "./sale.ts";

const OPEN = { perCustomerLimit: null, maxPerReservation: 100 };

function join(sale: Sale, customer: string, quantity = 1): Outcome {
  const entry = `e-${customer}-${sale.sku.version}`;
  return sale.run({ type: "join", entry, offer: `offer of ${entry}`, customer, quantity });
}

function wait(sale: Sale, customer: string, quantity = 1): string {
  const outcome = join(sale, customer, quantity);
  if (!outcome.ok || outcome.type !== "entry") throw new Error(`not waiting: ${JSON.stringify(outcome)}`);
  return outcome.entry.id;
}

function entry(sale: Sale, id: string): WaitlistEntry {
  const found = sale.object.entries.get(id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

function leave(sale: Sale, id: string, actor: Actor = STOREFRONT): Outcome {
  return sale.run({ type: "leave", entry: id }, { actor });
}

/** A sale of `stock` units that bob holds all of. */
function soldOut(stock = 1, policy = {}): { sale: Sale; bobs: string } {
  const sale = new Sale(stock, { ...OPEN, ...policy });
  return { sale, bobs: sale.hold({ customer: "bob", quantity: stock }).id };
}

describe("joining", () => {
  it("[WTL1] makes an entry at the end of the line, with its position", () => {
    const { sale } = soldOut();
    expect(join(sale, "ann")).toMatchObject({ ok: true, position: 1, entry: { status: "waiting", quantity: 1 } });
    expect(sale.typesOf(() => expect(join(sale, "carol")).toMatchObject({ position: 2 }))).toEqual(["waitlist.joined"]);
    expect(sale.sku.waiting).toBe(2);
  });

  it.each([
    { name: "paused", act: (sale: Sale) => sale.edit({ paused: true }) },
    { name: "not-open", act: (sale: Sale) => sale.edit({ opensAt: START + 1000 }) },
    { name: "closed", act: (sale: Sale) => sale.edit({ closesAt: START }) },
    { name: "limit-exceeded", act: (sale: Sale) => sale.edit({ maxPerReservation: 1 }) },
    { name: "limit-exceeded", act: (sale: Sale) => sale.edit({ perCustomerLimit: 1 }) },
  ])("[WTL2] is refused as $name", ({ name, act }) => {
    const { sale } = soldOut(2);
    act(sale);
    expect(verdictOf(join(sale, "ann", 2))).toBe(name);
  });

  it("[WTL2] is refused while the quantity can be served, and not for more than there is", () => {
    const sale = new Sale(2, OPEN);
    expect(refusalOf(join(sale, "ann", 2))).toEqual({ code: "stock-available", available: 2, displayCap: null });
    expect(verdictOf(join(sale, "ann", 3))).toBe("ok");
  });

  it("[WTL2] is refused to those who wait or have an offer, naming the entry", () => {
    const { sale, bobs } = soldOut();
    const id = wait(sale, "ann");
    expect(refusalOf(join(sale, "ann"))).toEqual({ code: "already-waiting", entry: id });
    sale.release(bobs);
    expect(refusalOf(join(sale, "ann"))).toEqual({ code: "already-waiting", entry: id });
  });

  it("[WTL2] is open again to those whose entry has ended", () => {
    const { sale } = soldOut();
    leave(sale, wait(sale, "ann"));
    expect(join(sale, "ann")).toMatchObject({ ok: true, position: 1 });
  });
});

describe("an offer", () => {
  it("[WTL3] is a hold for `offerTtlSeconds`, which cannot be extended", () => {
    const { sale, bobs } = soldOut(1, { offerTtlSeconds: 60 });
    const id = wait(sale, "ann");
    expect(sale.typesOf(() => sale.release(bobs))).toEqual([
      "reservation.released",
      "reservation.held",
      "waitlist.offered",
    ]);
    const { reservation, ...offered } = entry(sale, id);
    expect(offered).toMatchObject({ status: "offered", offerExpiresAt: START + 60_000 });
    expect(sale.kept(reservation ?? "")).toMatchObject({ customer: "ann", status: "held", expiresAt: START + 60_000 });
    expect(refusalOf(sale.extend(reservation ?? ""))).toEqual({
      code: "extension-limit",
      extendableUntil: START + 60_000,
    });
    expect(sale.sku.waiting).toBe(0);
  });

  it.each([
    {
      status: "accepted",
      act: (sale: Sale, _entry: string, offer: string) => sale.confirm(offer),
    },
    { status: "declined", act: (sale: Sale, _entry: string, offer: string) => sale.release(offer) },
    { status: "declined", act: (sale: Sale, id: string) => leave(sale, id) },
    { status: "lapsed", act: (sale: Sale) => sale.at(600).object.wake() },
  ] as const)("[WTL4] ends as $status", ({ status, act }) => {
    const { sale, bobs } = soldOut();
    const id = wait(sale, "ann");
    sale.release(bobs);
    act(sale, id, entry(sale, id).reservation ?? "");
    expect(entry(sale, id).status).toBe(status);
    expect(sale.typesOf(() => expect(verdictOf(leave(sale, id))).toBe("ok"))).toEqual([]);
  });

  it("[WTL4] that lapsed and is paid for late is accepted after all", () => {
    const { sale, bobs } = soldOut();
    const id = wait(sale, "ann");
    sale.release(bobs);
    sale.at(700).object.wake();
    expect(reservationOf(sale.confirm(entry(sale, id).reservation ?? ""))).toMatchObject({ rescued: true });
    expect(entry(sale, id).status).toBe("accepted");
  });

  it("[WTL5] that ends without a sale goes to the next in line in the same transaction", () => {
    const { sale, bobs } = soldOut();
    const [ann, carol, dave] = ["ann", "carol", "dave"].map((customer) => wait(sale, customer));
    sale.release(bobs);
    leave(sale, ann ?? "");
    expect(entry(sale, carol ?? "").status).toBe("offered");
    sale.at(600).object.wake();
    expect(entry(sale, carol ?? "").status).toBe("lapsed");
    expect(entry(sale, dave ?? "").status).toBe("offered");
  });
});

describe("units that come back", () => {
  it.each([
    { from: "a release", act: (sale: Sale, bobs: string) => sale.release(bobs) },
    { from: "an expiry", act: (sale: Sale) => sale.at(900).object.wake() },
    { from: "a confirmation in part", act: (sale: Sale, bobs: string) => sale.confirm(bobs, { quantity: 1 }) },
    {
      from: "a return",
      act: (sale: Sale, bobs: string) => [sale.confirm(bobs), sale.giveBack(bobs, 1)],
    },
    { from: "an adjustment", act: (sale: Sale) => sale.adjust(1) },
  ])("[WTL5] by $from go to those who wait before they go on sale", ({ act }) => {
    const { sale, bobs } = soldOut(2);
    const id = wait(sale, "ann");
    act(sale, bobs);
    expect(entry(sale, id).status).toBe("offered");
  });

  it("[WTL5] are not for sale to the next command of the same batch", () => {
    const { sale, bobs } = soldOut();
    const id = wait(sale, "ann");
    const commands: Command[] = [{ type: "release", id: bobs }, sale.wish({ customer: "dave" })];
    const [released, reserved] = partsOf(
      sale.run({ type: "batch", requests: commands.map((command) => request(command)) }),
    );
    expect(released).toMatchObject({ ok: true, stock: { available: 0, state: "held_elsewhere" } });
    expect(refusalOf(reserved)).toMatchObject({ code: "insufficient-stock", available: 0 });
    expect(entry(sale, id).status).toBe("offered");
  });

  it("[WTL6] pass by those who want more than there is, and come back to them", () => {
    const { sale, bobs } = soldOut(3);
    const [big, small] = [wait(sale, "ann", 3), wait(sale, "carol", 1)];
    sale.confirm(bobs, { quantity: 2 });
    expect(entry(sale, big).status).toBe("waiting");
    expect(entry(sale, small).status).toBe("offered");
    sale.adjust(3);
    expect(entry(sale, big).status).toBe("offered");
  });

  it("[WTL6] go on sale when they fit nobody", () => {
    const { sale, bobs } = soldOut(2);
    wait(sale, "ann", 2);
    sale.confirm(bobs, { quantity: 1 });
    expect(verdictOf(sale.reserve({ customer: "dave" }))).toBe("ok");
  });

  it("[WTL7] are not offered to those over their limit, whose entry is withdrawn", () => {
    const { sale, bobs } = soldOut(3, { perCustomerLimit: 3 });
    const [ann, carol] = [wait(sale, "ann", 2), wait(sale, "carol", 1)];
    sale.edit({ perCustomerLimit: 1 });
    sale.release(bobs);
    expect(entry(sale, ann)).toMatchObject({ status: "withdrawn", reason: "limit-exceeded", reservation: null });
    expect(entry(sale, carol).status).toBe("offered");
  });

  it("[WTL7] count what the customer has got in the meantime", () => {
    const { sale, bobs } = soldOut(3, { perCustomerLimit: 3 });
    const id = wait(sale, "ann", 3);
    sale.confirm(bobs, { quantity: 2 });
    sale.hold({ customer: "ann" });
    sale.adjust(3);
    expect(entry(sale, id)).toMatchObject({ status: "withdrawn", reason: "limit-exceeded" });
  });

  it("[WTL8] wait while the sale is paused, and are offered when it goes on", () => {
    const { sale, bobs } = soldOut();
    const id = wait(sale, "ann");
    sale.edit({ paused: true });
    sale.release(bobs);
    expect(entry(sale, id).status).toBe("waiting");
    sale.edit({ paused: false });
    expect(entry(sale, id).status).toBe("offered");
  });

  it("[WTL8] are for nobody once the sale has closed, which sends all who wait home after a while", () => {
    const { sale, bobs } = soldOut(1, { closesAt: START + 5_000, waitlistKeptSeconds: 60 });
    const ids = ["ann", "carol"].map((customer) => wait(sale, customer));
    expect(sale.at(5).typesOf(() => sale.object.wake())).toEqual(["sale.closed"]);
    expect(sale.typesOf(() => sale.release(bobs))).toEqual(["reservation.released", "stock.back"]);
    expect(sale.at(64.999).typesOf(() => sale.object.wake())).toEqual([]);
    expect(sale.at(65).typesOf(() => sale.object.wake())).toEqual(["waitlist.withdrawn", "waitlist.withdrawn"]);
    for (const id of ids) expect(entry(sale, id)).toMatchObject({ status: "withdrawn", reason: "closed" });
    expect(sale.sku.waiting).toBe(0);
  });

  it("[WTL9] go to more than one transaction can serve, before anybody else gets one", () => {
    const count = SERVE_ENTRIES_MAX + 20;
    const { sale } = soldOut();
    for (let index = 0; index < count; index++) wait(sale, `w${index}`);
    const commands: Command[] = [
      { type: "adjust", delta: count + 5, reason: "found" },
      sale.wish({ customer: "dave" }),
    ];
    const [, reserved] = sale.object.execute(commands.map((command) => request(command)));
    expect(refusalOf(reserved)).toMatchObject({ code: "insufficient-stock", available: 0, state: "held_elsewhere" });
    sale.object.wake();
    expect(sale.sku.waiting).toBe(0);
    expect(verdictOf(sale.reserve({ customer: "dave" }))).toBe("ok");
  });
});

describe("an entry", () => {
  it("[WTL10] is its customer's own: for others it does not exist", () => {
    const { sale } = soldOut();
    const id = wait(sale, "ann");
    expect(verdictOf(leave(sale, id, shopper("bob")))).toBe("not-found");
    expect(verdictOf(leave(sale, "nobody"))).toBe("not-found");
    expect(sale.typesOf(() => leave(sale, id, shopper("ann")))).toEqual(["waitlist.withdrawn"]);
    expect(entry(sale, id)).toMatchObject({ status: "withdrawn", reason: "left" });
  });
});

describe("an offer that a drop's limit counts", () => {
  function limited() {
    const { sale, bobs } = soldOut();
    const ids = ["ann", "carol"].map((customer) => wait(sale, customer));
    sale.release(bobs);
    leave(sale, ids[0] ?? "");
    sale.at(600).object.wake();
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
    const [dave, eve] = [wait(sale.at(601), "dave", 2), wait(sale, "eve", 2)];
    sale.run({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } });
    const types = sale.typesOf(() => sale.adjust(1));
    return { sale, dave, eve, types };
  }

  function settle(sale: Sale, id: string, granted: boolean): Outcome {
    const offer = entry(sale, id).reservation ?? "";
    return sale.run({ type: "settle", id: offer, granted, of: "reserve" }, { actor: { role: "service" } });
  }

  it("[WTL11] is a try first, and its customer still waits", () => {
    const { sale, dave, types } = limited();
    expect(types).toEqual(["stock.adjusted", "reservation.tried"]);
    expect(entry(sale, dave)).toMatchObject({ status: "waiting" });
    expect(sale.typesOf(() => settle(sale, dave, true))).toEqual(["reservation.held", "waitlist.offered"]);
    expect(entry(sale, dave)).toMatchObject({ status: "offered", offerExpiresAt: START + 1_201_000 });
  });

  it("[WTL11] that is not granted is withdrawn, and goes to the next", () => {
    const { sale, dave, eve } = limited();
    expect(sale.typesOf(() => settle(sale, dave, false))).toEqual([
      "reservation.cancelled",
      "waitlist.withdrawn",
      "reservation.tried",
    ]);
    expect(entry(sale, dave)).toMatchObject({ status: "withdrawn", reason: "limit-exceeded", reservation: null });
    expect(entry(sale, eve).reservation).not.toBeNull();
  });

  it("[WTL11] that nobody could be asked about lapses, and its customer keeps the place", () => {
    const { sale, dave } = limited();
    sale.at(612).object.wake();
    expect(entry(sale, dave)).toMatchObject({ status: "waiting", reservation: null });
  });

  it("[WTL11] can be left while it is tried", () => {
    const { sale, dave } = limited();
    expect(sale.typesOf(() => leave(sale, dave)).slice(0, 2)).toEqual(["reservation.cancelled", "waitlist.withdrawn"]);
  });
});
