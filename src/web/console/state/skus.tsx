import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from "react";
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
  const book = useContext(Book);
  if (book === null) throw new Error("there is no SkusProvider above");
  const state = useSyncExternalStore(book.subscribe, book.get);
  return { ...state, learn: book.learn, reload: book.reload };
}
