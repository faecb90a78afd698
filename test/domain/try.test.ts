import { describe, expect, it } from "vitest";
import { ALLOWANCE_OBJECTS } from "../../src/domain/bounds.ts";
import type { Outcome, Refusal, SettleCommand } from "../../src/domain/command.ts";
import { allowanceOf, partsOf, refusalOf, request, reservationOf, Sale, START, shopper, verdictOf } from "./sale.ts";

const OVER: Refusal = { code: "limit-exceeded", limit: 1, used: 1, remaining: 0, scope: "drop" };

/** A sale in a drop with a limit of one unit per customer. */
function limited(stock = 5, members = {}): Sale {
  const sale = new Sale(stock, members);
  const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
  sale.run({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } });
  return sale;
}

function tryOf(outcome: Outcome) {
  if (!outcome.ok || outcome.type !== "try") throw new Error(`no try: ${JSON.stringify(outcome)}`);
  return outcome;
}

function settle(sale: Sale, id: string, rest: Partial<SettleCommand> = {}): Outcome {
  return sale.run({ type: "settle", id, granted: true, of: "reserve", ...rest }, { actor: { role: "service" } });
}

describe("a claim that a drop's limit counts", () => {
  it("[TRY1] sets its units aside for ten seconds at most, and names the limit", () => {
    const sale = limited();
    const { reservation, limit, stock } = tryOf(sale.reserve({ quantity: 2 }));
    expect(reservation).toMatchObject({ status: "held", quantity: 2, expiresAt: START + 10_000 });
    expect(reservation.countedBy).toBe(allowanceOf("drop", reservation.customer));
    expect(limit).toEqual({ drop: "drop", limit: 1, allowances: ALLOWANCE_OBJECTS });
    expect(stock.available).toBe(3);
    expect(sale.counts()).toEqual({ stock: 5, held: 2, sold: 0 });
  });

  it("[TRY1] never outlives the hold that it would be", () => {
    const sale = limited(5, { maxHoldSeconds: 3 });
    expect(tryOf(sale.reserve()).reservation.expiresAt).toBe(START + 3_000);
  });

  it("[TRY2] becomes a hold when it is granted, with its whole time from then on", () => {
    const sale = limited();
    const { id } = tryOf(sale.reserve({ ttlSeconds: 60 })).reservation;
    sale.at(4);
    const types = sale.typesOf(() => expect(reservationOf(settle(sale, id)).expiresAt).toBe(START + 64_000));
    expect(types).toEqual(["reservation.held"]);
    expect(sale.kept(id)).toMatchObject({ status: "held", attempt: null });
  });

  it("[TRY2] becomes a hold that ends by `extendableUntil`, which counts from when it was tried", () => {
    const sale = limited(5, { maxHoldSeconds: 60 });
    const { id } = tryOf(sale.reserve()).reservation;
    expect(reservationOf(settle(sale.at(4), id))).toMatchObject({
      expiresAt: START + 60_000,
      extendableUntil: START + 60_000,
    });
  });

  it("[TRY2] gives its units back and leaves nothing when it is refused", () => {
    const sale = limited();
    const { id } = tryOf(sale.reserve()).reservation;
    const types = sale.typesOf(() =>
      expect(refusalOf(settle(sale, id, { granted: false, refusal: OVER }))).toEqual(OVER),
    );
    expect(types).toEqual(["reservation.cancelled"]);
    expect(sale.object.reservations.has(id)).toBe(false);
    expect(sale.counts()).toEqual({ stock: 5, held: 0, sold: 0 });
  });

  it("[TRY3] lapses by itself, and cannot be granted any more", () => {
    const sale = limited();
    const { id } = tryOf(sale.reserve()).reservation;
    const types = sale.at(10).typesOf(() => sale.object.wake());
    expect(types).toEqual(["reservation.cancelled"]);
    expect(refusalOf(settle(sale, id))).toEqual({ code: "hold-expired", refundRequired: false });
    expect(sale.counts().held).toBe(0);
  });

  it("[TRY2] settled again answers as it stands, and changes nothing", () => {
    const sale = limited();
    const { id } = tryOf(sale.reserve()).reservation;
    const first = settle(sale, id);
    expect(sale.typesOf(() => expect(settle(sale, id)).toEqual(first))).toEqual([]);
    expect(sale.typesOf(() => settle(sale, id, { granted: false }))).toEqual([]);
    expect(sale.kept(id).status).toBe("held");
  });

  it.each(["confirm", "extend", "release", "return"] as const)("[TRY4] does not exist for a %s", (type) => {
    const sale = limited();
    const { id } = tryOf(sale.reserve()).reservation;
    const command = type === "return" ? { type, id, restock: true } : { type, id };
    for (const actor of [shopper("ann"), { role: "storefront" as const }, { role: "admin" as const }]) {
      expect(verdictOf(sale.run(command, { actor }))).toBe("not-found");
    }
  });

  it("[TRY1] is judged like any reserve before: the sale, its own limits and the stock come first", () => {
    const sale = limited(1, { maxPerReservation: 2, perCustomerLimit: 1 });
    expect(refusalOf(sale.reserve({ quantity: 3 }))).toMatchObject({ code: "limit-exceeded", scope: "reservation" });
    expect(refusalOf(sale.reserve({ quantity: 2 }))).toMatchObject({ code: "limit-exceeded", scope: "sku" });
    tryOf(sale.reserve({ customer: "bob" }));
    expect(refusalOf(sale.reserve())).toMatchObject({ code: "insufficient-stock", state: "held_elsewhere" });
  });
});

