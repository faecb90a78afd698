import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { act, countsOf, heldCart, openCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";
import { adjust, join, key, leave, on, read, soldOut, statusOf } from "./waitlist-client.ts";

afterEach(() => vi.useRealTimers());

type Setting = { sku: string; bobs: Answer };

describe("units that come back", () => {
  it.each<[string, (setting: Setting) => Promise<unknown>]>([
    ["a release", ({ sku, bobs }) => on(sku, bobs.body.id, "release")],
    ["a confirmation in part", ({ sku, bobs }) => on(sku, bobs.body.id, "confirm", { quantity: 1 })],
    ["an adjustment", ({ sku }) => adjust(sku, 1)],
    [
      "a return",
      async ({ sku, bobs }) => {
        await on(sku, bobs.body.id, "confirm");
        await on(sku, bobs.body.id, "return", { quantity: 1 });
      },
    ],
    [
      "a batch",
      ({ sku, bobs }) => {
        const commands = [
          { type: "release", id: bobs.body.id },
          { type: "reserve", customer: "mallory", quantity: 2 },
        ];
        return call("POST", `/v1/skus/${sku}/batch`, { as: storefront, body: { commands } });
      },
    ],
    [
      "an expiry",
      async ({ bobs }) => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(bobs.body.expiresAt)) }),
    ],
  ])("[WTL5] by %s are offered at once, and nobody else can have them", async (_name, comeBack) => {
    const setting = await soldOut(2);
    const { sku } = setting;
    const entry = await join(sku, "ann");
    await comeBack(setting);
    const late = await reserve(sku, "mallory", 2);
    expectProblem(late, "insufficient-stock");
    expect(await statusOf(entry)).toBe("offered");
    const { reservation } = await read(entry);
    expect((await on(sku, reservation, "confirm", { orderId: "o" })).body).toMatchObject({
      customer: "ann",
      cart: null,
    });
  });

  it("[WTL5] by a cart are offered too, whether it was released or failed", async () => {
    const [sku, other] = [await newSku(1), await newSku(5)];
    const cart = await heldCart([sku, other]);
    const entry = await join(sku, "carol");
    await act(cart, "release");
    await expect.poll(() => statusOf(entry)).toBe("offered");
    expectProblem(await openCart([sku, other], { customer: "dave" }), "cart-not-held");
    expect(await countsOf(other)).toMatchObject({ held: 0 });
  });

  it("[RET2] [WTL5] not at all are offered to nobody", async () => {
    const { sku, bobs } = await soldOut();
    const entry = await join(sku, "ann");
    await on(sku, bobs.body.id, "confirm");
    await on(sku, bobs.body.id, "return", { restock: false });
    expect(await statusOf(entry)).toBe("waiting");
    expect(await countsOf(sku)).toEqual({ available: 0, held: 0, sold: 0 });
  });

  it("[WTL6] pass by those who want more, who keep their place, and what fits nobody goes on sale", async () => {
    const { sku, bobs } = await soldOut(4);
    const [big, small, next] = [await join(sku, "ann", 3), await join(sku, "carol", 1), await join(sku, "dave", 2)];
    await on(sku, bobs.body.id, "confirm");
    await on(sku, bobs.body.id, "return", { quantity: 2 });
    expect(await Promise.all([big, small, next].map(statusOf))).toEqual(["waiting", "offered", "waiting"]);
    expect([(await read(big)).position, (await read(next)).position]).toEqual([1, 2]);
    expect((await reserve(sku, "eve", 1)).status).toBe(201);
    await on(sku, bobs.body.id, "return", { quantity: 2 });
    expect(await Promise.all([big, next].map(statusOf))).toEqual(["waiting", "offered"]);
    expectProblem(await reserve(sku, "frank", 1), "insufficient-stock", { available: 0 });
  });

  it("[WTL5] many at once are offered in the order of joining, to as many as they are", async () => {
    const { sku } = await soldOut();
    const entries = [];
    for (let index = 0; index < 12; index++) entries.push(await join(sku, `w${index}`));
    await adjust(sku, 5);
    const statuses = await Promise.all(entries.map(statusOf));
    expect(statuses).toEqual([...Array(5).fill("offered"), ...Array(7).fill("waiting")]);
    expect((await call("GET", `/v1/skus/${sku}`)).body).toMatchObject({ waiting: 7, available: 0 });
    const positions = await Promise.all(entries.slice(5).map(async (entry) => (await read(entry)).position));
    expect(positions).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("[WTL5] [WTL2] never go to a newcomer, however many ask at the same time", async () => {
    const { sku, bobs } = await soldOut(3);
    const entries = await Promise.all(["ann", "carol", "dave"].map((customer) => join(sku, customer)));
    const newcomers = Array.from({ length: 12 }, (_none, index) => `n${index}`);
    const [, ...asked] = await Promise.all([
      on(sku, bobs.body.id, "release"),
      ...newcomers.map((customer) => reserve(sku, customer)),
    ]);
    for (const answer of asked) expectProblem(answer, "insufficient-stock");
    expect(await Promise.all(entries.map(statusOf))).toEqual(["offered", "offered", "offered"]);
  });
});

