import { describe, expect, it } from "vitest";
import type { Command, Outcome, SettleCommand } from "../../src/domain/command.ts";
import type { Reservation } from "../../src/domain/model.ts";
import { partsOf, refusalOf, request, reservationOf, Sale, verdictOf } from "./sale.ts";

const SERVICE = { actor: { role: "service" as const } };
const LAPSED = { code: "hold-expired", refundRequired: false };

/** A sale in a drop that counts units per customer. */
function limited(stock = 5): Sale {
  const sale = new Sale(stock);
  const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
  sale.run({ type: "enroll", drop: "drop", terms }, SERVICE);
  return sale;
}

function tried(outcome: Outcome | undefined): Reservation {
  if (!outcome?.ok || outcome.type !== "try") throw new Error(`no try: ${JSON.stringify(outcome)}`);
  return outcome.reservation;
}

function settle(sale: Sale, id: string, rest: Partial<SettleCommand> = {}): Outcome {
  return sale.run({ type: "settle", id, granted: true, of: "reserve", ...rest }, SERVICE);
}

/** A hold that has died, and a payment for it that waits for its grant. */
function paidLate(): { sale: Sale; id: string; payment: Command } {
  const sale = limited();
  const { id } = tried(sale.reserve());
  settle(sale, id);
  const payment: Command = { type: "confirm", id, orderId: "o" };
  sale.at(1000).object.wake();
  return { sale, id, payment };
}

describe("an answer that is not about the try that waits", () => {
  it.each([true, false])("[TRY6] to the reserve leaves the late payment waiting: granted %s", (granted) => {
    const { sale, id, payment } = paidLate();
    const waiting = tried(sale.run(payment));
    expect(sale.typesOf(() => settle(sale, id, { granted }))).toEqual([]);
    expect(sale.kept(id)).toEqual(waiting);
    expect(reservationOf(settle(sale, id, { of: "confirm" }))).toMatchObject({ status: "confirmed", rescued: true });
  });

  it("[TRY6] to the reserve is told that nothing happened, not that there is a hold", () => {
    const { sale, id, payment } = paidLate();
    tried(sale.run(payment));
    expect(refusalOf(settle(sale, id))).toEqual(LAPSED);
  });

  it("[TRY6] to an earlier try of the same payment leaves the later one waiting", () => {
    const { sale, id, payment } = paidLate();
    const first = tried(sale.run(payment));
    sale.at(1010).object.wake();
    const second = tried(sale.run(payment));
    const late = { of: "confirm" as const, version: first.version };
    expect(sale.typesOf(() => expect(refusalOf(settle(sale, id, late))).toEqual(LAPSED))).toEqual([]);
    expect(sale.kept(id)).toEqual(second);
    expect(reservationOf(settle(sale, id, { of: "confirm", version: second.version }))).toMatchObject({
      rescued: true,
    });
  });

  it("[TRY2] does not settle a reserve when it was about a payment", () => {
    const sale = limited();
    const { id } = tried(sale.reserve());
    expect(sale.typesOf(() => expect(refusalOf(settle(sale, id, { of: "confirm" }))).toEqual(LAPSED))).toEqual([]);
    expect(sale.kept(id).attempt).not.toBeNull();
  });
});

describe("the key of a late payment whose try has lapsed", () => {
  const first = { key: "first", content: "c" };
  const second = { key: "second", content: "c" };

  it("[TRY5] joins the try that waits now, and does not speak for the one that is over", () => {
    const { sale, payment } = paidLate();
    const over = tried(sale.run(payment, first));
    sale.at(1010).object.wake();
    const now = tried(sale.run(payment, second));
    expect(now.version).toBeGreaterThan(over.version);
    expect(tried(sale.run(payment, first))).toEqual(now);
  });

  it("[TRY5] finds its own try for as long as that waits", () => {
    const { sale, payment } = paidLate();
    const waiting = tried(sale.run(payment, first));
    expect(sale.at(1009).run(payment, first)).toMatchObject({ ok: true, type: "try", replayed: true });
    expect(tried(sale.run(payment, first))).toEqual(waiting);
  });
});

describe("a reserve with a key of its own inside a batch", () => {
  const wish = (sale: Sale) => request(sale.wish(), { key: "inner", content: "c" });

  /** Sends the same reserve again in another batch, or twice in one. */
  function send(sale: Sale, key: string, times = 1): Outcome[] {
    const requests = Array.from({ length: times }, () => wish(sale));
    return partsOf(sale.run({ type: "batch", requests }, { key, content: key }));
  }

  it("[TRY5] [BAT4] is not made a second time once its try was granted, whatever has become of it", () => {
    const sale = limited();
    const { id } = tried(send(sale, "one")[0]);
    settle(sale, id, { answer: { key: "one", part: 0 } });
    expect(send(sale, "two")[0]).toMatchObject({ ok: true, type: "reservation", replayed: true, reservation: { id } });
    expect(sale.counts().held).toBe(1);
    sale.at(1000).object.wake();
    expect(reservationOf(send(sale, "three")[0])).toMatchObject({ id, status: "expired" });
    expect(sale.counts().held).toBe(0);
  });

  it("[TRY5] [BAT4] sent twice in one batch is one try", () => {
    const sale = limited();
    const [one, other] = send(sale, "one", 2).map((part) => tried(part).id);
    expect(other).toBe(one);
    expect(sale.counts().held).toBe(1);
  });

  it("[TRY5] [BAT4] is made afresh when its try was refused or lapsed", () => {
    const sale = limited();
    const refused = tried(send(sale, "one")[0]).id;
    settle(sale, refused, { granted: false, answer: { key: "one", part: 0 } });
    const lapsed = tried(send(sale, "two")[0]).id;
    expect(lapsed).not.toBe(refused);
    expect(tried(send(sale.at(10), "three")[0]).id).not.toBe(lapsed);
    sale.object.wake();
    expect(sale.counts().held).toBe(1);
  });
});

describe("a try", () => {
  const key = { key: "k", content: "c" };
  const answer = { key: "k", part: null };

  it("[TRY5] that was refused leaves its key free for other content", () => {
    const sale = limited();
    const { id } = tried(sale.run(sale.wish(), key));
    const refusal = { code: "limit-exceeded", limit: 1, used: 1, remaining: 0, scope: "drop" } as const;
    settle(sale, id, { granted: false, refusal, answer });
    expect(tried(sale.run(sale.wish(), { ...key, content: "other" })).id).not.toBe(id);
  });

  it("[TRY2] settled again under its key is answered as the first time, whatever has happened since", () => {
    const sale = limited();
    const { id } = tried(sale.run(sale.wish(), key));
    const first = settle(sale, id, { answer });
    sale.release(id);
    expect(sale.typesOf(() => expect(settle(sale, id, { answer })).toEqual({ ...first, replayed: true }))).toEqual([]);
  });

  it("[TRY2] that its drop refuses goes to whoever comes next", () => {
    const sale = limited(1);
    const { id } = tried(sale.reserve());
    expect(verdictOf(sale.reserve({ customer: "bob" }))).toBe("insufficient-stock");
    settle(sale, id, { granted: false });
    expect(tried(sale.reserve({ customer: "bob" })).quantity).toBe(1);
  });
});
