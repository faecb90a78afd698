import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/http/app.ts";
import { call, newSku, storefront, tokenFor } from "../client.ts";
import { ObjectSale } from "../objects/object-sale.ts";
import { upgrade, Watcher } from "./watcher.ts";

describe("joining the live feed", () => {
  it("[LIV1] [LIV2] shows the stock at once to anybody, and nothing else", async () => {
    const sale = await ObjectSale.open(20);
    await sale.hold({ quantity: 2 });
    const watcher = await Watcher.join(sale.name);
    const { at, ...stock } = watcher.of("stock")[0] ?? { at: "" };
    expect(stock).toEqual({
      type: "stock",
      sku: sale.name,
      state: "open",
      available: 18,
      low: false,
      waiting: 0,
      version: 2,
    });
    expect(new Date(at).toISOString()).toBe(at);
    await sale.hold({ customer: "bob" });
    await watcher.sees(3);
    expect(new Set(watcher.frames.map(({ type }) => type))).toEqual(new Set(["stock"]));
  });

  it("[LIV3] shows a shopper its own reservations, newest first, and nobody else's", async () => {
    const sale = await ObjectSale.open(20);
    const first = await sale.hold({ customer: "ann" });
    await sale.hold({ customer: "bob" });
    const second = await sale.hold({ customer: "ann", quantity: 2, metadata: { line: "7" } });
    await sale.confirm(first.id, { orderId: "order-1" });
    const gone = await sale.hold({ customer: "ann" });
    await sale.release(gone.id);
    const watcher = await Watcher.shopper(sale.name, "ann");
    expect(watcher.frames.slice(0, 2).map(({ type }) => type)).toEqual(["stock", "snapshot"]);
    const { body: known } = await call("GET", `/v1/skus/${sale.name}/me?customer=ann`, { as: storefront });
    const [snapshot] = watcher.of("snapshot");
    expect(snapshot).toEqual({ type: "snapshot", sku: sale.name, reservations: known.reservations, waitlist: null });
    expect(snapshot?.reservations.map(({ id, status }) => [id, status])).toEqual([
      [second.id, "held"],
      [first.id, "confirmed"],
    ]);
    expect(snapshot?.reservations[0]).not.toHaveProperty("attempt");
  });

  it("[LIV3] shows a shopper without reservations an empty snapshot, and a storefront none", async () => {
    const sale = await ObjectSale.open(20);
    await sale.hold({ customer: "ann" });
    const stranger = await Watcher.shopper(sale.name, "bob");
    expect(stranger.of("snapshot")[0]?.reservations).toEqual([]);
    const shop = await Watcher.join(sale.name, { as: storefront });
    await sale.hold({ customer: "ann" });
    await shop.sees(3);
    expect(shop.frames.every(({ type }) => type === "stock")).toBe(true);
  });

  it("[LIV3] [EXP1] leaves dead holds out of the snapshot", async () => {
    const sale = await ObjectSale.open(20);
    const hold = await sale.hold({ customer: "ann", ttlSeconds: 5 });
    vi.useFakeTimers({ toFake: ["Date"], now: hold.expiresAt });
    try {
      const watcher = await Watcher.shopper(sale.name, "ann");
      expect(watcher.of("snapshot")[0]?.reservations).toEqual([]);
      expect(watcher.of("stock")[0]).toMatchObject({ available: 20 });
    } finally {
      vi.useRealTimers();
    }
  });

  it("[LIV7] cuts the stock for the public and shoppers, and never for a storefront or admin", async () => {
    const sku = await newSku(20, { displayCap: 10 });
    for (const [token, shown] of [
      [undefined, { available: 10, capped: true }],
      [await tokenFor("shopper", "ann"), { available: 10, capped: true }],
      [storefront, { available: 20 }],
      [await tokenFor("admin", "root"), { available: 20 }],
    ] as const) {
      const watcher = await Watcher.join(sku, token === undefined ? {} : { as: token });
      const { available, capped } = watcher.of("stock")[0] ?? {};
      expect({ available, ...(capped === undefined ? {} : { capped }) }).toEqual(shown);
    }
  });

  it("[LIV1] takes a token beside the subprotocol, and echoes `holdfast` only", async () => {
    const sale = await ObjectSale.open(20);
    await sale.hold({ customer: "ann" });
    const token = await tokenFor("shopper", "ann");
    const response = await upgrade(sale.name, { headers: { "Sec-WebSocket-Protocol": `holdfast, bearer.${token}` } });
    expect(response.status).toBe(101);
    expect(response.headers.get("Sec-WebSocket-Protocol")).toBe("holdfast");
    expect(JSON.stringify([...response.headers])).not.toContain(token);
    const watcher = await Watcher.join(sale.name, {
      headers: { "Sec-WebSocket-Protocol": `holdfast, bearer.${token}` },
    });
    await vi.waitFor(() => expect(watcher.of("snapshot")[0]?.reservations).toHaveLength(1));
  });

  it("[LIV1] names no subprotocol to a client that offers none", async () => {
    const response = await upgrade(await newSku(1));
    expect([response.status, response.headers.get("Sec-WebSocket-Protocol")]).toEqual([101, null]);
    response.webSocket?.accept();
  });

  it("[LIV1] never names a subprotocol that was not offered", async () => {
    const sku = await newSku(1);
    for (const offered of ["chat", `bearer.${await tokenFor("shopper", "ann")}`, "holdfast2, chat"]) {
      const response = await upgrade(sku, { headers: { "Sec-WebSocket-Protocol": offered } });
      expect([response.status, response.headers.get("Sec-WebSocket-Protocol")]).toEqual([101, null]);
      response.webSocket?.accept();
    }
  });

  it("refuses a SKU that does not exist, a call that is no upgrade, a bad name and a bad token", async () => {
    const sku = await newSku(1);
    const nobody = await upgrade("no-such-sku");
    expect(nobody.status).toBe(404);
    expect(await nobody.json()).toMatchObject({ code: "not-found" });
    const plain = await call("GET", `/v1/skus/${sku}/live`);
    expect([plain.status, plain.body.code]).toEqual([400, "invalid-request"]);
    expect((await upgrade("-bad-")).status).toBe(400);
    expect((await upgrade(sku, { as: "nonsense" })).status).toBe(401);
    expect((await upgrade(sku, { headers: { "Sec-WebSocket-Protocol": "holdfast, bearer.nonsense" } })).status).toBe(
      401,
    );
    expect((await upgrade(sku, { as: await tokenFor("shopper", "ann", "-1s") })).status).toBe(401);
  });

  it("[SEC6] refuses an origin that is not on the list, and takes one that is, or none", async () => {
    const sku = await newSku(1);
    const app = createApp();
    const settings = { ...env, ALLOWED_ORIGINS: "https://shop.test, https://other.test" };
    const from = async (origin: string | null) => {
      const headers = { Upgrade: "websocket", ...(origin === null ? {} : { Origin: origin }) };
      const request = new Request(`https://holdfast.test/v1/skus/${sku}/live`, { headers });
      const response = await app.fetch(request, settings, createExecutionContext());
      response.webSocket?.accept();
      return response.status;
    };
    expect(await from("https://evil.test")).toBe(403);
    expect(await from("https://shop.test.evil.test")).toBe(403);
    expect(await from("null")).toBe(403);
    expect(await from("https://shop.test")).toBe(101);
    expect(await from("https://other.test")).toBe(101);
    expect(await from(null)).toBe(101);
  });

  it("[API12] takes names of customers in any script", async () => {
    const sale = await ObjectSale.open(20);
    for (const customer of [
      'Łukasz, "der Große" %2F 🦊',
      "é".repeat(120),
      "漢字".repeat(20),
      "x".repeat(255),
      "漢".repeat(255),
      "🦊".repeat(255),
    ]) {
      const watcher = await Watcher.shopper(sale.name, customer);
      await sale.hold({ customer });
      await watcher.happens("held");
      expect(watcher.of("reservation")[0]?.reservation.customer).toBe(customer);
    }
  });
});
