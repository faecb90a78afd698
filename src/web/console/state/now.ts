import { useEffect, useState } from "react";
import { useSession } from "../session/session.tsx";

/** The service's time, updated at intervals: the machine's own clock may be wrong. */
export function useNow(everyMs = 1000): number {
  const { clock } = useSession().client;
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), everyMs);
    return () => clearInterval(timer);
  }, [clock, everyMs]);
  return now;
}
