import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CONNECT_PATIENCE_MS, LIVE_SKUS_MAX } from "../../src/client/bounds.ts";
import type { LiveNews } from "../../src/client/live.ts";
import { watchSkus } from "../../src/client/stores/live-pool.ts";
import { FakeService, json, problem } from "./fake-service.ts";
import { FakeSockets, stock } from "./fake-socket.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const sizes = (count: number) => Array.from({ length: count }, (_, index) => `size-${index}`);

/** A client of a service that knows every SKU but those named here. */
function pool(unknown: string[] = []) {
  const service = new FakeService(({ path }) => {
    const sku = path.split("/").at(-1) ?? "";
    return unknown.includes(sku)
      ? problem(404, "not-found")
      : json(200, { ...stock(1, { sku }), type: undefined, updatedAt: new Date().toISOString() });
  });
  const sockets = new FakeSockets();
  const client = service.client({ WebSocket: sockets.WebSocket });
  const look = (skus: string | string[]) => {
    const news: LiveNews[] = [];
    const watch = watchSkus(client, skus, (each) => news.push(each));
    return { watch, news, versions: () => news.flatMap((each) => (each.type === "stock" ? each.version : [])) };
  };
  const open = () => sockets.made.filter(({ readyState }) => readyState !== 3).map(({ url }) => skusIn(url));
  return { look, sockets, open, client };
}

const skusIn = (url: string) =>
  url.includes("?") ? [...new URL(url).searchParams.values()] : [url.split("/").at(-2) ?? ""];

describe("all who look at SKUs through one client", () => {
  it("[CLI10] share one socket, whoever is first: five at one SKU each, and one at the same five", async () => {
    const { look, open, sockets } = pool();
    const names = sizes(5);
    for (const name of names) look(name);
    const all = look(names);
    await pass(50);
    expect(open()).toEqual([names]);
    sockets.last.say(stock(3, { sku: "size-4" }));
    expect(all.watch.stock("size-4")?.version).toBe(3);
    expect(all.watch.connection).toBe("live");
  });

  it.each([
    [LIVE_SKUS_MAX, [LIVE_SKUS_MAX]],
    [LIVE_SKUS_MAX + 1, [LIVE_SKUS_MAX, 1]],
  ])("[CLI10] have %i SKUs on sockets of 50 at most", async (count, lengths) => {
    const { look, open } = pool();
    const { watch } = look(sizes(count));
    await pass(50);
    expect(open().map(({ length }) => length)).toEqual(lengths);
    expect(watch.connection).toBe("live");
  });

  it("[CLI10] open no socket for nothing", async () => {
    const { look, sockets } = pool();
    const { watch } = look([]);
    await pass(5_000);
    expect([sockets.made.length, watch.connection, watch.reason]).toEqual([0, "connecting", null]);
  });

  it("[CLI10] hear only of their own SKUs, and of each stock once, also while one socket takes over from another", async () => {
    const { look, open, sockets } = pool();
    const shoe = look("shoe");
    await pass(50);
    sockets.last.say(stock(3));
    const laces = look("laces");
    await pass(5);
    // The new one is not there yet: the old one goes on.
    expect(open()).toEqual([["shoe"], ["shoe", "laces"]]);
    expect([shoe.watch.connection, laces.watch.connection]).toEqual(["live", "connecting"]);
    sockets.made[0]?.say(stock(4));
    await pass(50);
    expect(open()).toEqual([["shoe", "laces"]]);
    for (const version of [3, 4, 5]) sockets.last.say(stock(version));
    sockets.last.say(stock(9, { sku: "laces" }));
    expect([shoe.versions(), laces.versions()]).toEqual([[3, 4, 5], [9]]);
    expect([shoe.watch.connection, laces.watch.connection]).toEqual(["live", "live"]);
  });

  it("[CLI10] that come one after the other have no more sockets in the end", async () => {
    const { look, open } = pool();
    for (const name of sizes(LIVE_SKUS_MAX + 2)) {
      look(name);
      await pass(50);
    }
    expect(open().map(({ length }) => length)).toEqual([LIVE_SKUS_MAX, 2]);
  });

  it("[CLI10] come back to the same socket for a moment after the last has left", async () => {
    const { look, open, sockets } = pool();
    const [one, other] = [look("shoe"), look("shoe")];
    await pass(50);
    one.watch.leave();
    one.watch.leave();
    await pass(5_000);
    expect(open()).toHaveLength(1);
    other.watch.leave();
    const back = look("shoe");
    await pass(5_000);
    expect([back.watch.connection, sockets.made.length]).toEqual(["live", 1]);
    sockets.last.say(stock(3));
    back.watch.leave();
    await pass(5_000);
    expect(open()).toEqual([]);
    const anew = look("shoe");
    // What nobody has told of for so long is not shown.
    expect(anew.watch.stock("shoe")).toBeNull();
    await pass(50);
    expect([anew.watch.connection, sockets.made.length]).toEqual(["live", 2]);
  });

  it("[CLI10] that leave before anything was opened open nothing", async () => {
    const { look, sockets } = pool();
    look("shoe").watch.leave();
    await pass(5_000);
    expect(sockets.made).toEqual([]);
  });

  it("[CLI10] do not suffer for one SKU that there is not: only who looks at that one is told", async () => {
    const { look, open, sockets } = pool(["nothing"]);
    sockets.isUp = false;
    const [shoe, nothing, both] = [look("shoe"), look("nothing"), look(["shoe", "nothing"])];
    await pass(CONNECT_PATIENCE_MS + 500);
    sockets.isUp = true;
    await pass(10_000);
    expect([shoe.watch.connection, shoe.watch.reason, shoe.watch.stock("shoe")?.version]).toEqual(["live", null, 1]);
    for (const { watch } of [nothing, both]) {
      expect(watch).toMatchObject({ connection: "closed", reason: { code: "not-found" } });
    }
    expect(open()).toEqual([["shoe"]]);
  });
});
