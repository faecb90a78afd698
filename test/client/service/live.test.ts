import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { type Service, startService } from "../../../scripts/service.ts";
import { signToken } from "../../../scripts/sign-token.ts";
import { createClient, type Holdfast } from "../../../src/client/client.ts";
import type { LiveNews } from "../../../src/client/live.ts";
import { CartStore, ReservationStore, StockStore, WaitlistStore } from "../../../src/client/stores/stores.ts";
import type { Prepared } from "../../browser/prepared.ts";

const PATIENCE = { timeout: 30_000, interval: 50 };
const { bundle, state }: Prepared = inject("prepared");
const stateDir = mkdtempSync(join(tmpdir(), "holdfast-client-"));
let service: Service;

beforeAll(async () => {
  cpSync(state, stateDir, { recursive: true });
  service = await startService({ port: 0, stateDir, bundle });
});
afterAll(async () => {
  await service.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** A client on a real socket, whose tokens live as long as a test likes. */
function clientFor(role: "shopper" | "storefront" | "admin", sub: string, ttlSeconds = 3600) {
  const token = vi.fn(() => signToken(service.secret, { role, sub, ttlSeconds }));
  return { ...createClient({ url: service.url, token }), token };
}

let made = 0;
async function newSku(stock: number): Promise<string> {
  made += 1;
  const sku = `live-${made}`;
  const result = await clientFor("admin", "root").skus.create({ sku, name: sku, stock });
  if (!result.ok) throw new Error(result.refusal.code);
  return sku;
}

function hold(sku: string, customer: string) {
  return clientFor("storefront", "shop").reservations.reserve(sku, { quantity: 1, customer });
}

function watch(client: Holdfast, skus: string | string[]) {
  const news: LiveNews[] = [];
  const live = client.live(skus);
  live.listen((each) => news.push(each));
  return { live, news };
}

describe("a watch over a real socket", () => {
  it("[LIV2] [LIV4] sees the stock of one SKU and its customer's own", async () => {
    const sku = await newSku(5);
    const { live, news } = watch(clientFor("shopper", "ann"), sku);
    await vi.waitFor(() => expect(live.connection).toBe("live"), PATIENCE);
    await hold(sku, "ann");
    await hold(sku, "bob");
    await vi.waitFor(() => expect(live.stock(sku)?.available).toBe(3), PATIENCE);
    const own = news.flatMap((each) => (each.type === "reservation" ? each.reservation.customer : []));
    expect(own).toEqual(["ann"]);
    expect(news.some(({ type }) => type === "snapshot")).toBe(true);
    live.close();
  });

  it("[LIV8] sees several SKUs, also without a token", async () => {
    const [shoe, laces] = [await newSku(5), await newSku(2)];
    const { live } = watch(createClient({ url: service.url }), [shoe, laces]);
    await vi.waitFor(
      () => expect([live.stock(shoe)?.available, live.stock(laces)?.available]).toEqual([5, 2]),
      PATIENCE,
    );
    await hold(laces, "ann");
    await vi.waitFor(() => expect(live.stock(laces)?.available).toBe(1), PATIENCE);
    expect(live.connection).toBe("live");
    live.close();
  });

  it("[LIV6] outlives its token", async () => {
    const sku = await newSku(5);
    const client = clientFor("shopper", "ann", 4);
    const { live, news } = watch(client, sku);
    await vi.waitFor(() => expect(client.token.mock.calls.length).toBeGreaterThanOrEqual(3), PATIENCE);
    await vi.waitFor(() => expect(live.connection).toBe("live"), PATIENCE);
    await hold(sku, "ann");
    await vi.waitFor(() => expect(news.some(({ type }) => type === "reservation")).toBe(true), PATIENCE);
    live.close();
  });

  it("is polled where there are no sockets", async () => {
    const sku = await newSku(5);
    vi.stubGlobal("WebSocket", undefined);
    const { live } = watch(clientFor("shopper", "ann"), sku);
    vi.unstubAllGlobals();
    await vi.waitFor(() => expect(live.stock(sku)?.available).toBe(5), PATIENCE);
    await hold(sku, "bob");
    await vi.waitFor(() => expect(live.stock(sku)?.available).toBe(4), PATIENCE);
    expect(live.connection).toBe("polling");
    live.close();
  });

  it("is given up for a SKU that does not exist", async () => {
    const { live } = watch(createClient({ url: service.url }), "nothing");
    await vi.waitFor(() => expect(live.connection).toBe("closed"), PATIENCE);
    expect(live.reason).toMatchObject({ code: "not-found" });
  });
});

describe("stores on the real service", () => {
  it("find a hold again, follow it and count it down", async () => {
    const sku = await newSku(5);
    const before = new ReservationStore(clientFor("shopper", "ann"), sku);
    await before.reserve({ quantity: 2 });
    const after = new ReservationStore(clientFor("shopper", "ann"), sku);
    const stop = after.subscribe(() => {});
    await vi.waitFor(() => expect(after.get().secondsLeft).toBeGreaterThan(880), PATIENCE);
    expect(after.get().reservation?.id).toBe(before.get().reservation?.id);
    await before.release();
    await vi.waitFor(() => expect(after.get().reservation?.status).toBe("released"), PATIENCE);
    expect(after.get().secondsLeft).toBeNull();
    stop();
  });

  it("follow a cart by its lines and find it again", async () => {
    const [shoe, laces] = [await newSku(5), await newSku(5)];
    const ann = clientFor("shopper", "ann");
    const store = new CartStore(ann);
    await store.open({ lines: [shoe, laces].map((sku) => ({ sku, quantity: 1 })) });
    const found = new CartStore(clientFor("shopper", "ann"), { sku: laces });
    const stop = found.subscribe(() => {});
    await vi.waitFor(() => expect(found.get().cart?.id).toBe(store.get().cart?.id), PATIENCE);
    // The watch of its lines begins when the cart is known.
    await vi.waitFor(() => expect(found.get().secondsLeft).toBeGreaterThan(0), PATIENCE);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await store.release();
    await vi.waitFor(() => expect(found.get().cart?.status).toBe("released"), PATIENCE);
    stop();
  });

  it("wait in line, are offered what comes back, and show it", async () => {
    const sku = await newSku(1);
    const ann = new ReservationStore(clientFor("shopper", "ann"), sku);
    await ann.reserve({ quantity: 1 });
    const bob = new WaitlistStore(clientFor("shopper", "bob"), sku);
    const stop = bob.subscribe(() => {});
    await bob.join(1);
    expect(bob.get().entry?.position).toBe(1);
    await ann.release();
    await vi.waitFor(() => expect(bob.get().entry?.status).toBe("offered"), PATIENCE);
    expect(bob.get().secondsLeft).toBeGreaterThan(590);
    await bob.leave();
    await vi.waitFor(() => expect(bob.get().entry?.status).toBe("declined"), PATIENCE);
    stop();
  });
});

describe("a service that goes away", () => {
  it("[LIV2] is polled for, and watched again from the newest version once it is back", async () => {
    const sku = await newSku(9);
    const store = new StockStore(createClient({ url: service.url }), sku);
    const connections = new Set<string>();
    const stop = store.subscribe(() => connections.add(store.get().connection));
    await hold(sku, "ann");
    await vi.waitFor(() => expect(store.get().stock[sku]?.version).toBe(2), PATIENCE);
    const port = Number(new URL(service.url).port);
    await service.stop();
    await vi.waitFor(() => expect(store.get().connection).toBe("polling"), PATIENCE);
    expect(store.get().stock[sku]?.available).toBe(8);
    service = await startService({ port, stateDir, bundle });
    await hold(sku, "bob");
    await vi.waitFor(() => expect(store.get().stock[sku]?.available).toBe(7), PATIENCE);
    await vi.waitFor(() => expect(store.get().connection).toBe("live"), PATIENCE);
    expect([...connections]).toEqual(["live", "connecting", "polling"]);
    stop();
  });
});
