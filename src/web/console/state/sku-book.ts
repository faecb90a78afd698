import type { Connection, Holdfast, Live, StockFrame, TrustedSku } from "../../../client/client.ts";
import { WatchedStore } from "../../../client/stores/store.ts";
import type { Failure } from "./failure.ts";
import { attempt } from "./loading.ts";
import { isBehind, newerOf, withFrame } from "./merge-sku.ts";

/** SKUs on one socket: the service's bound. */
const SOCKET_SKUS_MAX = 50;
/** SKUs that are watched live; a page of a few hundred moving rows tells nobody anything, and the list still comes. */
const LIVE_SKUS_MAX = 200;
const PAGE_SKUS = 200;
/** How often the whole list is read, for SKUs that somebody else made. */
const LIST_MS = 10_000;
/** How long changes gather before their counts are read. */
const GATHER_MS = 300;
/** Up to as many are read one by one from their objects; more cost less as one list. */
const SINGLE_READS_MAX = 5;
const FAILED_MS = 3_000;

export interface BookState {
  /** By name; null until they are known. */
  skus: readonly TrustedSku[] | null;
  connection: Connection;
  failure: Failure | null;
  loadedAt: number | null;
}

/** Every SKU of the service: the live feed says at once what is available, and the counts are read after it. */
export class SkuBook extends WatchedStore<BookState> {
  readonly #client: Holdfast;
  readonly #judge: (failure: Failure) => void;
  readonly #reads = new Map<string, TrustedSku>();
  readonly #frames = new Map<string, StockFrame>();
  #lives: Live[] = [];
  #watched = "";
  #stopper = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #listedAt = 0;

  constructor(client: Holdfast, judge: (failure: Failure) => void) {
    super({ skus: null, connection: "connecting", failure: null, loadedAt: null });
    this.#client = client;
    this.#judge = judge;
  }

  /** Takes what a change was answered with, which is newer than what lists know. */
  readonly learn = (sku: TrustedSku): void => {
    this.#reads.set(sku.sku, newerOf(this.#reads.get(sku.sku), sku));
    this.#show();
    this.#watch();
  };

  /** Reads everything now. */
  readonly reload = (): void => {
    this.#listedAt = 0;
    this.#schedule(0);
  };

  protected start(): void {
    this.#stopper = new AbortController();
    this.#listedAt = 0;
    this.#schedule(0);
  }

  protected stop(): void {
    this.#stopper.abort();
    clearTimeout(this.#timer);
    this.#dueAt = Number.POSITIVE_INFINITY;
    for (const live of this.#lives) live.close();
    this.#lives = [];
    this.#watched = "";
  }

  #schedule(ms: number): void {
    const dueAt = Date.now() + ms;
    if (dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#round(), ms);
  }

  async #round(): Promise<void> {
    const { signal } = this.#stopper;
    const behind = this.#behind();
    const isListDue = Date.now() - this.#listedAt >= LIST_MS || behind.length > SINGLE_READS_MAX;
    const outcome = isListDue ? await this.#list(signal) : await this.#readSome(behind, signal);
    if (signal.aborted) return;
    this.#dueAt = Number.POSITIVE_INFINITY;
    if (outcome !== null) this.#judge(outcome);
    else if (isListDue) this.#listedAt = Date.now();
    this.set({ failure: outcome, ...(outcome === null ? { loadedAt: Date.now() } : {}) });
    this.#show();
    this.#watch();
    const nextMs = this.#behind().length > 0 ? GATHER_MS : LIST_MS;
    this.#schedule(outcome === null ? nextMs : FAILED_MS);
  }

  #behind(): string[] {
    return [...this.#frames.values()].flatMap((frame) =>
      isBehind(this.#reads.get(frame.sku), frame) ? [frame.sku] : [],
    );
  }

  async #list(signal: AbortSignal): Promise<Failure | null> {
    let cursor: string | undefined;
    do {
      const query = { limit: PAGE_SKUS, cursor };
      const outcome = await attempt(() => this.#client.skus.list(query, { signal }), signal);
      if ("failure" in outcome) return outcome.failure;
      for (const sku of outcome.value.items) this.#take(sku);
      cursor = outcome.value.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return null;
  }

  async #readSome(names: readonly string[], signal: AbortSignal): Promise<Failure | null> {
    const outcomes = await Promise.all(
      names.map((name) => attempt(() => this.#client.skus.read(name, { signal }), signal)),
    );
    for (const outcome of outcomes) {
      if ("failure" in outcome) return outcome.failure;
      // With an admin's token it has every count.
      this.#take(outcome.value as TrustedSku);
    }
    return null;
  }

  #take(sku: TrustedSku): void {
    this.#reads.set(sku.sku, newerOf(this.#reads.get(sku.sku), sku));
  }

  #show(): void {
    const names = [...this.#reads.keys()].sort();
    if (names.length === 0 && this.get().loadedAt === null) return;
    const skus = names.flatMap((name) => {
      const read = this.#reads.get(name);
      return read === undefined ? [] : [withFrame(read, this.#frames.get(name))];
    });
    this.set({ skus });
  }

  /** Opens sockets for the SKUs there are; others than before, when there are others. */
  #watch(): void {
    const names = [...this.#reads.keys()].sort().slice(0, LIVE_SKUS_MAX);
    if (names.join() === this.#watched || !this.isWatched) return;
    this.#watched = names.join();
    for (const live of this.#lives) live.close();
    this.#lives = [];
    for (let from = 0; from < names.length; from += SOCKET_SKUS_MAX) {
      const live = this.#client.live(names.slice(from, from + SOCKET_SKUS_MAX));
      this.#lives.push(live);
      live.listen((news) => {
        if (news.type === "stock") this.#hear(news);
        if (news.type === "connection") this.#showConnection();
      });
    }
    this.#showConnection();
  }

  #hear(frame: StockFrame): void {
    this.#frames.set(frame.sku, frame);
    if (!isBehind(this.#reads.get(frame.sku), frame)) return;
    this.#show();
    this.#schedule(GATHER_MS);
  }

  /** As good as the worst of the sockets. */
  #showConnection(): void {
    const order: Connection[] = ["closed", "connecting", "polling", "live"];
    const states = this.#lives.map(({ connection }) => connection);
    this.set({ connection: order.find((state) => states.includes(state)) ?? "connecting" });
  }
}
