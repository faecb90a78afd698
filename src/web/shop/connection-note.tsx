import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Connection } from "../../client/client.ts";
import { useAnnounce } from "./announcer.tsx";

/** Says how fresh the page is. */
export function ConnectionNote({ connection }: { connection: Connection }) {
  const announce = useAnnounce();
  const isOnline = useSyncExternalStore(watchOnline, () => navigator.onLine);
  const { words, tone } = connectionWords(connection, isOnline);
  const before = useRef(tone);
  useEffect(() => {
    const isNews = before.current !== tone && (tone === "slow" || before.current === "slow");
    before.current = tone;
    if (isNews) announce("connection", words);
  }, [announce, tone, words]);
  return (
    <p className={`connection ${tone}`} data-testid="connection">
      {words}
    </p>
  );
}

function connectionWords(connection: Connection, isOnline: boolean): { words: string; tone: string } {
  if (!isOnline) return { words: "You’re offline. What you see may be old.", tone: "slow" };
  switch (connection) {
    case "live":
      return { words: "Live", tone: "live" };
    case "connecting":
      return { words: "Connecting…", tone: "soon" };
    case "polling":
      return { words: "Live updates are off. Checking every few seconds.", tone: "slow" };
    case "closed":
      return { words: "Updates have stopped. Please reload.", tone: "slow" };
  }
}

function watchOnline(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}
