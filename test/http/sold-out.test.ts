import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SOLD_OUT_MS } from "../../src/domain/isolate-memory.ts";
import { type Answer, admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";

const key = () => ({ "Idempotency-Key": crypto.randomUUID() });

afterEach(() => {
  vi.restoreAllMocks();
});

/** How old the word was that this answer relied on; null: the SKU answered. */
function ageOf(answer: Answer): string | null {
  return answer.headers.get("Holdfast-Epoch");
}

async function confirm(sku: string, id: string): Promise<void> {
  const answer = await call("POST", `/v1/skus/${sku}/reservations/${id}/confirm`, { as: storefront, body: {} });
  expect(answer.status).toBe(200);
}

/** A SKU of one unit that ann has bought, and that has refused somebody a moment ago. */
async function soldOutSku(policy: Record<string, unknown> = {}): Promise<{ sku: string; bought: string }> {
  const sku = await newSku(1, policy);
  const id = String((await reserve(sku, "ann")).body.id);
  await confirm(sku, id);
  const first = await reserve(sku, "first");
  expect([first.status, ageOf(first)]).toEqual([409, null]);
  return { sku, bought: id };
}

/** The SKU's answer to a reserve, in whatever isolate. */
function byObject(sku: string, customer: string): Promise<Answer> {
  return reserve(sku, customer, 1, key());
}

describe("a SKU that is sold out", () => {
  it("[EPO1] [EPO3] is answered for without its object, as it would answer itself", async () => {
    const { sku } = await soldOutSku();
    const refused = await reserve(sku, "bob");
    expect(Number(ageOf(refused))).toBeLessThan(SOLD_OUT_MS);
    expect(refused.headers.get("Holdfast-Recorded")).toBe("object");
    const own = await byObject(sku, "bob");
    expect([ageOf(own), own.status, own.body]).toEqual([null, refused.status, refused.body]);
  });

  it("[EPO1] is asked again after a second", async () => {
    const { sku } = await soldOutSku();
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + SOLD_OUT_MS);
    expect(ageOf(await reserve(sku, "bob"))).toBeNull();
    vi.spyOn(Date, "now").mockReturnValue(now + 2 * SOLD_OUT_MS - 1);
    expect(ageOf(await reserve(sku, "bob"))).not.toBeNull();
  });

  it("[EPO3] hears of every retry, batch, cart and waitlist itself", async () => {
    const { sku } = await soldOutSku();
    expect(ageOf(await reserve(sku, "bob", 1, { ...key(), "Holdfast-Attempt": "1" }))).not.toBeNull();
    expect(ageOf(await reserve(sku, "bob", 1, { ...key(), "Holdfast-Attempt": "2" }))).toBeNull();
    expect(ageOf(await reserve(sku, "bob", 1, key()))).toBeNull();
    const commands = [{ type: "reserve", customer: "bob", quantity: 1 }];
    const batch = await call("POST", `/v1/skus/${sku}/batch`, { as: storefront, body: { commands } });
    expect([batch.status, ageOf(batch)]).toEqual([200, null]);
    await reserve(sku, "bob");
    const joined = await call("POST", `/v1/skus/${sku}/waitlist`, {
      as: await tokenFor("shopper", "bob"),
      body: { quantity: 1 },
    });
    expect([joined.status, ageOf(joined)]).toEqual([201, null]);
    const lines = [{ sku, quantity: 1 }];
    const cart = await call("POST", "/v1/carts", { as: storefront, body: { customer: "bob", lines } });
    expect([cart.status, ageOf(cart)]).toEqual([409, null]);
  });

  it("[EPO2] is asked for customers at their limit, and for more than anybody may have", async () => {
    const { sku } = await soldOutSku({ perCustomerLimit: 1 });
    const refused = await reserve(sku, "ann");
    expect([ageOf(refused), refused.body.code]).toEqual([null, "limit-exceeded"]);
    const tooMany = await reserve(sku, "bob", 2);
    expect([ageOf(tooMany), tooMany.body.code]).toEqual([null, "limit-exceeded"]);
    expect(ageOf(await reserve(sku, "bob"))).not.toBeNull();
  });

  it.each<[string, (sku: string, bought: string) => Promise<Answer>]>([
    [
      "an adjustment",
      (sku) =>
        call("POST", `/v1/skus/${sku}/adjustments`, { as: admin, body: { delta: 1, reason: "found" }, headers: key() }),
    ],
    [
      "a return",
      (sku, id) =>
        call("POST", `/v1/skus/${sku}/reservations/${id}/return`, { as: storefront, body: {}, headers: key() }),
    ],
    [
      "a batch",
      (sku, id) =>
        call("POST", `/v1/skus/${sku}/batch`, {
          as: storefront,
          body: { commands: [{ type: "return", id, idempotencyKey: "r" }] },
        }),
    ],
  ])("[EPO4] is sold again at once after %s", async (_what, free) => {
    const { sku, bought } = await soldOutSku();
    expect(ageOf(await reserve(sku, "bob"))).not.toBeNull();
    expect((await free(sku, bought)).status).toBe(200);
    expect((await reserve(sku, "bob")).status).toBe(201);
  });

  it("[EPO4] is seen paused at once after an edit", async () => {
    const { sku } = await soldOutSku();
    await call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy: { paused: true } } });
    expect((await reserve(sku, "bob")).body.code).toBe("paused");
  });

  it("[EPO4] believes no word that was asked for before units came back", async () => {
    const { sku, bought } = await soldOutSku();
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + SOLD_OUT_MS);
    const path = `/v1/skus/${sku}/reservations/${bought}/return`;
    const [, back] = await Promise.all([
      reserve(sku, "bob"),
      call("POST", path, { as: storefront, body: {}, headers: key() }),
    ]);
    expect(back.status).toBe(200);
    const after = await reserve(sku, "cid");
    expect([201, 409]).toContain(after.status);
    expect(ageOf(after)).toBeNull();
  });

  it("[EPO5] counts what was refused for it: with the next command, and after a second", async () => {
    const { sku } = await soldOutSku();
    const refusals = async () => {
      const counts = (await env.SKU.getByName(sku).health())?.counts ?? [];
      return counts.find(({ command, outcome }) => command === "reserve" && outcome === "insufficient-stock")?.count;
    };
    for (let index = 0; index < 5; index++) expect(ageOf(await reserve(sku, `c${index}`))).not.toBeNull();
    expect(await refusals()).toBe(1);
    await byObject(sku, "bob");
    await vi.waitFor(async () => expect(await refusals()).toBe(7));
    for (let index = 0; index < 3; index++) expect(ageOf(await reserve(sku, `d${index}`))).not.toBeNull();
    await vi.waitFor(async () => expect(await refusals()).toBe(10), { timeout: 5_000 });
  });
});

