/** The time, and timers. An object's are its `Timers`; tests hand in a clock of their own. */
export interface Clock {
  now(): number;
  /** Calls `act` after `ms`, unless the returned function is called first. */
  start(act: () => void, ms: number): () => void;
}

/** The clock and the timers of the runtime. */
export const systemClock: Clock = {
  now: () => Date.now(),
  start: (act, ms) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
