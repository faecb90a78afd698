/**
 * Whether so long has passed since then. A clock that is behind the beginning was set back meanwhile, and nobody can say how
 * long it has been: then it counts as long enough, so that nothing waits for the clock to catch up.
 */
export function hasPassed(since: number, ms: number, now: number): boolean {
  return now < since || now >= since + ms;
}
