import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { Announcements } from "./announcements.ts";

type Announce = (subject: string, text: string) => void;
const Announcer = createContext<Announce>(() => undefined);

/** Says something to people who listen to the page. */
export function useAnnounce(): Announce {
  return useContext(Announcer);
}

/** The place where announcements are made. */
export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const [text, setText] = useState("");
  const announce = useMemo(() => {
    const announcements = new Announcements(setText, (ms, then) => setTimeout(then, ms));
    return (subject: string, said: string) => announcements.announce(subject, said);
  }, []);
  return (
    <Announcer value={announce}>
      {children}
      <p className="unseen" aria-live="polite" data-testid="announcer">
        {text}
      </p>
    </Announcer>
  );
}
