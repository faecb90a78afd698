import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PING } from "../../src/contracts/live.ts";
import { FRAME_BYTES_MAX } from "../../src/domain/bounds.ts";
import { storefront, tokenFor } from "../client.ts";
import { evictDurableObject } from "../eviction.ts";
import { ObjectSale, stopClock } from "../objects/object-sale.ts";
import { Watcher } from "./watcher.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("frames from a client", () => {
  it("[LIV5] a ping is answered without waking the object", async () => {
    const sale = await ObjectSale.open(1);
    const watcher = await Watcher.join(sale.name);
    await sale.recorded();
    const received = await runInDurableObject(sale.stub, (instance) =>
      vi.spyOn(Object.getPrototypeOf(instance) as typeof instance, "webSocketMessage"),
    );
    watcher.send(PING);
    await vi.waitFor(() => expect(watcher.of("pong")).toHaveLength(1));
    await evictDurableObject(sale.stub, { webSockets: "hibernate" });
    watcher.send(PING);
    watcher.send(PING);
    await vi.waitFor(() => expect(watcher.of("pong")).toHaveLength(3));
    expect(received).not.toHaveBeenCalled();
    expect(watcher.closed).toBeNull();
  });

  it("[LIV5] after the close are dropped: one fault is all that a socket is answered", async () => {
    const sale = await ObjectSale.open(1);
    const watcher = await Watcher.join(sale.name);
    for (let count = 0; count < 50; count++) watcher.send("x");
    expect(await watcher.closes()).toBe(1008);
    expect(watcher.of("error")).toHaveLength(1);
    await sale.hold();
    await vi.waitFor(async () => expect(await sale.stub.health()).toMatchObject({ watchers: 0 }));
  });

  const odd: Record<string, string | ArrayBuffer> = {
    "a ping with a blank": '{ "type":"ping"}',
    "a ping with blanks behind it": `${PING} `,
    "text that is no JSON": "hello",
    "an empty frame": "",
    null: "null",
    "a list": '[{"type":"ping"}]',
    "another type": '{"type":"subscribe","sku":"other"}',
    "a ping with a member too many": '{"type":"ping","at":1}',
    "bytes, even of a ping": new TextEncoder().encode(PING).buffer as ArrayBuffer,
    "a frame of one byte too many": `{"type":"ping"}${" ".repeat(FRAME_BYTES_MAX + 1 - PING.length)}`,
    "a frame of too many bytes in few characters": JSON.stringify({ type: "漢".repeat(FRAME_BYTES_MAX / 2) }),
    "a very long frame": "x".repeat(100_000),
  };
  for (const [name, frame] of Object.entries(odd)) {
    it(`[LIV5] ${name}: an error, and close 1008`, async () => {
      const sale = await ObjectSale.open(1);
      const [watcher, neighbour] = [await Watcher.join(sale.name), await Watcher.join(sale.name)];
      watcher.send(frame);
      expect(await watcher.closes()).toBe(1008);
      expect(watcher.of("error")).toEqual([{ type: "error", code: "invalid-request", detail: expect.any(String) }]);
      expect(watcher.frames.at(-1)?.type).toBe("error");
      const isTooLong = typeof frame === "string" && new TextEncoder().encode(frame).byteLength > FRAME_BYTES_MAX;
      if (isTooLong) expect(watcher.of("error")[0]?.detail).toContain(String(FRAME_BYTES_MAX));
      await sale.hold();
      await neighbour.sees(2);
      expect(neighbour.closed).toBeNull();
    });
  }
});

describe("a token that expires", () => {
  it("[LIV6] closes its socket with 1008 by the alarm, and nobody else's", async () => {
    stopClock(Math.ceil(Date.now() / 1000) * 1000);
    const start = Date.now();
    const sale = await ObjectSale.open(5);
    const short = await Watcher.join(sale.name, { as: await tokenFor("shopper", "ann", "20s") });
    const long = await Watcher.join(sale.name, { as: await tokenFor("shopper", "bob", "1h") });
    const anonymous = await Watcher.join(sale.name);
    await sale.recorded();
    await sale.ring();
    expect(await sale.alarmAt()).toBeLessThanOrEqual(start + 20_000);
    stopClock(start + 19_999);
    await sale.ring();
    expect(short.closed).toBeNull();
    stopClock(start + 20_000);
    await sale.ring();
    expect(await short.closes()).toBe(1008);
    expect(short.of("error")).toEqual([{ type: "error", code: "unauthenticated", detail: expect.any(String) }]);
    expect([long.closed, anonymous.closed]).toEqual([null, null]);
    expect(await sale.alarmAt()).toBeLessThanOrEqual(start + 3_600_000);
  });

  it("[LIV6] closes its socket in real time, also a storefront's, and after hibernation", async () => {
    const sale = await ObjectSale.open(5);
    const watcher = await Watcher.join(sale.name, { as: await tokenFor("storefront", "shop-2", "2s") });
    await evictDurableObject(sale.stub, { webSockets: "hibernate" });
    await vi.waitFor(() => expect(watcher.closed?.code).toBe(1008), 5000);
  }, 8000);
});

describe("hibernation", () => {
  it("[LIV6] keeps sockets, who they are, and what they were warned of", async () => {
    const sale = await ObjectSale.open(20, { displayCap: 5 });
    const [anonymous, ann, shop] = [
      await Watcher.join(sale.name),
      await Watcher.shopper(sale.name, "ann"),
      await Watcher.join(sale.name, { as: storefront }),
    ];
    await sale.hold({ customer: "ann", ttlSeconds: 50 });
    await ann.happens("held", "expiring");
    await evictDurableObject(sale.stub, { webSockets: "hibernate" });
    const hold = await sale.hold({ customer: "ann" });
    await ann.happens("held", "expiring", "held");
    expect(await anonymous.sees(3)).toMatchObject({ available: 5, capped: true });
    expect(await shop.sees(3)).toMatchObject({ available: 18 });
    await evictDurableObject(sale.stub, { webSockets: "hibernate" });
    await sale.ring();
    await sale.release(hold.id);
    await ann.happens("held", "expiring", "held", "released");
    expect(await sale.stub.health()).toMatchObject({ watchers: 3 });
    expect([anonymous.closed, ann.closed, shop.closed]).toEqual([null, null, null]);
  });

  it("[LIV6] forgets those who have left", async () => {
    const sale = await ObjectSale.open(20);
    const [stays, leaves] = [await Watcher.join(sale.name), await Watcher.shopper(sale.name, "ann")];
    leaves.close();
    await vi.waitFor(async () => expect(await sale.stub.health()).toMatchObject({ watchers: 1 }));
    await sale.hold({ customer: "ann" });
    await stays.sees(2);
    expect(leaves.of("reservation")).toEqual([]);
  });
});
