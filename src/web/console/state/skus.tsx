import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { useSession } from "../session/session.tsx";
import { SkuBook } from "./sku-book.ts";

const Book = createContext<SkuBook | null>(null);

/** Keeps one book of SKUs for all pages, so that there is one feed however they change. */
export function SkusProvider({ children }: { children: ReactNode }) {
  const { client, judge } = useSession();
  const book = useMemo(() => new SkuBook(client, judge), [client, judge]);
  return <Book.Provider value={book}>{children}</Book.Provider>;
}

/** All SKUs as they are now, and how to tell of a change. */
export function useSkus() {
  const book = useBook();
  const state = useSyncExternalStore(book.subscribe, book.get);
  return { ...state, learn: book.learn, reload: book.reload };
}

/** Has these SKUs live and read before all others, also while there is no list of SKUs to be had. */
export function useShown(names: readonly string[]): void {
  const book = useBook();
  const joined = names.join();
  useEffect(() => (joined === "" ? undefined : book.want(joined.split(","))), [book, joined]);
}

function useBook(): SkuBook {
  const book = useContext(Book);
  if (book === null) throw new Error("there is no SkusProvider above");
  return book;
}
