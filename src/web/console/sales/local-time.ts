/** Attributes of a local-time input, limited to the years that the service accepts. */
export const LOCAL_TIME_INPUT = { type: "datetime-local", step: 1, max: "9999-12-31T23:59:59" } as const;

/** An instant as the value of a local-time input, to the second. */
export function localOf(instant: string | null): string {
  if (instant === null) return "";
  const at = new Date(instant);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The entered local time as an instant; null if empty. An invalid value is passed on, to be refused. */
export function instantOf(local: string): string | null {
  if (local === "") return null;
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}
