import { type ReactNode, useCallback } from "react";
import { ANSWER } from "./announcements.ts";
import { useAnnounce } from "./announcer.tsx";
import { focusHeading } from "./heading.tsx";

const ID = "product";

/** The pair's name, which takes the focus from panels that disappear. */
export function ProductHeading({ children }: { children: ReactNode }) {
  return (
    <h1 id={ID} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Announces the result of an action, and moves the focus from a panel that disappears to the pair. */
export function useGoOn(): (said: string) => void {
  const announce = useAnnounce();
  return useCallback(
    (said) => {
      announce(ANSWER, said);
      focusHeading(ID);
    },
    [announce],
  );
}
