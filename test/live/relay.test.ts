import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PING } from "../../src/contracts/live.ts";
import { LIVE_SKUS_MAX } from "../../src/domain/bounds.ts";
import { createApp } from "../../src/http/app.ts";
import { call, newSku, storefront, tokenFor } from "../client.ts";
import { evictDurableObject } from "../eviction.ts";
import { ObjectSale, stopClock } from "../objects/object-sale.ts";
import { hibernateRelay, relayAlarmAt, relaySockets, ringRelay } from "./relay.ts";
import { upgradeOver, Watcher } from "./watcher.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  Watcher.leaveAll();
});

describe("one socket over several SKUs", () => {
  it("[LIV8] shows the stock of each at once, then their changes, and nothing else to anybody without a token", async () => {
    const sales = await Promise.all([1, 2, 3, 4, 5].map((stock) => ObjectSale.open(stock)));
    const skus = sales.map(({ name }) => name);
    const watcher = await Watcher.over(skus);
    expect(watcher.of("stock").map(({ sku, available, version }) => [sku, available, version])).toEqual(
      expect.arrayContaining(skus.map((sku, index) => [sku, index + 1, 1])),
    );
    expect(watcher.frames).toHaveLength(5);
    await Promise.all(sales.map((sale) => sale.hold()));
    for (const [index, sale] of sales.entries()) {
      const { version } = await sale.look();
      const frame = await watcher.seesOf(sale.name, version);
      expect(frame).toMatchObject({ available: index, state: index === 0 ? "held_elsewhere" : "open" });
    }
    expect(new Set(watcher.frames.map(({ type }) => type))).toEqual(new Set(["stock"]));
  });

  it("[LIV8] carries a single SKU as its own feed does", async () => {
    const sale = await ObjectSale.open(12, { displayCap: 10, lowStockThreshold: 1 });
    const [over, own] = [await Watcher.over([sale.name]), await Watcher.join(sale.name)];
    expect(over.of("stock")).toEqual(own.of("stock"));
    await sale.hold({ quantity: 9 });
    expect(await over.seesOf(sale.name, 2)).toEqual(await own.sees(2));
  });

  it("[LIV8] tells a socket of the SKUs it named, and of no other", async () => {
    const [one, other] = [await ObjectSale.open(5), await ObjectSale.open(5)];
    const [watcher, both] = [await Watcher.over([one.name]), await Watcher.over([one.name, other.name])];
    await other.hold();
    await both.seesOf(other.name, 2);
    await one.hold();
    await watcher.seesOf(one.name, 2);
    expect(watcher.versionsOf(other.name)).toEqual([]);
  });

  it("[LIV8] [LIV7] cuts the stock for the public and shoppers, and never for a storefront or admin", async () => {
    const sale = await ObjectSale.open(12, { displayCap: 10 });
    const shown = { public: { available: 10, capped: true }, trusted: { available: 12 } };
    const watchers = [
      { watcher: await Watcher.over([sale.name]), audience: "public" as const },
      { watcher: await Watcher.shopperOver([sale.name], "ann"), audience: "public" as const },
      { watcher: await Watcher.over([sale.name], { as: storefront }), audience: "trusted" as const },
      {
        watcher: await Watcher.over([sale.name], { as: await tokenFor("admin", "root") }),
        audience: "trusted" as const,
      },
    ];
    for (const { watcher, audience } of watchers) expect(watcher.of("stock")[0]).toMatchObject(shown[audience]);
    await sale.hold();
    for (const { watcher, audience } of watchers) {
      const frame = await watcher.seesOf(sale.name, 2);
      expect(frame.available).toBe(audience === "public" ? 10 : 11);
      expect(frame.capped).toBe(audience === "public" ? true : undefined);
      for (const count of ["stock", "held", "sold"]) expect(frame).not.toHaveProperty(count);
    }
  });

  it("[LIV8] counts a SKU once that is named repeatedly", async () => {
    const sale = await ObjectSale.open(5);
    const watcher = await Watcher.over([sale.name, sale.name, sale.name]);
    await sale.hold();
    await watcher.seesOf(sale.name, 2);
    expect(watcher.versions).toEqual([1, 2]);
  });

  it("[LIV8] takes 50 SKUs, and refuses 51 and none", async () => {
    const sales = await Promise.all(Array.from({ length: LIVE_SKUS_MAX }, () => ObjectSale.open(1)));
    const skus = sales.map(({ name }) => name);
    const watcher = await Watcher.over(skus);
    expect(watcher.of("stock")).toHaveLength(LIVE_SKUS_MAX);
    const tooMany = await upgradeOver([...skus, await newSku(1)]);
    expect([tooMany.status, await tooMany.json()]).toMatchObject([400, { code: "invalid-request" }]);
    const none = await upgradeOver([]);
    expect([none.status, await none.json()]).toMatchObject([400, { code: "invalid-request" }]);
  });

  it("[LIV8] refuses when one of the SKUs does not exist, and keeps no socket", async () => {
    const sku = await newSku(1);
    const before = await relaySockets();
    const answer = await upgradeOver([sku, "no-such-sku"]);
    expect([answer.status, answer.webSocket, await answer.json()]).toMatchObject([404, null, { code: "not-found" }]);
    await vi.waitFor(async () => expect(await relaySockets()).toBe(before));
  });

  it("[LIV8] refuses a call that is no upgrade, bad names, unknown members and bad tokens", async () => {
    const sku = await newSku(1);
    const plain = await call("GET", `/v1/live?sku=${sku}`);
    expect([plain.status, plain.body.code]).toEqual([400, "invalid-request"]);
    expect((await upgradeOver([sku, "-bad-"])).status).toBe(400);
    expect((await upgradeOver([`${sku}&depth=2`])).status).toBe(400);
    expect((await upgradeOver([sku], { as: "nonsense" })).status).toBe(401);
    expect((await upgradeOver([sku], { as: await tokenFor("shopper", "ann", "-1s") })).status).toBe(401);
  });

  it("[LIV8] [SEC6] refuses an origin that is not on the list", async () => {
    const sku = await newSku(1);
    const app = createApp();
    const settings = { ...env, ALLOWED_ORIGINS: "https://shop.test" };
    const from = async (origin: string) => {
      const request = new Request(`https://holdfast.test/v1/live?sku=${sku}`, {
        headers: { Upgrade: "websocket", Origin: origin },
      });
      const response = await app.fetch(request, settings, createExecutionContext());
      if (response.webSocket !== null) (await Watcher.on(response)).close();
      return response.status;
    };
    expect(await from("https://evil.test")).toBe(403);
    expect(await from("https://shop.test")).toBe(101);
  });

  it("[LIV8] [LIV1] takes a token beside the subprotocol, and echoes `holdfast` only", async () => {
    const sale = await ObjectSale.open(5);
    const token = await tokenFor("shopper", "ann");
    const headers = { "Sec-WebSocket-Protocol": `holdfast, bearer.${token}` };
    const response = await upgradeOver([sale.name], { headers });
    expect(response.headers.get("Sec-WebSocket-Protocol")).toBe("holdfast");
    expect(JSON.stringify([...response.headers])).not.toContain(token);
    const watcher = await Watcher.on(response);
    await vi.waitFor(() => expect(watcher.of("snapshot")).toHaveLength(1));
  });
});

