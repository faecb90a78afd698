/** An input for local time, for years that the service knows. */
export const LOCAL_TIME_INPUT = { type: "datetime-local", step: 1, max: "9999-12-31T23:59:59" } as const;

/** An instant as an input for local time has it, to the second. */
export function localOf(instant: string | null): string {
  if (instant === null) return "";
  const at = new Date(instant);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** What was put in as local time, as an instant; null when nothing was. What is no time stays as it is, to be refused. */
export function instantOf(local: string): string | null {
  if (local === "") return null;
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}
