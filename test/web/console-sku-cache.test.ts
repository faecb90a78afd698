import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Holdfast, HoldfastError, type StockFrame, type TrustedSku } from "../../src/client/client.ts";
import { feedOf } from "../../src/web/console/feed.ts";
import { rechunk } from "../../src/web/console/state/live-chunks.ts";
import { newerOf } from "../../src/web/console/state/merge-sku.ts";
import { SkuCache } from "../../src/web/console/state/sku-cache.ts";

const DOWN = new HoldfastError("unavailable", "D1 does not answer", { status: 503 });

function skuOf(sku: string, version = 1): TrustedSku {
  const counts = { available: 10, stock: 10, held: 0, sold: 0, waiting: 0, low: false };
  return { sku, name: sku, drop: null, state: "open", ...counts, policy: {}, version, revision: 1 } as TrustedSku;
}

const namesTo = (count: number) => Array.from({ length: count }, (_, index) => `S-${String(index).padStart(3, "0")}`);

/** A service of these SKUs, whose D1 and objects can fail, and what it was asked. */
class Service {
  readonly skus = new Map<string, TrustedSku>();
  readonly failing = { list: false };
  readonly silent = new Set<string>();
  readonly opened: { names: readonly string[]; isClosed: boolean }[] = [];
  metrics = "";
  lists = 0;
  reads: string[] = [];
  #listeners: ((news: unknown) => void)[] = [];

  constructor(names: readonly string[]) {
    for (const name of names) this.skus.set(name, skuOf(name));
  }

