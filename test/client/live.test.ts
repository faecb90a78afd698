import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CONNECT_PATIENCE_MS, PING_MS, PONG_MS_MAX, RECONNECT_MS_MAX } from "../../src/client/bounds.ts";
import type { ClientOptions } from "../../src/client/client.ts";
import type { Live, LiveNews } from "../../src/client/live.ts";
import { FakeService, json, problem, tokenOf } from "./fake-service.ts";
import { FakeSockets, stock } from "./fake-socket.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function watch(service: FakeService, options: Partial<ClientOptions> = {}, skus: string | string[] = "shoe") {
  const sockets = new FakeSockets();
  const live = service.client({ WebSocket: sockets.WebSocket, ...options }).live(skus);
  return { sockets, live, news: heard(live) };
}

function heard(live: Live): LiveNews[] {
  const news: LiveNews[] = [];
  live.listen((each) => news.push(each));
  return news;
}
const versions = (news: readonly LiveNews[]) => news.flatMap((each) => (each.type === "stock" ? each.version : []));
const connections = (news: readonly LiveNews[]) =>
  news.flatMap((each) => (each.type === "connection" ? each.connection : []));

/** What the service says over HTTP: a SKU whose version a test turns on. */
class PolledService extends FakeService {
  version = 1;
  constructor() {
    super(({ path }) =>
      path.endsWith("/me")
        ? json(200, { availableToMe: 1, myUnits: 0, reservations: [], waitlist: null })
        : json(200, { ...stock(this.version), type: undefined, updatedAt: new Date().toISOString() }),
    );
  }
}

