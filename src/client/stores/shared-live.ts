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
  skus: ReadonlySet<string>;
  users: number;
}

const sharedBy = new WeakMap<Holdfast, Set<Shared>>();

/**
 * One watch for all who look at the same SKUs through one client, or at some of them: it may tell news of others too, and
 * what it has told before is not told again.
 */
export function shareLive(client: Holdfast, skus: string | readonly string[]): SharedLive {
  const shared = sharedBy.get(client) ?? new Set<Shared>();
  sharedBy.set(client, shared);
  const names = new Set([skus].flat());
  const serves = ({ live, skus }: Shared) => live.connection !== "closed" && [...names].every((sku) => skus.has(sku));
  const found = [...shared].find(serves);
  const watch = found ?? { live: client.live([...names]), skus: names, users: 0 };
  shared.add(watch);
  watch.users += 1;
  let isIn = true;
  const leave = () => {
    if (!isIn) return;
    isIn = false;
    watch.users -= 1;
    later(LINGER_MS, () => {
      if (watch.users > 0) return;
      watch.live.close();
      shared.delete(watch);
    });
  };
  return { live: watch.live, leave };
}
