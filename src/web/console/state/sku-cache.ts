import type { Holdfast, StockFrame, TrustedSku } from "../../../client/client.ts";
import { wait } from "../../../client/patience.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { WatchedStore } from "../../../client/stores/store.ts";
import { healthBySku, readMetrics } from "../health/metrics.ts";
import { attempt } from "./attempt.ts";
import type { Failure } from "./failure.ts";
import { LiveChunks, type Liveness } from "./live-chunks.ts";
import { Polling } from "./polling.ts";
import { SkuList } from "./sku-list.ts";

/** SKUs to watch live; more moving rows would not be readable, and the list is polled anyway. */
const LIVE_SKUS_MAX = 200;
const PAGE_SKUS = 200;
/** How often the whole list is read, for SKUs that others created. */
const LIST_MS = 10_000;
/** The shortest interval of the list, however much changes. */
const LIST_MS_MIN = 2_000;
/** A shown SKU that the list has not updated for this long is read from its object. */
const STALE_MS = 1.5 * LIST_MS;
/** How long changes gather before they are read. */
const GATHER_MS = 200;
/** How often new data is rendered: nobody reads faster. */
const SHOW_MS = 200;
/** Up to this many are read one by one from their objects per round; more are cheaper as one list. */
const READS_MAX = 10;
const FAILED_MS = 3_000;

/** Why a SKU could not be read, and when it was last read, if ever. */
export interface Unread {
  failure: Failure;
  readAt: number | null;
}

export interface SkuCacheState extends Liveness {
  /** The known SKUs by name; null until any are known. They may be incomplete until the list was read. */
  skus: readonly TrustedSku[] | null;
  /** Why the list could not be read. */
  failure: Failure | null;
  /** When the list was read. */
  loadedAt: number | null;
  /** By name, SKUs whose objects did not answer. */
  unread: ReadonlyMap<string, Unread>;
}

/**
 * All SKUs of the service. The live feed reports changes, which are read at once. The list comes from D1; shown SKUs are read
 * from their objects if D1 does not deliver.
 */