describe("a watch", () => {
  it("[LIV1] offers the protocol, and beside it a token", async () => {
    const anonymous = watch(new PolledService());
    const token = tokenOf("shopper");
    const own = watch(new PolledService(), { token });
    await pass(50);
    expect(anonymous.sockets.last).toMatchObject({
      url: "wss://holdfast.test/v1/skus/shoe/live",
      protocols: ["holdfast"],
    });
    expect(own.sockets.last.protocols).toEqual(["holdfast", `bearer.${token}`]);
  });

  it("[LIV8] has several SKUs over one socket", async () => {
    const { sockets } = watch(new PolledService(), {}, ["shoe", "laces"]);
    await pass(50);
    expect(sockets.made.map(({ url }) => url)).toEqual(["wss://holdfast.test/v1/live?sku=shoe&sku=laces"]);
  });

  it("[CLI6] tells what is new, and nothing that is not", async () => {
    const { sockets, live, news } = watch(new PolledService());
    await pass(50);
    for (const version of [3, 3, 2, 5, 4]) sockets.last.say(stock(version));
    expect([versions(news), live.connection, live.stock("shoe")?.version]).toEqual([[3, 5], "live", 5]);
  });

  it("[CLI6] passes what it does not know by, and answers nothing", async () => {
    const { sockets, news } = watch(new PolledService());
    await pass(50);
    sockets.last.dispatchEvent(new MessageEvent("message", { data: "{no json" }));
    sockets.last.say([]);
    sockets.last.say({ type: "pong" });
    expect(news.map(({ type }) => type)).toEqual(["connection"]);
  });

  it("[CLI6] ends on the newest version and never goes back, whatever is lost, doubled, overtaken or broken", async () => {
    const step = fc.oneof(
      fc.record({ say: fc.integer({ min: 1, max: 30 }) }),
      fc.constantFrom("break" as const, "down" as const, "up" as const),
      fc.record({ wait: fc.integer({ min: 0, max: 5_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const service = new PolledService();
        const { sockets, live, news } = watch(service);
        await pass(50);
        for (const each of steps) {
          if (each === "break") sockets.last.break(1006);
          else if (each === "down" || each === "up") sockets.isUp = each === "up";
          else if ("wait" in each) await pass(each.wait);
          else {
            service.version = Math.max(service.version, each.say);
            if (sockets.last.readyState === 1) sockets.last.say(stock(each.say));
          }
        }
        sockets.isUp = true;
        await pass(RECONNECT_MS_MAX + 5_000);
        sockets.last.say(stock(service.version));
        const seen = versions(news);
        expect(seen).toEqual([...new Set(seen)].sort((one, other) => one - other));
        expect([live.connection, seen.at(-1)]).toEqual(["live", service.version]);
        live.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("a connection", () => {
  it("[CLI6] comes back by itself and says meanwhile that it is away", async () => {
    const { sockets, news } = watch(new PolledService());
    await pass(50);
    sockets.last.break(1006);
    await pass(2_500);
    expect(connections(news)).toEqual(["live", "connecting", "live"]);
    expect(sockets.made).toHaveLength(2);
  });

  it("[CLI6] is polled for while it cannot be had, and no longer", async () => {
    const service = new PolledService();
    const sockets = new FakeSockets();
    sockets.isUp = false;
    const live = service.client({ WebSocket: sockets.WebSocket }).live("shoe");
    const news = heard(live);
    await pass(CONNECT_PATIENCE_MS + 100);
    service.version = 4;
    await pass(3_000);
    expect([connections(news), versions(news)]).toEqual([["polling"], [1, 4]]);
    sockets.isUp = true;
    await pass(RECONNECT_MS_MAX);
    const polls = service.sent.length;
    await pass(10_000);
    expect([connections(news).at(-1), service.sent.length]).toEqual(["live", polls]);
  });

  it("[CLI6] is done without where there are no sockets, and asks for a shopper's own as well", async () => {
    const service = new PolledService();
    vi.stubGlobal("WebSocket", undefined);
    const live = service.client({ token: tokenOf("shopper") }).live("shoe");
    vi.unstubAllGlobals();
    const news = heard(live);
    await pass(10_000);
    expect(live.connection).toBe("polling");
    expect(news.filter(({ type }) => type === "snapshot").length).toBeGreaterThan(2);
    // Of the 100 calls that a shopper has in 10 s most are left.
    expect(service.sent.length).toBeLessThanOrEqual(15);
  });

  it("[CLI6] is asked for less and less while the service is away", async () => {
    const service = new FakeService(() => problem(503, "unavailable"));
    vi.stubGlobal("WebSocket", undefined);
    service.client().live("shoe");
    vi.unstubAllGlobals();
    await pass(300_000);
    expect(service.sent.length).toBeLessThanOrEqual(15);
  });

  it("[CLI6] is given up for a SKU that does not exist, with the reason", async () => {
    const service = new FakeService(() => problem(404, "not-found"));
    vi.stubGlobal("WebSocket", undefined);
    const live = service.client().live("nothing");
    vi.unstubAllGlobals();
    await pass(100);
    expect([live.connection, live.reason]).toMatchObject(["closed", { code: "not-found" }]);
    await pass(60_000);
    expect(service.sent).toHaveLength(1);
  });

  it("[CLI6] ends for good when it is closed", async () => {
    const { sockets, live, news } = watch(new PolledService());
    await pass(50);
    const { last } = sockets;
    live.close();
    await pass(60_000);
    expect([last.readyState, sockets.made.length, live.connection]).toEqual([3, 1, "closed"]);
    expect(connections(news)).toEqual(["live", "closed"]);
  });

  it("[CLI7] is pinged, and made anew when nothing comes back", async () => {
    const { sockets } = watch(new PolledService());
    await pass(50);
    const { last } = sockets;
    await pass(PING_MS);
    expect(last.sent).toEqual(['{"type":"ping"}']);
    await pass(PONG_MS_MAX);
    last.isAlive = false;
    await pass(PING_MS - PONG_MS_MAX);
    expect([last.sent.length, sockets.made.length]).toEqual([2, 1]);
    await pass(PONG_MS_MAX + 100);
    expect([last.readyState, sockets.made.length]).toEqual([3, 2]);
  });
});

describe("a token that ends", () => {
  it("[CLI7] is renewed in time, with a new socket", async () => {
    const token = vi.fn(() => tokenOf("shopper", 120));
    const { sockets, news } = watch(new PolledService(), { token });
    await pass(50);
    await pass(90_000);
    expect(token).toHaveBeenCalledTimes(2);
    expect(sockets.last.protocols).toEqual(["holdfast", `bearer.${token.mock.results[1]?.value}`]);
    expect(connections(news)).not.toContain("polling");
  });

  it("[CLI7] is renewed when the service has not accepted it", async () => {
    const token = vi.fn(() => tokenOf("shopper", 3_600, `ann-${token.mock.calls.length}`));
    const { sockets, live } = watch(new PolledService(), { token });
    await pass(50);
    sockets.last.say({ type: "error", code: "unauthenticated", detail: "the token has expired" });
    sockets.last.break(1008);
    await pass(3_000);
    expect([token.mock.calls.length, live.connection]).toEqual([2, "live"]);
  });

  it("[CLI6] does not keep a watch going that nobody may have", async () => {
    const sockets = new FakeSockets();
    sockets.isUp = false;
    const service = new FakeService(() => problem(401, "unauthenticated"));
    const live = service.client({ token: "old", WebSocket: sockets.WebSocket }).live("shoe");
    await pass(10_000);
    expect([live.connection, live.reason]).toMatchObject(["closed", { code: "unauthenticated" }]);
  });

  it("[CLI7] that cannot be got is asked for again", async () => {
    const given: (() => string)[] = [
      () => {
        throw new Error("offline");
      },
    ];
    const { live } = watch(new PolledService(), { token: () => (given.shift() ?? (() => tokenOf("shopper")))() });
    await pass(10_000);
    expect(live.connection).toBe("live");
  });
});
