import { useEffect, useRef } from "react";
import { useAnnounce } from "./announcer.tsx";
import { clockFace, spokenTime } from "./times.ts";
import { sayTimeLeft } from "./words.ts";

interface HoldTimerProps {
  secondsLeft: number;
  warnSeconds: number;
}

/** The time left to pay, with a warning near its end. */
export function HoldTimer({ secondsLeft, warnSeconds }: HoldTimerProps) {
  const announce = useAnnounce();
  const longest = useRef(secondsLeft);
  longest.current = Math.max(longest.current, secondsLeft);
  const isShort = secondsLeft <= warnSeconds;
  useEffect(() => {
    const said = sayTimeLeft(secondsLeft, warnSeconds);
    if (said !== null) announce("time", said);
  }, [announce, secondsLeft, warnSeconds]);
  return (
    <div className={`timer ${isShort ? "short" : ""}`}>
      <p>
        <span className="timer-face" role="timer" aria-label={`${spokenTime(secondsLeft)} left to pay`}>
          {clockFace(secondsLeft)}
        </span>
        <span className="timer-words">{isShort ? "Pay soon, or it goes back on sale" : "Reserved for you"}</span>
      </p>
      <div className="timer-track" aria-hidden="true">
        <div style={{ transform: `scaleX(${longest.current === 0 ? 0 : secondsLeft / longest.current})` }} />
      </div>
    </div>
  );
}
