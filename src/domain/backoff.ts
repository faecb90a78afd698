/** The pause after so many failures in a row, the first of them being 1: doubled with each, from `min` up to `max`. */
export function backoff(failures: number, min: number, max: number): number {
  return Math.min(max, min * 2 ** (failures - 1));
}
