import { useEffect, useRef } from "react";
import { useAnnounce } from "./announcer.tsx";
import type { OpeningPhase } from "./opening-phase.ts";
import { countdownParts, spokenTime } from "./times.ts";
import { useSecondsUntil } from "./use-seconds.ts";

/** How long the service may take to open by itself before it is asked, and the longest pause between questions. */
const REREAD_MS_MIN = 1_500;
const REREAD_MS_MAX = 30_000;

interface OpeningProps {
  opensAt: string;
  /** Reads the drop again when it opens. */
  reread: () => Promise<void>;
}

/** The time until the opening, by the service's clock. */
export function Opening({ opensAt, reread }: OpeningProps) {
  const announce = useAnnounce();
  const seconds = useSecondsUntil(opensAt);
  useEffect(() => {
    if (seconds === 60 || seconds === 10) announce("opening", `Opens in ${spokenTime(seconds)}.`);
  }, [announce, seconds]);
  useReread(seconds === 0, reread);
  if (seconds === null) return null;
  return (
    <section className="opening" aria-label="Opening">
      <p>{seconds === 0 ? "Opening…" : "Sale opens in"}</p>
      <div role="timer" aria-label={spokenTime(seconds)}>
        {countdownParts(seconds).map(({ value, unit }) => (
          <span key={unit} aria-hidden="true">
            <strong className="figures">{value}</strong>
            <small>{unit}</small>
          </span>
        ))}
      </div>
    </section>
  );
}

/** Announces the opening. */
export function useOpeningSaid(phase: OpeningPhase): void {
  const announce = useAnnounce();
  const wasBefore = useRef(false);
  useEffect(() => {
    if (phase === "before") wasBefore.current = true;
    if (phase !== "open" || !wasBefore.current) return;
    wasBefore.current = false;
    announce("opening", "The drop is open.");
  }, [announce, phase]);
}

/** If the time has come without an opening, it was moved: the service is asked, at random times and ever less often. */
function useReread(isDue: boolean, reread: () => Promise<void>): void {
  useEffect(() => {
    if (!isDue) return;
    let pauseMs = REREAD_MS_MIN * (1 + Math.random());
    const ask = () => {
      void reread();
      pauseMs = Math.min(pauseMs * 2, REREAD_MS_MAX);
      timer = setTimeout(ask, pauseMs);
    };
    let timer = setTimeout(ask, pauseMs);
    return () => clearTimeout(timer);
  }, [isDue, reread]);
}
