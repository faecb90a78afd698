import { LINGER_MS, LIVE_SKUS_MAX } from "../bounds.ts";
import type { Holdfast } from "../client.ts";
import { HoldfastError } from "../failure.ts";
import type { Connection, Live, LiveNews } from "../live.ts";
import { later } from "../patience.ts";
import type { StockFrame } from "../wire.ts";

/** A watch of some SKUs over shared sockets. */
export interface Watch {
  /** The worst connection of its SKUs. */
  readonly connection: Connection;
  /** Why one of its SKUs will send nothing more. */
  readonly reason: Live["reason"];
  /** The newest known stock. */
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
  /** A socket for these SKUs and more, which takes over once it is open. */
  successor: Socket | null;
}

const pools = new WeakMap<Holdfast, LivePool>();

/** Watches these SKUs. All watches of one client share its sockets, with up to 50 SKUs on each. */
export function watchSkus(client: Holdfast, skus: string | readonly string[], tell: Tell): Watch {
  const pool = pools.get(client) ?? new LivePool(client);
  pools.set(client, pool);
  return pool.watch(new Set([skus].flat()), tell);
}

/** From worst to best. */
const ORDER: readonly Connection[] = ["closed", "connecting", "polling", "live"];
const connectionAt = (places: number[]): Connection => ORDER[Math.min(...places)] ?? "connecting";

/** The watched SKUs of a client, over as few sockets as possible. */
class LivePool {
  readonly #client: Holdfast;
  readonly #looks = new Set<Look>();
  readonly #sockets = new Set<Socket>();
  readonly #newest = new Map<string, StockFrame>();
  /** SKUs that will send nothing more, and why. */
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

  /** Requests of the same turn, as by all parts of an appearing page, are opened together. */
  #gatherSoon(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    queueMicrotask(() => {
      this.#isGathering = false;
      this.#gather();
    });
  }

  /** Opens what is missing. A socket with room is replaced by one that has its SKUs and these, to keep the number of sockets low. */
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
      // A socket that takes over first repeats what the previous one has sent.
      if (news.version <= (this.#newest.get(sku)?.version ?? 0)) return;
      this.#newest.set(sku, news);
    }
    this.#tell(news, (each) => each === sku);
  }

  #tell(news: LiveNews, isAbout: (sku: string) => boolean): void {
    for (const { skus, tell } of [...this.#looks]) if ([...skus].some(isAbout)) tell(news);
  }

  /** The service closes a socket because of one unknown SKU, or its token: the other SKUs are kept. */
  #lose(socket: Socket): void {
    const { live, skus } = socket;
    if (!this.#sockets.delete(socket)) return;
    // SKUs are polled in order: the first one without an answer is the unknown one.
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
      // If no socket can be opened, one poll is enough.
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
    // Stock without updates becomes outdated.
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

/** The SKU of a frame. */
function skuOf(news: Exclude<LiveNews, { type: "connection" }>): string {
  switch (news.type) {
    case "reservation":
      return news.reservation.sku;
    case "waitlist":
      return news.entry.sku;
    case "snapshot":
    case "stock":
      return news.sku;
  }
}
