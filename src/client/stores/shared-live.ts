import { LINGER_MS } from "../bounds.ts";
import type { Holdfast } from "../client.ts";
import type { Live } from "../live.ts";
import { later } from "../patience.ts";

/** A watch that others may have too. */
export interface SharedLive {
  live: Live;
  /** The last one who leaves closes it, a moment later. */
  leave: () => void;
}

interface Shared {
  live: Live;
  users: number;
}

const sharedBy = new WeakMap<Holdfast, Map<string, Shared>>();

/** The same watch for everybody who looks at the same SKUs through one client. */
export function shareLive(client: Holdfast, skus: string | readonly string[]): SharedLive {
  const shared = sharedBy.get(client) ?? new Map<string, Shared>();
  sharedBy.set(client, shared);
  const names = [...new Set([skus].flat())].sort();
  const name = names.join();
  const found = shared.get(name);
  const watch =
    found === undefined || found.live.connection === "closed" ? { live: client.live(names), users: 0 } : found;
  shared.set(name, watch);
  watch.users += 1;
  let isIn = true;
  const leave = () => {
    if (!isIn) return;
    isIn = false;
    watch.users -= 1;
    later(LINGER_MS, () => {
      if (watch.users > 0) return;
      watch.live.close();
      if (shared.get(name) === watch) shared.delete(name);
    });
  };
  return { live: watch.live, leave };
}
