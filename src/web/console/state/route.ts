import { useMemo, useSyncExternalStore } from "react";

/** The operator's place: a page, its subject, and its query. */
export interface Route {
  page: string;
  name: string | null;
  query: URLSearchParams;
}

/** Parses a hash: `#/skus/SHOE-42?tab=x`. */
export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", name] = path.split("/");
  return { page: page === "" ? "stock" : page, name: name ? decoded(name) : null, query: new URLSearchParams(query) };
}

/** A mistyped hash may not decode. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The address of a page. */
export function hrefOf(page: string, name?: string, query?: Record<string, string>): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== "");
  const search = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  return `#/${page}${name === undefined ? "" : `/${encodeURIComponent(name)}`}${search}`;
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

/** The current route. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => routeOf(hash), [hash]);
}
