import { LIVE_SKUS_MAX } from "../../../client/bounds.ts";
import type { Connection, Holdfast, Live, StockFrame } from "../../../client/client.ts";

interface Chunk {
  names: readonly string[];
  live: Live;
}

/** The state of all sockets together: as bad as the worst, with the number of live SKUs. */
export interface Liveness {
  connection: Connection;
  liveSkus: number;
}

/** Watches many SKUs over as few sockets as possible. */
export class LiveChunks {
  readonly #client: Holdfast;
  readonly #hear: (frame: StockFrame) => void;
  readonly #tell: (liveness: Liveness) => void;
  #chunks: readonly Chunk[] = [];

  constructor(client: Holdfast, hear: (frame: StockFrame) => void, tell: (liveness: Liveness) => void) {
    this.#client = client;
    this.#hear = hear;
    this.#tell = tell;
  }

  get names(): readonly string[] {
    return this.#chunks.flatMap(({ names }) => names);
  }

  /** Watches exactly these from now on; sockets whose SKUs do not change stay open. */
  watch(names: readonly string[]): void {
    const before = this.#chunks;
    const lists = rechunk(
      before.map((chunk) => chunk.names),
      names,
    );
    this.#chunks = lists.map((list) => before.find((chunk) => chunk.names === list) ?? this.#open(list));
    for (const chunk of before) if (!this.#chunks.includes(chunk)) chunk.live.close();
    this.#showLiveness();
  }

  #open(names: readonly string[]): Chunk {
    const live = this.#client.live(names);
    live.listen((news) => {
      if (news.type === "stock") this.#hear(news);
      if (news.type === "connection") this.#showLiveness();
    });
    return { names, live };
  }

  #showLiveness(): void {
    const order: Connection[] = ["closed", "connecting", "polling", "live"];
    const states = this.#chunks.map(({ live }) => live.connection);
    const connected = this.#chunks.filter(({ live }) => live.connection === "live");
    this.#tell({
      connection: order.find((state) => states.includes(state)) ?? "connecting",
      liveSkus: connected.reduce((sum, chunk) => sum + chunk.names.length, 0),
    });
  }
}

/** Splits the names into chunks that keep as much of the previous chunks as possible: unchanged chunks are the same arrays. */
export function rechunk(before: readonly (readonly string[])[], names: readonly string[]): (readonly string[])[] {
  const wanted = new Set(names);
  const had = new Set(before.flat());
  const added = names.filter((name) => !had.has(name));
  const fill = (chunk: readonly string[]) => {
    const room = LIVE_SKUS_MAX - chunk.length;
    return added.length === 0 || room === 0 ? chunk : [...chunk, ...added.splice(0, room)];
  };
  const kept = before.map((chunk) =>
    chunk.every((name) => wanted.has(name)) ? chunk : chunk.filter(wanted.has, wanted),
  );
  // Chunks that have to be reopened anyway take new names first.
  const chunks = kept.map((chunk, index) => (chunk === before[index] ? chunk : fill(chunk))).map(fill);
  while (added.length > 0) chunks.push(added.splice(0, LIVE_SKUS_MAX));
  return chunks.filter((chunk) => chunk.length > 0);
}
