import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { Announcements } from "./announcements.ts";

type Announce = (subject: string, text: string) => void;
const Announcer = createContext<Announce>(() => undefined);
const Said = createContext("");

/** Says something to people who listen to the page. */
export function useAnnounce(): Announce {
  return useContext(Announcer);
}

/** Lets announcements be made, here and wherever else they are heard. */
export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const [text, setText] = useState("");
  const announce = useMemo(() => {
    const announcements = new Announcements(setText, (ms, then) => setTimeout(then, ms));
    return (subject: string, said: string) => announcements.announce(subject, said);
  }, []);
  return (
    <Announcer value={announce}>
      <Said value={text}>
        {children}
        <Announced />
      </Said>
    </Announcer>
  );
}

/** Where announcements are heard. A modal dialog makes the page around it mute, and needs a place of its own. */
export function Announced() {
  return (
    <p className="unseen" aria-live="polite" data-testid="announcer">
      {useContext(Said)}
    </p>
  );
}
