import { useMemo, useSyncExternalStore } from "react";

/** Where the operator is: a page, what it is about, and what it was asked. */
export interface Route {
  page: string;
  name: string | null;
  query: URLSearchParams;
}

/** The route that a hash stands for: `#/skus/SHOE-42?tab=x`. */
export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", name] = path.split("/");
  return { page: page === "" ? "stock" : page, name: name ? decoded(name) : null, query: new URLSearchParams(query) };
}

/** Somebody may have mistyped it. */
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

/** The route as it changes. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => routeOf(hash), [hash]);
}
