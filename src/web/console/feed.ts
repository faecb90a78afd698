import { clockTime, count } from "./format.ts";
import type { SkuCacheState } from "./state/sku-cache.ts";

const FEEDS = {
  connecting: { tone: "warn", text: "Connecting…" },
  live: { tone: "good", text: "Live" },
  polling: { tone: "warn", text: "Polling" },
  closed: { tone: "bad", text: "No feed" },
} as const;

/** The state of the live feed in words: as bad as that of the worst SKU. */
export function feedOf({ connection, liveSkus, skus, failure, loadedAt }: Omit<SkuCacheState, "unread">) {
  const known = skus?.length ?? 0;
  if (failure !== null) {
    const list = loadedAt === null ? "no list" : `list of ${clockTime(loadedAt)}`;
    if (liveSkus > 0) return { tone: "warn", text: `${count(liveSkus)} live, ${list}` };
    return { tone: "bad", text: loadedAt === null ? "No answer" : `As of ${clockTime(loadedAt)}` };
  }
  if (liveSkus === 0 || liveSkus >= known) return FEEDS[connection];
  return { tone: FEEDS[connection].tone, text: `${count(liveSkus)} of ${count(known)} live` };
}
