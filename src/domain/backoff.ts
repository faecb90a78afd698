/** The pause after this many consecutive failures (1 or more): doubles with each, from `min` up to `max`. */
export function backoff(failures: number, min: number, max: number): number {
  return Math.min(max, min * 2 ** (failures - 1));
}
