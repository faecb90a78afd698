import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, tokenFor } from "../client.ts";
import { breakD1 } from "../objects/d1-state.ts";
import { clockTo, heldCart, readCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";
import { join } from "./waitlist-client.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Tokens that outlive these weeks. */
const [storefront, ann, bob] = await Promise.all([
  tokenFor("storefront", "shop", "300d"),
  tokenFor("shopper", "ann", "300d"),
  tokenFor("shopper", "bob", "300d"),
]);

const DAY_MS = 24 * 60 * 60 * 1000;
const TERMS = { holdTtlSeconds: 5, lateConfirmSeconds: 3600 };
const REFUND = { refundRequired: true };

function on(held: Answer, action: string, body: Record<string, unknown> = {}, as = storefront): Promise<Answer> {
  const path = `/v1/skus/${held.body.sku}/reservations/${held.body.id}/${action}`;
  return call("POST", path, { as, body, headers: { "Idempotency-Key": crypto.randomUUID(), Prefer: "wait=5" } });
}

function read(held: Answer, as = storefront): Promise<Answer> {
  return call("GET", `/v1/skus/${held.body.sku}/reservations/${held.body.id}`, { as });
}

function rowsOf(sku: string): Promise<unknown[]> {
  return runInDurableObject(env.SKU.getByName(sku), (_one, { storage }) =>
    storage.sql.exec("SELECT id FROM reservation").toArray(),
  );
}

/** Weeks pass, and what has ended leaves its object. */
async function weeksPass(sku: string, weeks = 2): Promise<void> {
  clockTo(new Date(Date.now() + weeks * 7 * DAY_MS).toISOString());
  await expect
    .poll(
      async () => {
        await runDurableObjectAlarm(env.SKU.getByName(sku));
        return rowsOf(sku);
      },
      { timeout: 10_000 },
    )
    .toEqual([]);
}

/** A hold of three units that ended, of a SKU of which one unit is sold since then: no rescue is possible. */
async function expired(): Promise<Answer> {
  const body = { customer: "ann", quantity: 3, metadata: { gift: "yes" } };
  const held = await call("POST", `/v1/skus/${await newSku(3, TERMS)}/reservations`, { as: storefront, body });
  clockTo(held.body.expiresAt, 1000);
  await call("POST", `/v1/skus/${held.body.sku}/adjustments`, {
    as: admin,
    body: { delta: -1, reason: "gone" },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });
  return held;
}

function refundsOf(sku: string): Promise<unknown[]> {
  return env.DB.prepare(
    "SELECT detail ->> '$.refund.orderId' AS orderId FROM event WHERE sku = ? AND type = 'reservation.refund_required' ORDER BY sequence",
  )
    .bind(sku)
    .all<{ orderId: string }>()
    .then(({ results }) => results.map(({ orderId }) => orderId));
}

describe("the log", () => {
  it("[LOG3] has every event from the first when the object has forgotten them", async () => {
    const { sku } = (await expired()).body;
    const log = async () => {
      const { body } = await call("GET", `/v1/events?sku=${sku}&after=0`, { as: storefront });
      return body.items as { sequence: number; type: string }[];
    };
    await expect.poll(async () => (await log()).at(-1)?.type).toBe("stock.back");
    const whole = await log();
    expect(whole[0]).toMatchObject({ sequence: 1, type: "sku.created" });
    expect(whole.map(({ type }) => type)).toContain("reservation.expired");
    await weeksPass(String(sku));
    const kept = await runInDurableObject(env.SKU.getByName(String(sku)), (_one, { storage }) =>
      storage.sql.exec("SELECT sequence FROM event").toArray(),
    );
    expect(kept).toEqual([]);
    expect(await log()).toEqual(whole);
  });
});

describe("a reservation that has left its object", () => {
  it("[CNF12] answers the order that was refused as before, and writes nothing", async () => {
    const held = await expired();
    expectProblem(await on(held, "confirm", { orderId: "one" }), "hold-expired", REFUND);
    const before = (await read(held)).body;
    await weeksPass(String(held.body.sku));
    for (let round = 0; round < 2; round++) {
      expectProblem(await on(held, "confirm", { orderId: "one" }), "hold-expired", REFUND);
    }
    expect((await read(held)).body).toEqual(before);
    expectProblem(await on(held, "extend"), "hold-expired", REFUND);
    expect((await on(held, "release")).body).toMatchObject({ id: held.body.id, status: "expired" });
    expectProblem(await on(held, "return"), "not-confirmed");
    expect(await rowsOf(String(held.body.sku))).toEqual([]);
    expect(await refundsOf(String(held.body.sku))).toEqual(["one"]);
  });

  it.each(["expired", "released"])(
    "[CNF12] judges a first payment for what was %s, writes it, and lets it leave again",
    async (how) => {
      const held = how === "expired" ? await expired() : await reserve(await newSku(3, TERMS), "ann", 3);
      if (how === "released") await on(held, "release");
      const sku = String(held.body.sku);
      const code = how === "expired" ? "hold-expired" : "already-released";
      await call("GET", `/v1/skus/${sku}`, { as: storefront });
      await weeksPass(sku);
      for (const orderId of ["one", "two"]) expectProblem(await on(held, "confirm", { orderId }), code, REFUND);
      const refunds = [{ orderId: "two" }, { orderId: "one" }];
      const metadata = how === "expired" ? { gift: "yes" } : {};
      expect((await read(held)).body).toMatchObject({ status: how, refunds, metadata });
      await weeksPass(sku);
      for (const orderId of ["one", "two"]) expectProblem(await on(held, "confirm", { orderId }), code, REFUND);
      expect(await rowsOf(sku)).toEqual([]);
      expect(await refundsOf(sku)).toEqual(["one", "two"]);
      expect((await call("GET", `/v1/skus/${sku}`, { as: storefront })).body).toMatchObject({ held: 0, sold: 0 });
    },
  );

  it("[CNF12] is unavailable, never unknown, while D1 cannot be read", async () => {
    const held = await expired();
    const unpaid = await reserve(String(held.body.sku), "bob", 1);
    await on(unpaid, "release");
    await on(held, "confirm", { orderId: "one" });
    await weeksPass(String(held.body.sku));
    vi.spyOn(console, "error").mockImplementation(() => {});
    const outage = breakD1();
    for (const action of ["confirm", "extend", "release", "return"]) {
      const answer = await on(held, action);
      expectProblem(answer, "unavailable");
      expect(answer.headers.get("Retry-After")).toBe("1");
    }
    expectProblem(await read(held), "unavailable");
    const commands = [{ type: "confirm", id: held.body.id, orderId: "one" }];
    const batch = () => call("POST", `/v1/skus/${held.body.sku}/batch`, { as: storefront, body: { commands } });
    expectProblem(await batch(), "unavailable");
    outage.mockRestore();
    expect((await batch()).body.outcomes).toMatchObject([{ status: 409, body: { code: "hold-expired", ...REFUND } }]);
    expectProblem(await on(unpaid, "confirm"), "already-released", REFUND);
  });

  it("[CNF12] stays its customer's own", async () => {
    const held = await expired();
    await on(held, "confirm");
    await weeksPass(String(held.body.sku));
    expectProblem(await read(held, bob), "not-found");
    expectProblem(await on(held, "extend", {}, bob), "not-found");
    expect((await read(held, ann)).status).toBe(200);
    expectProblem(await on(held, "extend", {}, ann), "hold-expired", REFUND);
  });

  it("[CNF12] is looked for only where it may have left, and is unknown where there never was one", async () => {
    const never = ({ body }: Answer) => ({ ...held, body: { ...body, id: `${String(body.id).slice(0, -4)}0000` } });
    const sku = await newSku(3, TERMS);
    const held = await reserve(sku, "ann", 3);
    const prepared = vi.spyOn(Object.getPrototypeOf(env.DB) as D1Database, "prepare");
    const looks = () => prepared.mock.calls.filter(([query]) => query.includes("FROM reservation WHERE id IN")).length;
    const askFor = async (answer: Answer) => {
      prepared.mockClear();
      expectProblem(await on(answer, "confirm"), "not-found");
      expectProblem(await read(answer), "not-found");
      return looks();
    };
    expect(await askFor(never(held))).toBe(0);
    await on(held, "release");
    await weeksPass(sku);
    expect(await askFor(never(held))).toBe(2);
    // Events are there again, so that it is known of what was made after them.
    await reserve(sku, "bob", 1);
    clockTo(new Date(Date.now() + 2 * DAY_MS).toISOString());
    expect(await askFor(never(held))).toBe(2);
    expect(await askFor(never(await reserve(sku, "cid", 1)))).toBe(0);
  });

  it("[CNF12] may have been an offer, whose place on the waitlist has left with it", async () => {
    const sku = await newSku(1, { ...TERMS, offerTtlSeconds: 5 });
    const held = await reserve(sku, "ann", 1);
    const place = await join(sku, "bob");
    await on(held, "release");
    const own = await call("GET", `/v1/skus/${sku}/me?customer=bob`, { as: storefront });
    const [offer] = own.body.reservations as Answer["body"][];
    const offered = { ...held, body: offer ?? held.body };
    expect(offered.body.status).toBe("held");
    clockTo(offered.body.expiresAt, 1000);
    await call("GET", `/v1/skus/${sku}`, { as: storefront });
    await weeksPass(sku);
    expectProblem(await on(offered, "confirm", { orderId: "late" }), "hold-expired", REFUND);
    expect((await read(offered)).body).toMatchObject({ refunds: [{ orderId: "late" }] });
    const entry = (as: string, method = "GET") => call(method, `/v1/skus/${sku}/waitlist/${place.body.id}`, { as });
    expect((await entry(bob)).body).toMatchObject({ id: place.body.id, status: "lapsed" });
    expect((await entry(bob, "DELETE")).status).toBe(204);
    expectProblem(await entry(ann), "not-found");
    expectProblem(await entry(ann, "DELETE"), "not-found");
    vi.spyOn(console, "error").mockImplementation(() => {});
    breakD1();
    for (const method of ["GET", "DELETE"]) expectProblem(await entry(bob, method), "unavailable");
  });
});

function confirmCart(cart: Answer, body: Record<string, unknown>): Promise<Answer> {
  return call("POST", `/v1/carts/${cart.body.id}/confirm`, { as: storefront, body });
}

describe("a cart whose lines have left their objects", () => {
  it("[CNF12] [CRT20] [CRT24] answers as before, judges another order, and tells its lines", async () => {
    const skus = [await newSku(5, TERMS), await newSku(5, TERMS)];
    const cart = await heldCart(skus, { ttlSeconds: 5 });
    clockTo(cart.body.expiresAt, 3_700_000);
    expectProblem(await confirmCart(cart, { orderId: "one" }), "hold-expired", REFUND);
    for (const sku of skus) {
      await expect.poll(() => refundsOf(sku), { timeout: 5000 }).toEqual(["one"]);
      await weeksPass(sku);
    }
    expectProblem(await confirmCart(cart, { orderId: "one" }), "hold-expired", REFUND);
    expectProblem(await confirmCart(cart, { orderId: "two" }), "hold-expired", REFUND);
    for (const sku of skus) await expect.poll(() => refundsOf(sku), { timeout: 5000 }).toEqual(["one", "two"]);
    expect((await readCart(cart, storefront)).body).toMatchObject({
      status: "expired",
      refunds: [{ orderId: "two" }, { orderId: "one" }],
    });
  });
});
