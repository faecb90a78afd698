const counts = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const shares = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const rates = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const clocks = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Shown where there is no figure. */
export const NONE = "–";

export function count(value: number): string {
  return counts.format(value);
}

/** A rate per second. */
export function rate(value: number): string {
  return rates.format(value);
}

/** A count for the margin of a chart. */
export function shortCount(value: number): string {
  return compact.format(value);
}

export function share(value: number | null): string {
  return value === null ? NONE : shares.format(value);
}

/** The time of day, in the operator's zone. */
export function clockTime(at: string | number): string {
  return clocks.format(new Date(at));
}

export function minuteTime(at: string | number): string {
  return minutes.format(new Date(at));
}

export function day(at: string | number): string {
  return days.format(new Date(at));
}

/** Date and time of day. */
export function moment(at: string | number | null): string {
  return at === null ? NONE : `${day(at)}, ${clockTime(at)}`;
}

const UNITS = [
  { seconds: 86_400, name: "d" },
  { seconds: 3_600, name: "h" },
  { seconds: 60, name: "min" },
  { seconds: 1, name: "s" },
] as const;

/** A duration in its two largest units: `1 h 30 min`. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`;
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const unit of UNITS) {
    const whole = Math.floor(left / unit.seconds);
    left -= whole * unit.seconds;
    if (whole > 0) parts.push(`${whole} ${unit.name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0 s";
}

/** How far an instant is from now: `in 3 min`, `12 s ago`. */
export function away(at: string | number, now: number): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  return seconds > 0 ? `in ${duration(seconds)}` : `${duration(-seconds)} ago`;
}

/** A code of the wire in readable form: `held_elsewhere`, `limit-exceeded`. */
export function words(code: string): string {
  return code.replace(/[_-]/g, " ");
}

/** `1 unit`, `2 units`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${Math.abs(value) === 1 ? "" : "s"}`;
}
