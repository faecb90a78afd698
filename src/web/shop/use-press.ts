import { useEffect, useRef, useState } from "react";
import { ANSWER } from "./announcements.ts";
import { useAnnounce } from "./announcer.tsx";
import { OUTAGE } from "./words.ts";

/** How long a button shows that it is done. */
const DONE_MS = 1_600;

/** The state of a button's action, and why it failed. */
export interface Press {
  phase: "idle" | "busy" | "done" | "refused";
  words: string | null;
  press: () => void;
  /** Clears the refusal when it is no longer about what is shown. */
  forget: () => void;
}

/** Runs a button's action, which resolves to null when done, or to the text of a refusal. What it throws is an outage. */
export function usePress(act: () => Promise<string | null>): Press {
  const announce = useAnnounce();
  const [{ phase, words }, show] = useState<Pick<Press, "phase" | "words">>({ phase: "idle", words: null });
  const isBusy = useRef(false);
  useEffect(() => {
    if (phase !== "done") return;
    const timer = setTimeout(() => show({ phase: "idle", words: null }), DONE_MS);
    return () => clearTimeout(timer);
  }, [phase]);

  async function press(): Promise<void> {
    if (isBusy.current) return;
    isBusy.current = true;
    show({ phase: "busy", words: null });
    const refusal = await act().catch((error: unknown) => {
      console.warn(error);
      return OUTAGE;
    });
    isBusy.current = false;
    show({ phase: refusal === null ? "done" : "refused", words: refusal });
    if (refusal !== null) announce(ANSWER, refusal);
  }
  return { phase, words, press: () => void press(), forget: () => show({ phase: "idle", words: null }) };
}
