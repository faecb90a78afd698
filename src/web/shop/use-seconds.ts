import { useEffect, useState } from "react";
import { useHoldfast } from "../../client/react/hooks.ts";

/** Timers cannot run longer than some 24 days, and a countdown of days may well be looked at less often. */
const WAIT_MS_MAX = 3_600_000;

/** Seconds until an instant by the service's clock, rounded up; null when there is none. */
export function useSecondsUntil(instant: string | null): number | null {
  const { clock } = useHoldfast();
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => {
    if (instant === null) return setSeconds(null);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tick = () => {
      const leftMs = clock.msUntil(instant);
      setSeconds(Math.ceil(leftMs / 1000));
      if (leftMs > 0) timer = setTimeout(tick, Math.min(leftMs % 1000 || 1000, WAIT_MS_MAX));
    };
    tick();
    return () => clearTimeout(timer);
  }, [clock, instant]);
  return seconds;
}
