import { useEffect, useState } from "react";
import { useHoldfast } from "../../client/react/hooks.ts";

/** Seconds until an instant by the service's clock, rounded up; null without one. */
export function useSecondsUntil(instant: string | null): number | null {
  const { clock } = useHoldfast();
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => {
    if (instant === null) return setSeconds(null);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tick = () => {
      const leftMs = clock.msUntil(instant);
      setSeconds(Math.ceil(leftMs / 1000));
      // Also at its end: better knowledge of the service's clock may move the end.
      timer = setTimeout(tick, leftMs % 1000 || 1000);
    };
    tick();
    return () => clearTimeout(timer);
  }, [clock, instant]);
  return seconds;
}
