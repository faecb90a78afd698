import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CART_KEPT_MS, CARTS_PER_ALARM_MAX } from "../../src/domain/bounds.ts";
import type { Cart } from "../../src/domain/cart.ts";
import { cartIdOf, cartObjectOf } from "../../src/domain/cart-placement.ts";
import type { CartOutcome, CartRequest } from "../../src/domain/cart-requests.ts";
import type { Request } from "../../src/domain/command.ts";
import type { CartObject } from "../../src/objects/cart/cart-object.ts";
import type { SkuObject } from "../../src/objects/sku/sku-object.ts";
import { breakD1 } from "./d1-state.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

const STOREFRONT = { role: "storefront" as const };
const HOLD_MS = 900_000;

/** One object of its own for each test: others know nothing of its number. */
let objects = 100;
beforeEach(() => void objects++);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** An id whose cart lives in the one object that all carts of this test share. */
function idHere(): string {
  for (;;) {
    const id = cartIdOf(crypto.randomUUID()).replace(/\d+$/, `${objects}`);
    if (cartObjectOf(id) === `carts-0-of-${objects}`) return id;
  }
}

function object(): DurableObjectStub<CartObject> {
  return env.CART.getByName(`carts-0-of-${objects}`);
}

async function open(id: string, skus: readonly ObjectSale[], patienceMs?: number): Promise<CartOutcome> {
  const lines = skus.map(({ name }) => ({ sku: name, quantity: 1, reservation: crypto.randomUUID() }));
  const wanted = { id, customer: id, role: "storefront" as const, mode: "all_or_nothing" as const, ttlSeconds: null };
  return (await object().open({ ...wanted, lines, content: "c" }, 0, patienceMs)).outcome as CartOutcome;
}

async function act(id: string, ask: CartRequest["ask"]): Promise<CartOutcome> {
  return (await object().act(id, { actor: STOREFRONT, ask, key: null, content: "" }, 0)).outcome as CartOutcome;
}

const look = (id: string) => object().look(id, STOREFRONT) as Promise<Cart | null>;
const confirm = (id: string) => act(id, { type: "confirm", orderId: `order of ${id}` });

/** What SKUs do with the calls that they get from now on. */
async function onExecute(
  sale: ObjectSale,
  does: (sku: string, requests: Request[], real: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  await runInDurableObject(sale.stub, (instance: SkuObject) => {
    let prototype = Object.getPrototypeOf(instance) as SkuObject;
    while (!Object.hasOwn(prototype, "execute")) prototype = Object.getPrototypeOf(prototype);
    const real = prototype.execute;
    vi.spyOn(prototype, "execute").mockImplementation(function (this: SkuObject, ...given) {
      const sku = (this as unknown as { ctx: DurableObjectState }).ctx.id.name ?? "";
      return does(sku, given[0], () => real.apply(this, given)) as ReturnType<SkuObject["execute"]>;
    });
  });
}

const never = () => new Promise(() => {});
/** The patience of a caller who waits in vain: long enough for everybody else to be answered before. */
const VAIN_MS = 2_000;

/** Which of two ends first. */
function first(stuck: Promise<unknown>, other: Promise<unknown>): Promise<string> {
  return Promise.race([stuck.then(() => "the one that waits in vain"), other.then(() => "the other")]);
}

describe("carts of one object", () => {
  it("[CRT28] say what they have to say to a SKU in few calls, each hearing its own answers", async () => {
    const sales = [await ObjectSale.open(30), await ObjectSale.open(30)];
    const calls: number[] = [];
    await onExecute(sales[0] as ObjectSale, (_sku, requests, real) => {
      calls.push(requests.length);
      return real();
    });
    const ids = Array.from({ length: 40 }, idHere);
    const outcomes = await Promise.all(ids.map((id) => open(id, sales)));
    const held = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.cart] : []));
    expect(held).toHaveLength(30);
    for (const { id, customer } of held) expect(customer).toBe(id);
    for (const sale of sales) {
      expect(await sale.look()).toMatchObject({ held: 30 });
      const rows = await sale.rows<{ customer: string; cart: string }>("SELECT customer, cart FROM reservation");
      for (const { customer, cart } of rows) expect(customer).toBe(cart);
      await sale.audit();
    }
    // A look, a try and a commit for both lines of each, had each made its own calls.
    expect(calls.length).toBeLessThan((40 * 6) / 3);
    expect(Math.max(...calls)).toBeGreaterThan(10);
  });

  it("[CRT29] go on though another waits for a SKU that does not answer", async () => {
    const [dead, alive] = [await ObjectSale.open(5), await ObjectSale.open(5)];
    await onExecute(dead, (sku, _requests, real) => (sku === dead.name ? never() : real()));
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const stuck = open(idHere(), [dead, alive], VAIN_MS);
    const other = open(idHere(), [alive]);
    expect(await first(stuck, other)).toBe("the other");
    expect([(await stuck).ok, (await other).ok]).toEqual([false, true]);
  });

  it("[CRT29] go on though another one's call to the same SKU does not come back", async () => {
    const sale = await ObjectSale.open(5);
    const slow = idHere();
    await onExecute(sale, (_sku, requests, real) =>
      requests.some(({ command }) => command.type === "reserve" && command.cart === slow) ? never() : real(),
    );
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const stuck = open(slow, [sale], VAIN_MS);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const other = open(idHere(), [sale]);
    expect(await first(stuck, other)).toBe("the other");
    expect([(await stuck).ok, (await other).ok]).toEqual([false, true]);
  });

  it("[CRT29] are held though a call that they share fails because of another", async () => {
    const sale = await ObjectSale.open(5);
    const ids = Array.from({ length: 4 }, idHere);
    const [bad] = ids;
    await onExecute(sale, (_sku, requests, real) =>
      requests.some(({ command }) => command.type === "reserve" && command.cart === bad)
        ? Promise.reject(new Error("not now"))
        : real(),
    );
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const opened = ids.map((id) => open(id, [sale], id === bad ? VAIN_MS : undefined));
    const [stuck, ...held] = opened as [Promise<CartOutcome>, ...Promise<CartOutcome>[]];
    expect(await first(stuck, Promise.all(held))).toBe("the other");
    expect((await Promise.all(opened)).map(({ ok }) => ok)).toEqual([false, true, true, true]);
  });

  it("[CRT29] end in time by their object's alarm, though more are due than one alarm takes and one cannot go on", async () => {
    const sale = await ObjectSale.open(500);
    const dead = await ObjectSale.open(5);
    const stuck = idHere();
    await open(stuck, [dead]);
    const ids = Array.from({ length: CARTS_PER_ALARM_MAX + 20 }, idHere);
    await Promise.all(ids.map((id) => open(id, [sale])));
    await onExecute(dead, (sku, _requests, real) => (sku === dead.name ? never() : real()));
    vi.spyOn(console, "warn").mockImplementation(() => {});
    void act(stuck, { type: "extend", ttlSeconds: 1200 });
    stopClock(Date.now() + HOLD_MS + 1_000);
    await runDurableObjectAlarm(object());
    await runDurableObjectAlarm(object());
    const statuses = await runInDurableObject(object(), (_instance, state) =>
      Array.from(
        state.storage.sql.exec<{ status: string; count: number }>(
          "SELECT body ->> '$.status' AS status, COUNT(*) AS count FROM cart WHERE id <> ? GROUP BY 1",
          stuck,
        ),
      ),
    );
    expect(statuses).toEqual([{ status: "expired", count: ids.length }]);
  }, 30_000);
});

