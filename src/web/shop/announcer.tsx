import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { Announcements } from "./announcements.ts";

type Announce = (subject: string, text: string) => void;
const Announcer = createContext<Announce>(() => undefined);
const Said = createContext("");

/** Announces something to screen readers. */
export function useAnnounce(): Announce {
  return useContext(Announcer);
}

/** Provides announcements to its children, here and in open dialogs. */
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

/** The live region. A modal dialog silences the page around it and needs one of its own. */
export function Announced() {
  return (
    <p className="unseen" aria-live="polite" data-testid="announcer">
      {useContext(Said)}
    </p>
  );
}
