import { LINGER_MS, LIVE_SKUS_MAX } from "../bounds.ts";
import type { Holdfast } from "../client.ts";
import { HoldfastError } from "../failure.ts";
import type { Connection, Live, LiveNews } from "../live.ts";
import { later } from "../patience.ts";
import type { StockFrame } from "../wire.ts";

/** A look at some SKUs over sockets that others may use, too. */
export interface Watch {
  /** As good as the worst of its SKUs'. */
  readonly connection: Connection;
  /** Why nothing more comes of one of them. */
  readonly reason: Live["reason"];
  /** The newest stock that was seen. */
  stock: (sku: string) => StockFrame | null;
  leave: () => void;
}

type Tell = (news: LiveNews) => void;
interface Look {
  skus: ReadonlySet<string>;
  tell: Tell;
}
interface Socket {
  live: Live;
  skus: ReadonlySet<string>;
  /** Has these SKUs and more, and takes over as soon as it is there. */
  successor: Socket | null;
}

const pools = new WeakMap<Holdfast, LivePool>();

/** Tells what is new of these SKUs. All who look through one client share its sockets, with up to 50 SKUs on each. */
export function watchSkus(client: Holdfast, skus: string | readonly string[], tell: Tell): Watch {
  const pool = pools.get(client) ?? new LivePool(client);
  pools.set(client, pool);
  return pool.watch(new Set([skus].flat()), tell);
}

/** From the worst to the best. */
const ORDER: readonly Connection[] = ["closed", "connecting", "polling", "live"];
const connectionAt = (places: number[]): Connection => ORDER[Math.min(...places)] ?? "connecting";

/** The SKUs that anybody looks at through a client, over as few sockets as it takes. */
class LivePool {
  readonly #client: Holdfast;
  readonly #looks = new Set<Look>();
  readonly #sockets = new Set<Socket>();
  readonly #newest = new Map<string, StockFrame>();
  /** SKUs of which nothing comes any more, and why. */
  readonly #lost = new Map<string, Live["reason"]>();
  #isGathering = false;

  constructor(client: Holdfast) {
    this.#client = client;
  }

  watch(skus: ReadonlySet<string>, tell: Tell): Watch {
    const pool = this;
    const look = { skus, tell };
    for (const sku of skus) this.#lost.delete(sku);
    this.#looks.add(look);
    this.#gatherSoon();
    return {
      get connection() {
        return connectionAt([...skus].map((sku) => pool.#placeOf(sku)));
      },
      get reason() {
        return [...skus].map((sku) => pool.#lost.get(sku)).find((reason) => reason) ?? null;
      },
      stock: (sku) => this.#newest.get(sku) ?? null,
      leave: () => {
        if (this.#looks.delete(look)) later(LINGER_MS, () => this.#closeIdle());
      },
    };
  }

  /** What is asked for together, as by all parts of a page that appears, is had together. */
  #gatherSoon(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    queueMicrotask(() => {
      this.#isGathering = false;
      this.#gather();
    });
  }

  /** Opens what is missing. A socket that has room is replaced by one with its SKUs and these, so that there are not more and more. */
  #gather(): void {
    const wanted = this.#wanted();
    const missing = [...wanted].filter((sku) => this.#socketsOf(sku).length === 0);
    if (missing.length === 0) return;
    const roomy = [...this.#sockets].find(({ skus, successor }) => successor === null && skus.size < LIVE_SKUS_MAX);
    const skus = [...[...(roomy?.skus ?? [])].filter((sku) => wanted.has(sku)), ...missing];
    for (let from = 0; from < skus.length; from += LIVE_SKUS_MAX) {
      const socket = this.#open(skus.slice(from, from + LIVE_SKUS_MAX));
      if (roomy !== undefined) roomy.successor ??= socket;
    }
  }

  #open(skus: readonly string[]): Socket {
    const socket: Socket = { live: this.#client.live(skus), skus: new Set(skus), successor: null };
    this.#sockets.add(socket);
    socket.live.listen((news) => this.#hear(socket, news));
    return socket;
  }

  #hear(socket: Socket, news: LiveNews): void {
    if (news.type === "connection") {
      if (news.connection === "closed") this.#lose(socket);
      this.#closeReplaced();
      this.#tell(news, (sku) => socket.skus.has(sku));
      return;
    }
    const sku = skuOf(news);
    if (news.type === "stock") {
      // A socket that takes over begins with what the one before has told.
      if (news.version <= (this.#newest.get(sku)?.version ?? 0)) return;
      this.#newest.set(sku, news);
    }
    this.#tell(news, (each) => each === sku);
  }

  #tell(news: LiveNews, isAbout: (sku: string) => boolean): void {
    for (const { skus, tell } of [...this.#looks]) if ([...skus].some(isAbout)) tell(news);
  }

  /** A socket is closed by the service for one SKU that there is not, or for its token: the others need not suffer for the one. */
  #lose(socket: Socket): void {
    const { live, skus } = socket;
    if (!this.#sockets.delete(socket)) return;
    // They are polled in order, and the first of which nothing was heard is the one.
    const unknown =
      live.reason instanceof HoldfastError ? undefined : [...skus].find((sku) => live.stock(sku) === null);
    for (const sku of unknown === undefined ? skus : [unknown]) this.#lost.set(sku, live.reason);
    for (const other of this.#sockets) if (other.successor === socket) other.successor = null;
    this.#gatherSoon();
  }

  #closeReplaced(): void {
    for (const socket of this.#sockets) {
      const { successor, live } = socket;
      const isThere = successor?.live.connection === "live";
      // Without a socket to be had, to poll once is enough.
      if (isThere || (successor?.live.connection === "polling" && live.connection !== "live")) this.#close(socket);
    }
  }

  #closeIdle(): void {
    const wanted = this.#wanted();
    for (const socket of this.#sockets) if (![...socket.skus].some((sku) => wanted.has(sku))) this.#close(socket);
  }

  #close(socket: Socket): void {
    this.#sockets.delete(socket);
    for (const other of this.#sockets) if (other.successor === socket) other.successor = socket.successor;
    socket.live.close();
    // What nobody tells of any more gets old.
    for (const sku of socket.skus) if (this.#socketsOf(sku).length === 0) this.#newest.delete(sku);
  }

  #wanted(): ReadonlySet<string> {
    const skus = [...this.#looks].flatMap((look) => [...look.skus]);
    return new Set(skus.filter((sku) => !this.#lost.has(sku)));
  }

  #socketsOf(sku: string): Socket[] {
    return [...this.#sockets].filter(({ skus }) => skus.has(sku));
  }

  #placeOf(sku: string): number {
    if (this.#lost.has(sku)) return ORDER.indexOf("closed");
    const places = this.#socketsOf(sku).map(({ live }) => ORDER.indexOf(live.connection));
    return Math.max(ORDER.indexOf("connecting"), ...places);
  }
}

/** The SKU that a piece of news is about. */
function skuOf(news: Exclude<LiveNews, { type: "connection" }>): string {
  switch (news.type) {
    case "reservation":
      return news.reservation.sku;
    case "waitlist":
      return news.entry.sku;
    default:
      return news.sku;
  }
}
