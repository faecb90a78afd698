import { describe, expect, it } from "vitest";
import { newSku, storefront, tokenFor } from "../../client.ts";
import { asAdmin, asStorefront, clientOf, taken } from "./through.ts";

/** Loses the answers to the first calls, which the service has dealt with. */
function losing(answers: number) {
  return async (pass: () => Promise<Response>, count: number) => {
    const response = await pass();
    if (count > answers) return response;
    await response.arrayBuffer();
    throw new TypeError("the connection broke");
  };
}

describe("a call whose answer is lost", () => {
  it("[IDM2] is made once, however often it is sent", async () => {
    const sku = await newSku(5);
    const ann = clientOf(await tokenFor("shopper", "ann"), losing(2));
    const result = await ann.reservations.reserve(sku, { quantity: 1 });
    expect(result).toMatchObject({ ok: true, replayed: true });
    expect(await taken(asAdmin().skus.read(sku))).toMatchObject({ held: 1, available: 4 });
  });

  it("[CRT14] of a cart meets its own cart", async () => {
    const sku = await newSku(5);
    const ann = clientOf(await tokenFor("shopper", "ann"), losing(1));
    const cart = await taken(ann.carts.open({ lines: [{ sku, quantity: 2 }] }));
    expect(cart.status).toBe("held");
    expect(await taken(asAdmin().skus.read(sku))).toMatchObject({ held: 2 });
  });

  it("[BAT4] of a batch is made once, and each caller gets its own", async () => {
    const sku = await newSku(3);
    const shop = clientOf(storefront, losing(1));
    const customers = ["ann", "bob", "cat", "dan"];
    const results = await Promise.all(
      customers.map((customer) => shop.reservations.reserve(sku, { quantity: 1, customer })),
    );
    expect(results.map((result) => (result.ok ? result.value.customer : result.refusal.code))).toEqual([
      "ann",
      "bob",
      "cat",
      "insufficient-stock",
    ]);
    expect(shop.seen.map(({ path, attempt }) => [path, attempt])).toEqual([[`/v1/skus/${sku}/batch`, "2"]]);
    expect(await taken(asAdmin().skus.read(sku))).toMatchObject({ held: 3, available: 0 });
  });
});

describe("a storefront's batch", () => {
  it("[BAT1] holds, sells, extends, gives back and takes back in one call", async () => {
    const sku = await newSku(9);
    const { reservations, seen } = asStorefront();
    const hold = (customer: string) => taken(reservations.reserve(sku, { quantity: 1, customer }));
    const [ann, bob, cat] = await Promise.all([hold("ann"), hold("bob"), hold("cat")]);
    await reservations.confirm(sku, cat.id);
    const before = seen.length;
    const results = await Promise.all([
      reservations.confirm(sku, ann.id, { orderId: "o1" }),
      reservations.extend(sku, ann.id),
      reservations.release(sku, bob.id),
      reservations.return(sku, cat.id),
      reservations.reserve(sku, { quantity: 20, customer: "dan" }),
    ]);
    expect(results.map((result) => (result.ok ? result.value.status : result.refusal.code))).toEqual([
      "confirmed",
      "already-confirmed",
      "released",
      "returned",
      "limit-exceeded",
    ]);
    expect(seen.length - before).toBe(1);
  });

  it("[BAT1] of more than a hundred is several, and nobody is mixed up", async () => {
    const sku = await newSku(500);
    const { reservations, seen } = asStorefront();
    const customers = Array.from({ length: 250 }, (_, index) => `c${index}`);
    const results = await Promise.all(
      customers.map((customer) => taken(reservations.reserve(sku, { quantity: 1, customer }))),
    );
    expect(results.map(({ customer }) => customer)).toEqual(customers);
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("[BAT2] with a command that is wrong harms nobody else", async () => {
    const sku = await newSku(5);
    const { reservations } = asStorefront();
    const results = await Promise.allSettled([
      reservations.reserve(sku, { quantity: 1, customer: "ann" }),
      reservations.reserve(sku, { quantity: -1, customer: "bob" }),
      reservations.reserve(sku, { quantity: 1, customer: "cat" }),
    ]);
    expect(results).toMatchObject([
      { status: "fulfilled", value: { ok: true } },
      { status: "rejected", reason: { code: "invalid-request" } },
      { status: "fulfilled", value: { ok: true } },
    ]);
    expect(await taken(asAdmin().skus.read(sku))).toMatchObject({ held: 2 });
  });
});
