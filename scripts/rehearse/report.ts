import { type Check, readable } from "./evidence.ts";
import type { Journal } from "./journal.ts";
import { summarize } from "./latencies.ts";

/** What is told of a rehearsal, whatever was rehearsed. */
export type Rehearsed = {
  title: string;
  journal: Journal;
  checks: Check[];
  saleSeconds: number;
  totalSeconds: number;
};

const offendersShown = 10;
const widthMax = 100;
const kindOrder = [
  "reserve",
  "cart",
  "confirm",
  "confirm cart",
  "extend",
  "extend cart",
  "release",
  "release cart",
  "return",
  "join",
  "leave",
  "meddle",
  "read SKU",
  "read own",
  "read entry",
];

/** How long calls took, by kind: a table of exact percentiles in milliseconds. */
export function latencyTable({ latencies }: Journal): string[] {
  const labels = [...latencies.keys()].sort((one, other) => rankOf(one) - rankOf(other) || (one < other ? -1 : 1));
  const lines = labels.map((label) => {
    const { count, ...times } = summarize(latencies.get(label) ?? []);
    const columns = [times.p50, times.p95, times.p99, times.max].map((ms) => ms.toFixed(1).padStart(9));
    return `  ${label.padEnd(20)}${readable(count).padStart(9)}${columns.join("")}`;
  });
  const head = ["p50", "p95", "p99", "max"].map((name) => name.padStart(9)).join("");
  return [`  ${"milliseconds".padEnd(20)}${"calls".padStart(9)}${head}`, ...lines];
}

/** How calls ended, by kind, the most frequent ending first. */
export function outcomeLines({ outcomes }: Journal): string[] {
  const kinds = [...outcomes].sort(([one], [other]) => rankOf(one) - rankOf(other));
  return kinds.flatMap(([kind, counts]) => {
    const parts = [...counts]
      .sort(([, one], [, other]) => other - one)
      .map(([ended, count]) => `${ended} ${readable(count)}`);
    return wrap(`  ${kind.padEnd(20)}`, parts);
  });
}

/** One line for each promise, ✓ or ✗ with its figures, or – when it could not be checked, and under a broken one what broke it. */
export function auditLines(checks: readonly Check[]): string[] {
  return checks.flatMap(({ promise, figures, offenders, isChecked }) => {
    const mark = isChecked === false ? "–" : offenders.length === 0 ? "✓" : "✗";
    const line = `  ${mark} ${promise.padEnd(34)}${figures}`;
    const shown = offenders.slice(0, offendersShown).map((offender) => `      ${offender}`);
    const more =
      offenders.length > offendersShown ? [`      and ${readable(offenders.length - offendersShown)} more`] : [];
    return [line, ...shown, ...more];
  });
}

function rankOf(label: string): number {
  return kindOrder.findIndex((kind) => label === kind || label === `${kind}, refused`);
}

function wrap(head: string, parts: readonly string[]): string[] {
  const lines = [head];
  parts.forEach((part, index) => {
    const text = index < parts.length - 1 ? `${part} · ` : part;
    const last = lines.length - 1;
    if (`${lines[last]}${text}`.trimEnd().length > widthMax) lines.push(" ".repeat(head.length) + text);
    else lines[last] += text;
  });
  return lines.map((line) => line.trimEnd());
}
