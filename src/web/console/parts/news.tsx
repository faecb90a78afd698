import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

const SHOWN_MS = 6_000;

const Tell = createContext<(text: string) => void>(() => undefined);

/** Reports to the operator that something was done. */
export function useNews(): (text: string) => void {
  return useContext(Tell);
}

/** Shows the last report, and has it read out. */
export function NewsProvider({ children }: { children: ReactNode }) {
  const [news, setNews] = useState<{ text: string } | null>(null);
  const tell = useCallback((text: string) => setNews({ text }), []);
  useEffect(() => {
    if (news === null) return;
    const timer = setTimeout(() => setNews(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [news]);
  return (
    <Tell.Provider value={tell}>
      {children}
      <div className="news" role="status">
        {news && <p>{news.text}</p>}
      </div>
    </Tell.Provider>
  );
}