  tell(sku: string): void {
    const version = (this.skus.get(sku)?.version ?? 0) + 1;
    const next = { ...skuOf(sku, version), held: version, available: 10 - version };
    this.skus.set(sku, next);
    const frame: StockFrame = { ...next, type: "stock", at: "2026-11-24T12:00:00.000Z" };
    for (const listener of this.#listeners) listener(frame);
  }

  readonly client = {
    skus: {
      list: async () => {
        this.lists += 1;
        if (this.failing.list) throw DOWN;
        return { ok: true, value: { items: [...this.skus.values()], nextCursor: null } };
      },
      read: async (name: string) => {
        this.reads.push(name);
        if (this.silent.has(name)) await new Promise(() => undefined);
        const value = this.skus.get(name);
        if (value === undefined) return { ok: false, refusal: { code: "not-found", title: "", detail: "" } };
        return { ok: true, value };
      },
    },
    operations: { metrics: async () => ({ ok: true, value: this.metrics }) },
    live: (names: readonly string[]) => {
      const own = { names, isClosed: false };
      this.opened.push(own);
      return {
        connection: "live",
        listen: (listener: (news: unknown) => void) => this.#listeners.push(listener),
        close: () => {
          own.isClosed = true;
        },
      };
    },
  } as unknown as Holdfast;
}

let page: EventTarget & { hidden: boolean };
beforeEach(() => {
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A cache that somebody looks at, after the first list. */
async function openCache(service: Service) {
  const cache = new SkuCache(service.client, () => undefined);
  const drawn = vi.fn();
  cache.subscribe(drawn);
  await vi.advanceTimersByTimeAsync(500);
  drawn.mockClear();
  const held = (name: string) => cache.get().skus?.find(({ sku }) => sku === name)?.held;
  return { cache, drawn, held };
}

describe("while D1 does not answer", () => {
  it("what a page shows is read from its objects, and one that hangs keeps no other", async () => {
    const service = new Service(["A", "B"]);
    service.failing.list = true;
    service.silent.add("B");
    const { cache } = await openCache(service);
    expect(cache.get()).toMatchObject({ skus: null, loadedAt: null, failure: { code: "unavailable" } });
    cache.want(["A", "B", "NONE"]);
    await vi.advanceTimersByTimeAsync(500);
    expect(cache.get().skus?.map(({ sku }) => sku)).toEqual(["A"]);
    expect(cache.get().unread.get("NONE")?.failure.code).toBe("not-found");
    expect(service.opened.map(({ names }) => names)).toEqual([["A"]]);
  });

  it("the busiest SKUs are known nevertheless, so that they can be paused", async () => {
    const service = new Service(["A", "B"]);
    service.failing.list = true;
    service.metrics =
      'holdfast_held_units{sku="B"} 4\nholdfast_commands_total{sku="B",command="reserve",outcome="ok"} 9\n';
    const { cache } = await openCache(service);
    expect(cache.get().skus?.map(({ sku }) => sku)).toEqual(["B"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(service.reads).toEqual(["B"]);
  });

  it("SKUs that come one by one do not each open a socket", async () => {
    const names = namesTo(40);
    const service = new Service(names);
    service.failing.list = true;
    const { cache } = await openCache(service);
    cache.want(names);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(cache.get().skus).toHaveLength(40);
    expect(service.opened.length).toBeLessThanOrEqual(4);
    expect(service.opened.filter(({ isClosed }) => !isClosed).map(({ names: { length } }) => length)).toEqual([40]);
  });

  it("the counts of what is known come from the objects, however many change", async () => {
    const names = namesTo(30);
    const service = new Service(names);
    const { cache, held } = await openCache(service);
    service.failing.list = true;
    await vi.advanceTimersByTimeAsync(10_000);
    for (const name of names) service.tell(name);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(names.map(held)).toEqual(names.map(() => 2));
    expect(cache.get().failure).toBe(DOWN);
  });
});

describe("a busy drop", () => {
  it("is drawn five times a second, and only what has changed", async () => {
    const names = namesTo(20);
    const service = new Service(names);
    const { cache, drawn } = await openCache(service);
    const before = cache.get().skus ?? [];
    service.tell("S-003");
    await vi.advanceTimersByTimeAsync(450);
    expect(drawn).toHaveBeenCalledTimes(1);
    expect(
      cache
        .get()
        .skus?.filter((sku, index) => sku !== before[index])
        .map(({ sku }) => sku),
    ).toEqual(["S-003"]);
    for (let round = 0; round < 40; round += 1) {
      for (const name of names.slice(0, 5)) service.tell(name);
      await vi.advanceTimersByTimeAsync(25);
    }
    expect(drawn.mock.calls.length).toBeLessThan(12);
  });

  it("shows figures that add up at every moment: those of one version of each SKU", async () => {
    const names = namesTo(20);
    const service = new Service(names);
    const { cache } = await openCache(service);
    const sums = new Set<number>();
    cache.subscribe(() => {
      for (const { available, held, sold, stock } of cache.get().skus ?? []) sums.add(stock - available - held - sold);
    });
    for (let round = 0; round < 40; round += 1) {
      for (const name of names.slice(round % 7, round)) service.tell(name);
      await vi.advanceTimersByTimeAsync(70);
    }
    expect([...sums]).toEqual([0]);
    expect(cache.get().skus?.some(({ held }) => held > 1)).toBe(true);
  });

  it("has its whole list read every two seconds at most", async () => {
    const names = namesTo(60);
    const service = new Service(names);
    await openCache(service);
    service.lists = 0;
    for (let round = 0; round < 100; round += 1) {
      for (const name of names) service.tell(name);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(service.lists).toBeGreaterThan(2);
    expect(service.lists).toBeLessThanOrEqual(6);
  });

  it("asks and draws nothing in a tab that nobody sees, and all when it is seen again", async () => {
    const service = new Service(["A"]);
    const { drawn, held } = await openCache(service);
    page.hidden = true;
    [service.lists, service.reads] = [0, []];
    page.dispatchEvent(new Event("visibilitychange"));
    service.tell("A");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([service.lists, service.reads.length, drawn.mock.calls.length]).toEqual([0, 0, 0]);
    page.hidden = false;
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(held("A")).toBe(2);
  });
});

it("reads again what was asked for while it was reading", async () => {
  const service = new Service(["A"]);
  const { cache } = await openCache(service);
  let answer: (() => void) | undefined;
  const { list } = service.client.skus;
  service.client.skus.list = async (...asked) => {
    const outcome = await list(...asked);
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return outcome;
  };
  cache.reload();
  await vi.advanceTimersByTimeAsync(10);
  service.skus.set("B", skuOf("B"));
  cache.reload();
  answer?.();
  await vi.advanceTimersByTimeAsync(10);
  answer?.();
  await vi.advanceTimersByTimeAsync(10);
  expect(cache.get().skus?.map(({ sku }) => sku)).toEqual(["A", "B"]);
});

describe("sockets", () => {
  it("are for what pages show first, and say for how many they are", async () => {
    const service = new Service(namesTo(230));
    const { cache } = await openCache(service);
    expect(feedOf(cache.get())).toEqual({ tone: "good", text: "200 of 230 live" });
    cache.want(["S-229"]);
    expect(service.opened.map(({ isClosed }) => isClosed)).toEqual([false, false, false, true, false]);
    expect(service.opened.at(-1)?.names).toContain("S-229");
  });

  it("stay open when a SKU is added, but for the one that it joins", () => {
    const names = namesTo(120);
    const before = rechunk([], names);
    expect(before.map(({ length }) => length)).toEqual([50, 50, 20]);
    const after = rechunk(before, ["A-NEW", ...names]);
    expect(after.map((chunk, index) => chunk === before[index])).toEqual([true, true, false]);
    expect(after[2]).toContain("A-NEW");
    const less = rechunk(after, ["B-NEW", ...names.slice(1)]);
    expect(less.map((chunk, index) => chunk === after[index])).toEqual([false, true, false]);
    expect(less.flat().sort()).toEqual(["B-NEW", ...names.slice(1)]);
  });
});

it("says of the feed what it is, and that there is no list", () => {
  const state = { connection: "live" as const, liveSkus: 1, skus: [skuOf("A")], loadedAt: null, failure: null };
  expect(feedOf(state).text).toBe("Live");
  expect(feedOf({ ...state, failure: DOWN }).text).toBe("1 live, no list");
  expect(feedOf({ ...state, failure: DOWN, liveSkus: 0, connection: "connecting" }).text).toBe("No answer");
});

it("keeps a SKU as it is when it was read again and nothing has changed", () => {
  const known = skuOf("A");
  expect(newerOf(known, { ...known })).toBe(known);
});
