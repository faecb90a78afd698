/**
 * How many days D1 keeps what has ended. The least is more than the longest hold, a week for late payments and the two days until
 * it leaves its object; the most is ten years.
 */
export const RETENTION_DAYS_DEFAULT = 400;
export const RETENTION_DAYS_MIN = 45;
export const RETENTION_DAYS_MAX = 3_650;
/** Old events that one D1 transaction removes with what ended with them: about 50 ms of D1's only thread. */
export const RETENTION_EVENTS_MAX = 500;
/** How long one run removes: a sixth of the time between two. It pauses as long as it works, so that D1 has time for sales. */
export const RETENTION_RUN_MS = 50_000;

const DAY_MS = 24 * 60 * 60 * 1000;

/** The setting RETENTION_DAYS; null if it is not valid, and its default if it is not set. */
export function retentionDaysOf(setting: string | undefined): number | null {
  if (setting === undefined || setting === "") return RETENTION_DAYS_DEFAULT;
  const days = /^\d{1,4}$/.test(setting) ? Number(setting) : Number.NaN;
  return days >= RETENTION_DAYS_MIN && days <= RETENTION_DAYS_MAX ? days : null;
}

/** How long D1 keeps what has ended. Nothing is served while the setting is not valid, and then nothing is removed early. */
export function retentionMs(setting: string | undefined): number {
  return (retentionDaysOf(setting) ?? RETENTION_DAYS_MAX) * DAY_MS;
}
