import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { useSession } from "../session/session.tsx";
import { SkuCache } from "./sku-cache.ts";

const CacheContext = createContext<SkuCache | null>(null);

/** Keeps one cache of SKUs for all pages, so that there is one feed however they change. */
export function SkusProvider({ children }: { children: ReactNode }) {
  const { client, judge } = useSession();
  const cache = useMemo(() => new SkuCache(client, judge), [client, judge]);
  return <CacheContext.Provider value={cache}>{children}</CacheContext.Provider>;
}

/** All SKUs as they are now, and how to tell of a change. */
export function useSkus() {
  const cache = useCache();
  const state = useSyncExternalStore(cache.subscribe, cache.get);
  return { ...state, learn: cache.learn, reload: cache.reload };
}

/** Has these SKUs live and read before all others, also while there is no list of SKUs to be had. */
export function useShown(names: readonly string[]): void {
  const cache = useCache();
  const joined = names.join();
  useEffect(() => (joined === "" ? undefined : cache.want(joined.split(","))), [cache, joined]);
}

function useCache(): SkuCache {
  const cache = useContext(CacheContext);
  if (cache === null) throw new Error("there is no SkusProvider above");
  return cache;
}