describe("an offer", () => {
  async function offered(policy = {}): Promise<{ sku: string; entry: Answer; offer: string }> {
    const { sku, bobs } = await soldOut(1, { offerTtlSeconds: 60, ...policy });
    const entry = await join(sku, "ann");
    await on(sku, bobs.body.id, "release");
    return { sku, entry, offer: String((await read(entry)).reservation) };
  }

  it("[WTL4] that is released is declined, and one that was bought stays so", async () => {
    const released = await offered();
    await on(released.sku, released.offer, "release");
    expect(await statusOf(released.entry)).toBe("declined");
    expect(await countsOf(released.sku)).toMatchObject({ available: 1, held: 0 });
    const bought = await offered();
    await on(bought.sku, bought.offer, "confirm", { orderId: "o" });
    expect((await leave(bought.entry)).status).toBe(204);
    expect(await statusOf(bought.entry)).toBe("accepted");
    expect(await countsOf(bought.sku)).toMatchObject({ sold: 1 });
  });

  it("[WTL4] that lapsed and is paid for late is accepted after all", async () => {
    const { sku, entry, offer } = await offered();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String((await read(entry)).offerExpiresAt)) });
    expect(await statusOf(entry)).toBe("lapsed");
    expect((await on(sku, offer, "confirm", { orderId: "late" })).body).toMatchObject({ rescued: true });
    expect(await statusOf(entry)).toBe("accepted");
  });

  it("[WTL4] [CNF8] that lapsed goes to the next, and its late payment is refunded for good", async () => {
    const { sku, entry, offer } = await offered();
    const next = await join(sku, "carol");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String((await read(entry)).offerExpiresAt)) });
    expect(await statusOf(next)).toBe("offered");
    expectProblem(await on(sku, offer, "confirm", { orderId: "o" }), "hold-expired", { refundRequired: true });
    expect(await statusOf(entry)).toBe("lapsed");
  });

  it("[WTL2] is named to its customer who joins again, and is gone before a new place is taken", async () => {
    const { sku, entry } = await offered();
    expectProblem(await join(sku, "ann"), "already-waiting", { entry: entry.body.id });
    await leave(entry);
    expectProblem(await join(sku, "ann"), "stock-available", { available: 1 });
    await reserve(sku, "bob");
    const again = await join(sku, "ann");
    expect([again.status, again.body.position]).toEqual([201, 1]);
    expect(again.body.id).not.toBe(entry.body.id);
  });

  it("[IDM2] does not change what the key of joining answers", async () => {
    const { sku, bobs } = await soldOut();
    const headers = key();
    const first = await join(sku, "ann", 1, headers);
    await on(sku, bobs.body.id, "release");
    const again = await join(sku, "ann", 1, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await statusOf(first)).toBe("offered");
  });

  it("[WTL3] [WTL12] is in what its shopper sees, and may be bought or declined by nobody else", async () => {
    const { sku, bobs } = await soldOut();
    const [own, other] = [await tokenFor("shopper", `ann-${sku}`), await tokenFor("shopper", `eve-${sku}`)];
    const entry = await call("POST", `/v1/skus/${sku}/waitlist`, { as: own, body: { quantity: 1 } });
    const me = async (as: string) => (await call("GET", `/v1/skus/${sku}/me`, { as })).body;
    expect(await me(own)).toMatchObject({
      waitlist: { id: entry.body.id, position: 1, status: "waiting" },
      myUnits: 0,
    });
    await on(sku, bobs.body.id, "release");
    const { reservation } = await read(entry);
    expect(await me(own)).toMatchObject({ waitlist: { status: "offered", reservation }, myUnits: 1 });
    expect(await me(other)).toMatchObject({ waitlist: null, myUnits: 0, reservations: [] });
    const release = `/v1/skus/${sku}/reservations/${reservation}/release`;
    expectProblem(await call("POST", release, { as: other, body: {} }), "not-found");
    expect((await call("POST", release, { as: own, body: {} })).status).toBe(200);
    expect(await statusOf(entry)).toBe("declined");
  });
});