describe("the key of a claim that is tried", () => {
  const key = { key: "k", content: "c" };

  it("[TRY5] finds the try again while it waits, and the hold afterwards", () => {
    const sale = limited();
    const command = sale.wish();
    const { reservation } = tryOf(sale.run(command, key));
    const again = tryOf(sale.run(sale.wish(), key));
    expect(again.reservation.id).toBe(reservation.id);
    settle(sale, reservation.id, { answer: { key: "k", part: null } });
    expect(sale.run(sale.wish(), key)).toMatchObject({
      ok: true,
      type: "reservation",
      replayed: true,
      reservation: { id: reservation.id, attempt: null },
    });
    expect(sale.counts().held).toBe(1);
  });

  it("[TRY5] stands for nothing after a refusal", () => {
    const sale = limited();
    const { id } = tryOf(sale.run(sale.wish(), key)).reservation;
    settle(sale, id, { granted: false, refusal: OVER, answer: { key: "k", part: null } });
    expect(tryOf(sale.run(sale.wish(), key)).reservation.id).not.toBe(id);
  });

  it("[TRY5] is judged afresh when the try has lapsed", () => {
    const sale = limited();
    const { id } = tryOf(sale.run(sale.wish(), key)).reservation;
    sale.at(10);
    const fresh = tryOf(sale.run(sale.wish(), key)).reservation.id;
    expect(fresh).not.toBe(id);
    settle(sale, fresh, { answer: { key: "k", part: null } });
    expect(reservationOf(sale.run(sale.wish(), key)).id).toBe(fresh);
  });

  it("[TRY5] with other content is refused as ever", () => {
    const sale = limited();
    sale.run(sale.wish(), key);
    expect(verdictOf(sale.run(sale.wish(), { ...key, content: "other" }))).toBe("idempotency-key-reused");
  });

  it("[TRY5] [BAT3] of a batch stands for the settled parts, each in its place", () => {
    const sale = limited();
    const batch = () => ({
      type: "batch" as const,
      requests: [request(sale.wish({ customer: "ann" })), request(sale.wish({ customer: "bob" }))],
    });
    const [ann, bob] = partsOf(sale.run(batch(), key)).map((part) => tryOf(part).reservation.id);
    settle(sale, ann ?? "", { answer: { key: "k", part: 0 } });
    settle(sale, bob ?? "", { granted: false, refusal: OVER, answer: { key: "k", part: 1 } });
    const [first, second] = partsOf(sale.run(batch(), key));
    expect(reservationOf(first).id).toBe(ann);
    expect(refusalOf(second)).toEqual(OVER);
  });
});

describe("a late payment under a drop's limit", () => {
  function late(quantity = 2) {
    const sale = limited(5);
    const { id } = tryOf(sale.reserve({ quantity })).reservation;
    settle(sale, id);
    const { expiresAt } = sale.kept(id);
    sale.at(1000).object.wake();
    return { sale, id, expiresAt };
  }

  it("[TRY6] is tried, and sold when it is granted", () => {
    const { sale, id, expiresAt } = late();
    const attempt = tryOf(sale.confirm(id, { quantity: 1, orderId: "o" }));
    expect(attempt.reservation).toMatchObject({ status: "held", quantity: 1 });
    expect(sale.counts().held).toBe(1);
    expect(reservationOf(settle(sale, id, { of: "confirm" }))).toMatchObject({
      status: "confirmed",
      quantity: 2,
      confirmedQuantity: 1,
      orderId: "o",
      rescued: true,
      expiresAt,
    });
    expect(sale.counts()).toEqual({ stock: 5, held: 0, sold: 1 });
  });

  it("[TRY6] [CNF8] is refunded for good when it is not", () => {
    const { sale, id } = late();
    tryOf(sale.confirm(id, { orderId: "o" }));
    const refund = { code: "hold-expired", refundRequired: true };
    expect(
      sale.typesOf(() => expect(refusalOf(settle(sale, id, { granted: false, of: "confirm" }))).toEqual(refund)),
    ).toEqual(["reservation.cancelled", "reservation.refund_required"]);
    expect(refusalOf(sale.confirm(id, { orderId: "o" }))).toEqual(refund);
    expect(sale.counts()).toEqual({ stock: 5, held: 0, sold: 0 });
  });

  it("[TRY6] is late again when the try lapses, as if nobody had paid", () => {
    const { sale, id, expiresAt } = late();
    tryOf(sale.confirm(id, { quantity: 1, orderId: "o" }));
    sale.at(1010).object.wake();
    expect(sale.kept(id)).toMatchObject({ status: "expired", expiresAt, quantity: 2, refunds: [] });
    expect(refusalOf(settle(sale, id, { of: "confirm" }))).toEqual({ code: "hold-expired", refundRequired: false });
    tryOf(sale.confirm(id, { orderId: "o" }));
  });

  it("[TRY6] waits for one decision: the same call joins it, another has to come again", () => {
    const { sale, id } = late();
    const first = tryOf(sale.confirm(id, { orderId: "o" }));
    expect(tryOf(sale.confirm(id, { orderId: "o" })).reservation).toEqual(first.reservation);
    expect(verdictOf(sale.confirm(id, { orderId: "p" }))).toBe("overloaded");
    expect(verdictOf(sale.extend(id))).toBe("hold-expired");
    expect(sale.typesOf(() => expect(verdictOf(sale.release(id))).toBe("ok"))).toEqual([]);
    expect(verdictOf(sale.giveBack(id))).toBe("not-confirmed");
  });
});
