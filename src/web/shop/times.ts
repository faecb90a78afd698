/** Seconds as a clock: `1:05`, or `2:00:09` with hours. */
export function clockFace(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** The same in words: `1 minute 5 seconds`. */
export function spokenTime(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "day"],
    [Math.floor(seconds / 3600) % 24, "hour"],
    [Math.floor(seconds / 60) % 60, "minute"],
    [seconds % 60, "second"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return said.slice(0, 2).join(" ") || "no time";
}

/** The parts of a countdown, largest unit first. */
export function countdownParts(seconds: number): { value: string; unit: string }[] {
  const parts = [
    { value: Math.floor(seconds / 86_400), unit: "days" },
    { value: Math.floor(seconds / 3600) % 24, unit: "hours" },
    { value: Math.floor(seconds / 60) % 60, unit: "min" },
    { value: seconds % 60, unit: "sec" },
  ];
  const first = Math.min(
    2,
    parts.findIndex(({ value }) => value > 0),
  );
  return parts
    .slice(first === -1 ? 2 : first)
    .map(({ value, unit }) => ({ value: String(value).padStart(2, "0"), unit }));
}
