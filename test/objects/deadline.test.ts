import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Outcome } from "../../src/domain/command.ts";
import type { SkuObject } from "../../src/objects/sku/sku-object.ts";
import { call, newSku, storefront } from "../client.ts";
import { verdictOf } from "../domain/sale.ts";
import { expectProblem } from "../http/verdict.ts";
import { CartCase } from "./cart-case.ts";
import { keyed, ObjectSale, stopClock, wish } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const patience = 10_000;

/** Two calls at once, of which the second waits for the commit of the first; so much time passes meanwhile. */
function whileWaiting(sale: ObjectSale, passedMs: number): Promise<Outcome[]> {
  return runInDurableObject(sale.stub, async (instance) => {
    const now = Date.now();
    stopClock(now);
    const first = instance.execute([keyed(wish({ customer: "ann" }))], 0, patience);
    const second = instance.execute([keyed(wish({ customer: "bob" }))], 0, patience);
    stopClock(now + passedMs);
    return (await Promise.all([first, second])).flatMap(({ outcomes }) => outcomes);
  });
}

describe("a call that has not begun when its caller's patience is over", () => {
  it.each([
    { passedMs: patience - 1, second: "ok", held: 2 },
    { passedMs: patience, second: "overloaded", held: 1 },
    // A clock that was set back says nothing about how long it has waited.
    { passedMs: -3_600_000, second: "ok", held: 2 },
  ])("[TXN8] does not begin: after $passedMs ms it is $second", async ({ passedMs, second, held }) => {
    const sale = await ObjectSale.open(5);
    const outcomes = await whileWaiting(sale, passedMs);
    expect(outcomes.map(verdictOf)).toEqual(["ok", second]);
    expect(await sale.count("reservation")).toBe(held);
    await sale.audit();
  });

  it("[TXN8] does not begin in a cart either", async () => {
    const made = await CartCase.make();
    const lines = [{ sku: made.plain.name, quantity: 1, reservation: crypto.randomUUID() }];
    const { id, customer } = made;
    const wanted = { id, customer, role: "storefront" as const, mode: "all_or_nothing" as const, ttlSeconds: null };
    const { outcome } = await made.stub.open({ ...wanted, lines, content: "c" }, 0, 0);
    expect(outcome).toEqual({ ok: false, refusal: { code: "overloaded" } });
    expect(await made.look()).toBeNull();
  });
});

/** What the object does with every call from now on. */
async function withExecute(sku: string, does: (real: () => Promise<unknown>) => Promise<unknown>): Promise<void> {
  await runInDurableObject(new ObjectSale(sku).stub, (instance: SkuObject) => {
    let prototype = Object.getPrototypeOf(instance) as SkuObject;
    while (!Object.hasOwn(prototype, "execute")) prototype = Object.getPrototypeOf(prototype);
    const real = prototype.execute;
    vi.spyOn(prototype, "execute").mockImplementation(function (this: SkuObject, ...given) {
      return does(() => real.apply(this, given)) as ReturnType<SkuObject["execute"]>;
    });
  });
}

describe("a call of which nobody knows what became", () => {
  const reserve = (sku: string, key: string) =>
    call("POST", `/v1/skus/${sku}/reservations`, {
      as: storefront,
      headers: { "Idempotency-Key": key },
      body: { customer: "ann", quantity: 1 },
    });

  it("[API13] says so, and the same key tells", async () => {
    const sku = await newSku(5);
    vi.spyOn(console, "error").mockImplementation(() => {});
    await withExecute(sku, async (real) => {
      await real();
      throw new Error("lost on the way back");
    });
    const lost = await reserve(sku, "k");
    expectProblem(lost, "unavailable", { outcome: "unknown" });
    expect(lost.headers.get("Retry-After")).toBe("1");
    vi.restoreAllMocks();
    const again = await reserve(sku, "k");
    expect([again.status, again.headers.get("Idempotency-Replayed")]).toEqual([201, "true"]);
    expect(await new ObjectSale(sku).look()).toMatchObject({ held: 1 });
  });

  it("[API13] is none that the platform has not let through: that is a no", async () => {
    const sku = await newSku(5);
    vi.spyOn(console, "error").mockImplementation(() => {});
    await withExecute(sku, () => Promise.reject(Object.assign(new Error("too many calls wait"), { overloaded: true })));
    const { body, status } = await reserve(sku, "k");
    expect([status, body.code, body.outcome]).toEqual([503, "overloaded", undefined]);
  });
});
