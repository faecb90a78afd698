/**
 * Whether this much time has passed since then. A clock that shows a time before the beginning was set back; the true time is
 * unknown and counts as passed, so that nothing waits for the clock to catch up.
 */
export function hasPassed(since: number, ms: number, now: number): boolean {
  return now < since || now >= since + ms;
}
