import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { useSession } from "../session/session.tsx";
import { SkuCache } from "./sku-cache.ts";

const CacheContext = createContext<SkuCache | null>(null);

/** One cache of SKUs for all pages, so that the feed survives page changes. */
export function SkusProvider({ children }: { children: ReactNode }) {
  const { client, judge } = useSession();
  const cache = useMemo(() => new SkuCache(client, judge), [client, judge]);
  return <CacheContext.Provider value={cache}>{children}</CacheContext.Provider>;
}

/** All current SKUs, and how to report a change. */
export function useSkus() {
  const cache = useCache();
  const state = useSyncExternalStore(cache.subscribe, cache.get);
  return { ...state, learn: cache.learn, reload: cache.reload };
}

/** Keeps these SKUs live and reads them first, even if there is no list. */
export function useShown(names: readonly string[]): void {
  const cache = useCache();
  const joined = names.join();
  useEffect(() => (joined === "" ? undefined : cache.want(joined.split(","))), [cache, joined]);
}

function useCache(): SkuCache {
  const cache = useContext(CacheContext);
  if (cache === null) throw new Error("no SkusProvider above this component");
  return cache;
}
