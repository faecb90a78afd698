import { useEffect } from "react";
import { useAnnounce } from "./announcer.tsx";
import { countdownParts, spokenTime } from "./times.ts";
import { useSecondsUntil } from "./use-seconds.ts";

/** The time until the doors open, by the service's clock. */
export function Opening({ opensAt }: { opensAt: string }) {
  const announce = useAnnounce();
  const seconds = useSecondsUntil(opensAt);
  useEffect(() => {
    if (seconds === 60 || seconds === 10) announce("opening", `Opens in ${spokenTime(seconds)}.`);
  }, [announce, seconds]);
  useEffect(() => () => announce("opening", "The drop is open."), [announce]);
  if (seconds === null) return null;
  return (
    <section className="opening" aria-label="Opening">
      <p>{seconds === 0 ? "Opening the doors…" : "Doors open in"}</p>
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