export class SkuCache extends WatchedStore<SkuCacheState> {
  readonly #client: Holdfast;
  readonly #judge: (failure: Failure) => void;
  readonly #skus = new SkuList();
  readonly #lives: LiveChunks;
  readonly #listing = new Polling((signal) => this.#list(signal));
  readonly #reading = new Polling((signal) => this.#read(signal));
  readonly #showing = new Polling(() => this.#show());
  readonly #wanted = new Set<readonly string[]>();
  readonly #asked = new Set<string>();
  #busiest: readonly string[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(client: Holdfast, judge: (failure: Failure) => void) {
    super({ skus: null, connection: "connecting", liveSkus: 0, failure: null, loadedAt: null, unread: new Map() });
    this.#client = client;
    this.#judge = judge;
    this.#lives = new LiveChunks(
      client,
      (frame) => this.#hear(frame),
      (liveness) => this.set(liveness),
    );
  }

  /** Takes the answer to a change, which is newer than lists. */
  readonly learn = (sku: TrustedSku): void => {
    this.#take(sku);
    this.#show();
    this.#watch();
  };

  /** Reads everything now. */
  readonly reload = (): void => {
    this.#listing.within(0);
  };

  /** Keeps these SKUs live and reads them first, until the returned function is called. */
  readonly want = (names: readonly string[]): (() => void) => {
    const own = [...names];
    this.#wanted.add(own);
    this.#watch();
    this.#reading.within(0);
    return () => this.#wanted.delete(own);
  };

  protected start(): void {
    this.#asked.clear();
    for (const polling of [this.#listing, this.#reading, this.#showing]) polling.start();
    this.#watch();
  }

  protected stop(): void {
    for (const polling of [this.#listing, this.#reading, this.#showing]) polling.stop();
    this.#lives.watch([]);
  }

  async #list(signal: AbortSignal): Promise<number> {
    const failure = await this.#readList(signal);
    if (signal.aborted) return LIST_MS;
    this.#listedAt = performance.now();
    if (failure !== null) this.#judge(failure);
    this.set({ failure, ...(failure === null ? { loadedAt: Date.now() } : {}) });
    if (this.get().loadedAt === null) await this.#readNames(signal);
    if (signal.aborted) return LIST_MS;
    this.#show();
    this.#watch();
    this.#reading.within(failure === null ? GATHER_MS : 0);
    return failure === null ? LIST_MS : FAILED_MS;
  }

  async #readList(signal: AbortSignal): Promise<Failure | null> {
    const outcome = await attempt(() => this.#readPages(signal), signal);
    return "failure" in outcome ? outcome.failure : null;
  }

  async #readPages(signal: AbortSignal): Promise<Result<null, RefusalCode>> {
    for (let cursor: string | undefined; ; ) {
      const page = await this.#client.skus.list({ limit: PAGE_SKUS, cursor }, { signal });
      if (!page.ok) return page;
      for (const sku of page.value.items) this.#take(sku);
      if (page.value.nextCursor === null) return { ...page, value: null };
      cursor = page.value.nextCursor;
    }
  }

  /** Reads at least the busiest SKUs, which the service knows even while D1 is down: they may have to be paused. */
  async #readNames(signal: AbortSignal): Promise<void> {
    const outcome = await attempt(() => this.#client.operations.metrics({ signal }), signal);
    if ("value" in outcome) this.#busiest = healthBySku(readMetrics(outcome.value)).map(({ sku }) => sku);
  }

  /** Reads missing and outdated SKUs from their objects, each separately, because one may not answer. */
  #read(signal: AbortSignal): number {
    // New names since the last round are watched together: each time a socket is reopened.
    this.#watch();
    const wanted = new Set([...this.#wanted].flat());
    const lacking = [
      ...[...wanted].filter((name) => Date.now() - (this.#skus.readAt(name) ?? 0) >= STALE_MS),
      ...this.#busiest.filter((name) => !this.#skus.has(name)),
    ];
    const behind = this.#skus.behind();
    if (behind.length > READS_MAX) this.#listing.within(this.#listedAt + LIST_MS_MIN - performance.now());
    const [first, then] = [behind.filter((name) => wanted.has(name)), behind.filter((name) => !wanted.has(name))];
    const names = [...new Set([...lacking, ...first, ...then])].filter((name) => !this.#asked.has(name));
    for (const name of names.slice(0, READS_MAX)) void this.#readOne(name, signal);
    return LIST_MS;
  }

  async #readOne(name: string, signal: AbortSignal): Promise<void> {
    this.#asked.add(name);
    const outcome = await attempt(async () => {
      const read = await this.#client.skus.read(name, { signal });
      // An admin's token sees every count.
      if (read.ok && !signal.aborted) this.#take(read.value as TrustedSku);
      return read;
    }, signal);
    if (signal.aborted) return;
    if ("failure" in outcome) {
      this.#judge(outcome.failure);
      const { failure } = outcome;
      this.set({ unread: new Map(this.get().unread).set(name, { failure, readAt: this.#skus.readAt(name) }) });
      await wait(FAILED_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
    }
    this.#showSoon();
    this.#asked.delete(name);
    this.#reading.within(GATHER_MS);
  }

  #take(sku: TrustedSku): void {
    this.#skus.take(sku);
    if (!this.get().unread.has(sku.sku)) return;
    const unread = new Map(this.get().unread);
    unread.delete(sku.sku);
    this.set({ unread });
  }

  #show(): number {
    this.#shownAt = performance.now();
    const skus = this.#skus.all();
    if (skus.length > 0 || this.get().loadedAt !== null) this.set({ skus });
    return Number.POSITIVE_INFINITY;
  }

  #showSoon(): void {
    this.#showing.within(Math.max(0, this.#shownAt + SHOW_MS - performance.now()));
  }

  #watch(): void {
    if (!this.isWatched) return;
    const known = this.#skus.all().map(({ sku }) => sku);
    const wanted = [...this.#wanted].flat().filter((name) => this.#skus.has(name));
    // Watched SKUs stay watched while there is room, so that sockets stay open from page to page.
    const names = new Set([...wanted, ...this.#busiest, ...this.#lives.names, ...known]);
    this.#lives.watch([...names].slice(0, LIVE_SKUS_MAX));
  }

  #hear(frame: StockFrame): void {
    if (this.#skus.hear(frame)) this.#reading.within(GATHER_MS);
  }
}