describe("a cart that has left its object", () => {
  const count = (table: string) =>
    runInDurableObject(
      object(),
      (_instance, state) =>
        state.storage.sql.exec<{ count: number }>(`SELECT COUNT(*) AS count FROM ${table}`).one().count,
    );

  async function ended(sale: ObjectSale): Promise<{ sold: string; expired: string }> {
    const [sold, expired] = [idHere(), idHere()];
    await open(sold, [sale]);
    await open(expired, [sale]);
    await confirm(sold);
    stopClock(Date.now() + HOLD_MS + 1);
    expect(await look(expired)).toMatchObject({ status: "expired" });
    return { sold, expired };
  }

  async function leave(): Promise<void> {
    // D1 and the queue have to have all of it before.
    const progress = () =>
      runInDurableObject(object(), (_instance, state) => state.storage.sql.exec("SELECT recorded FROM progress").one());
    const recorded = await count("event");
    await expect.poll(progress, { timeout: 10_000 }).toEqual({ recorded });
    stopClock(Date.now() + CART_KEPT_MS + 1);
    await runDurableObjectAlarm(object());
    expect([await count("cart"), await count("event"), await count("command")]).toEqual([0, 0, 0]);
  }

  it("[CRT30] is what it was, and tells what it told before", async () => {
    const sale = await ObjectSale.open(5, { lateConfirmSeconds: 60 });
    const { sold, expired } = await ended(sale);
    const before = [await look(sold), await look(expired)];
    await leave();
    expect([await look(sold), await look(expired)]).toEqual(before);
    expect(await confirm(sold)).toMatchObject({ ok: true, cart: { status: "confirmed" } });
    const refund = { ok: false, refusal: { code: "hold-expired", refundRequired: true } };
    expect(await confirm(expired)).toEqual(refund);
    expect(await look(expired)).toMatchObject({ refunds: [{ orderId: `order of ${expired}` }] });
    expect(await confirm(expired)).toEqual(refund);
    expect(await open(sold, [sale])).toMatchObject({ ok: true, replayed: true, cart: { status: "confirmed" } });
  });

  it("[CRT30] is unknown for as long as D1 does not say, and what never was is asked of nobody", async () => {
    const sale = await ObjectSale.open(5);
    const { sold } = await ended(sale);
    await leave();
    const outage = breakD1();
    expect(await confirm(sold)).toEqual({ ok: false, refusal: { code: "unavailable" } });
    const asked = outage.mock.calls.length;
    expect(await look(idHere())).toBeNull();
    expect(outage.mock.calls.length).toBe(asked);
  });

  it("[CRT30] stays while D1 does not have it", async () => {
    const sale = await ObjectSale.open(5);
    const outage = breakD1();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await ended(sale);
    stopClock(Date.now() + CART_KEPT_MS + 1);
    await runDurableObjectAlarm(object());
    expect(await count("cart")).toBe(2);
    outage.mockRestore();
  });
});