describe("frames from a client of a Relay", () => {
  it("[LIV8] [LIV5] a ping gets a pong, asleep or awake", async () => {
    const watcher = await Watcher.over([(await ObjectSale.open(1)).name]);
    watcher.send(PING);
    await vi.waitFor(() => expect(watcher.of("pong")).toHaveLength(1));
    await hibernateRelay();
    watcher.send(PING);
    await vi.waitFor(() => expect(watcher.of("pong")).toHaveLength(2));
    expect(watcher.closed).toBeNull();
  });

  for (const frame of ["hello", '{ "type": "ping" }', '{"type":"subscribe","sku":"other"}', "x".repeat(5000)]) {
    it(`[LIV8] [LIV5] an error, and close 1008: ${frame.slice(0, 40)}`, async () => {
      const sale = await ObjectSale.open(5);
      const [watcher, neighbour] = [await Watcher.over([sale.name]), await Watcher.over([sale.name])];
      watcher.send(frame);
      expect(await watcher.closes()).toBe(1008);
      expect(watcher.frames.at(-1)).toMatchObject({ type: "error", code: "invalid-request" });
      await sale.hold();
      await neighbour.seesOf(sale.name, 2);
      expect(watcher.versions).toEqual([1]);
    });
  }
});

describe("a client that closes", () => {
  for (const code of [1000, 4321, undefined]) {
    it(`[LIV5] is answered, asleep or awake, on both feeds: ${code ?? "no code"}`, async () => {
      const sale = await ObjectSale.open(5);
      const awake = [await Watcher.join(sale.name), await Watcher.over([sale.name])];
      const asleep = [await Watcher.join(sale.name), await Watcher.over([sale.name])];
      for (const watcher of awake) watcher.close(code);
      for (const watcher of awake) expect(await watcher.closes()).toBe(code ?? 1000);
      await hibernateRelay();
      await evictDurableObject(sale.stub, { webSockets: "hibernate" });
      for (const watcher of asleep) watcher.close(code);
      for (const watcher of asleep) expect(await watcher.closes()).toBe(code ?? 1000);
      expect(await relaySockets()).toBe(0);
    });
  }
});

describe("a token that expires, over a Relay", () => {
  it("[LIV8] [LIV6] closes its socket with 1008 by the alarm, and nobody else's", async () => {
    stopClock(Math.ceil(Date.now() / 1000) * 1000);
    const start = Date.now();
    const { name } = await ObjectSale.open(5);
    const short = await Watcher.over([name], { as: await tokenFor("shopper", "ann", "20s") });
    const others = [
      await Watcher.over([name], { as: await tokenFor("shopper", "bob", "1h") }),
      await Watcher.over([name]),
    ];
    expect(await relayAlarmAt()).toBeLessThanOrEqual(start + 20_000);
    stopClock(start + 19_999);
    await ringRelay();
    expect(short.closed).toBeNull();
    stopClock(start + 20_000);
    await ringRelay();
    expect(await short.closes()).toBe(1008);
    expect(short.of("error")).toEqual([{ type: "error", code: "unauthenticated", detail: expect.any(String) }]);
    expect(others.map(({ closed }) => closed)).toEqual([null, null]);
  });

  it("[LIV8] [LIV6] closes its socket in real time, also a storefront's, and after hibernation", async () => {
    const sale = await ObjectSale.open(5);
    const watcher = await Watcher.over([sale.name], { as: await tokenFor("storefront", "shop-2", "2s") });
    await hibernateRelay();
    await vi.waitFor(() => expect(watcher.closed?.code).toBe(1008), 5000);
  }, 8000);
});
