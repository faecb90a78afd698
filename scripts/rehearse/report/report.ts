import { type Check, readable } from "../audit/evidence.ts";
import type { Journal } from "../crowd/journal.ts";
import type { Sale } from "../crowd/sale.ts";
import type { ServiceRecord } from "../record/record.ts";
import { summarize } from "./latencies.ts";

/** What is told of a rehearsal, whatever was rehearsed. */
export type Rehearsed = {
  title: string;
  journal: Journal;
  checks: Check[];
  saleSeconds: number;
  totalSeconds: number;
};

/** What was audited; of a single SKU also how it ended. */
export function titleOf({ name }: Sale, { skus }: ServiceRecord): string {
  const sku = skus.get(name)?.sku;
  return sku === undefined ? name : `${name}, version ${readable(sku.version)}, ${sku.state}`;
}

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

/** How many promises were broken. */
export function brokenIn(checks: readonly Check[]): number {
  return checks.filter(({ offenders }) => offenders.length > 0).length;
}

/** All that is told when a rehearsal is over. */
export function reportLines({ title, journal, checks, saleSeconds, totalSeconds }: Rehearsed, seed: number): string[] {
  const broken = brokenIn(checks);
  const perSecond = Math.round(journal.calls / saleSeconds);
  const unchecked = checks.filter(({ isChecked }) => isChecked === false).length;
  const count = checks.length - unchecked;
  const kept = broken === 0 ? `all ${count} promises kept` : `${broken} of ${count} promises BROKEN`;
  const verdict = unchecked === 0 ? kept : `${kept}, ${unchecked} not checked`;
  return [
    "",
    `Calls: ${readable(journal.calls)} in ${saleSeconds.toFixed(1)} s, ${perSecond} a second, ${journal.peak} in the busiest`,
    ...latencyTable(journal),
    "",
    "Outcomes",
    ...outcomeLines(journal),
    "",
    `Audit of ${title}`,
    ...auditLines(checks),
    "",
    `Rehearsal: ${verdict}, seed ${seed}, ${totalSeconds.toFixed(0)} s`,
  ];
}

/** How long calls took, by kind: a table of exact percentiles in milliseconds. */
function latencyTable({ latencies }: Journal): string[] {
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
function outcomeLines({ outcomes }: Journal): string[] {
  const kinds = [...outcomes].sort(([one], [other]) => rankOf(one) - rankOf(other));
  return kinds.flatMap(([kind, counts]) => {
    const parts = [...counts]
      .sort(([, one], [, other]) => other - one)
      .map(([ended, count]) => `${ended} ${readable(count)}`);
    return wrap(`  ${kind.padEnd(20)}`, parts);
  });
}

/** One line for each promise, ✓ or ✗ with its figures, or – when it could not be checked, and under a broken one what broke it. */
function auditLines(checks: readonly Check[]): string[] {
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
