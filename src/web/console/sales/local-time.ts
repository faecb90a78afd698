/** An instant as an input for local time has it, to the second. */
export function localOf(instant: string | null): string {
  if (instant === null) return "";
  const at = new Date(instant);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** What was put in as local time, as an instant; null when nothing was. */
export function instantOf(local: string): string | null {
  return local === "" ? null : new Date(local).toISOString();
}