describe("a SKU whose units are all held", () => {
  it("[EPO1] [EPO4] is answered for, and sold again at once after a release", async () => {
    const sku = await newSku(1);
    const { id } = (await reserve(sku, "ann")).body;
    await reserve(sku, "first");
    const refused = await reserve(sku, "bob");
    expect([ageOf(refused) === null, refused.body.state]).toEqual([false, "held_elsewhere"]);
    await call("POST", `/v1/skus/${sku}/reservations/${id}/release`, { as: storefront, body: {} });
    expect((await reserve(sku, "bob")).status).toBe(201);
  });

  it("[EPO1] is never answered for past the end of a hold", async () => {
    const sku = await newSku(1);
    const endsAt = Date.parse(String((await reserve(sku, "ann")).body.expiresAt));
    vi.spyOn(Date, "now").mockReturnValue(endsAt - 100);
    await reserve(sku, "first");
    vi.spyOn(Date, "now").mockReturnValue(endsAt - 1);
    expect(ageOf(await reserve(sku, "bob"))).not.toBeNull();
    vi.spyOn(Date, "now").mockReturnValue(endsAt);
    expect((await reserve(sku, "bob")).status).toBe(201);
  });

  it("[EPO4] is sold again at once after its cart was given back", async () => {
    const sku = await newSku(1);
    const body = { customer: "ann", lines: [{ sku, quantity: 1 }] };
    const cart = await call("POST", "/v1/carts", { as: storefront, body });
    await reserve(sku, "first");
    expect(ageOf(await reserve(sku, "bob"))).not.toBeNull();
    await call("POST", `/v1/carts/${cart.body.id}/release`, { as: storefront, body: {} });
    expect((await reserve(sku, "bob")).status).toBe(201);
  });
});
