import { type Check, counted, type Evidence, readable } from "./evidence.ts";
import type { Watcher } from "./watcher.ts";

/** Every call was answered, in the promised form, and by no outage. */
export function checkAnswered({ journal }: Evidence): Check {
  const { calls, lost } = journal;
  const failures = [...journal.failures, ...journal.outages.map(({ call }) => call)];
  const again = lost === 0 ? "" : `, ${readable(lost)} lost on the way and sent again`;
  const figures = `${counted(calls, "answer")}, ${failures.length === 0 ? "no" : readable(failures.length)} failures${again}`;
  return { promise: "every call answered", figures, offenders: failures };
}

/** Every answer was one of those that were right when the call was made. */
export function checkVerdicts({ journal }: Evidence): Check {
  let refusals = 0;
  for (const [label, samples] of journal.latencies) if (label.endsWith(", refused")) refusals += samples.length;
  const figures = `${counted(journal.calls, "answer")} judged, ${readable(refusals)} of them refusals`;
  return { promise: "every answer was right", figures, offenders: journal.surprises };
}

/** However often a key was used, it made one change. */
export function checkKeys({ books, replay, journal }: Pick<Evidence, "books" | "replay" | "journal">): Check {
  const offenders: string[] = [];
  let repeated = 0;
  let calls = 0;
  for (const [key, use] of books.keys) {
    if (use.calls > 1) {
      repeated += 1;
      calls += use.calls;
    }
    if (new Set(use.versions).size > 1) offenders.push(`${key} was answered with versions ${use.versions.join(", ")}`);
    const firstHand = use.versions.length - use.replays;
    // The first answer may have been lost on the way; then all others are replays.
    const isLost = firstHand === 0 && journal.lost + journal.failures.length + journal.outages.length > 0;
    if (use.versions.length > 0 && firstHand !== 1 && !isLost) offenders.push(`${key} took effect ${firstHand} times`);
  }
  for (const [key, made] of replay.heldByKey) {
    if (made.size > 1) offenders.push(`${key} made ${made.size} reservations`);
    if (made.size > 0 && !books.keys.get(key)?.versions.length)
      offenders.push(`${key} was refused and reserved nevertheless`);
  }
  const figures = `${counted(repeated, "key")} used ${readable(calls)} times`;
  return { promise: "a retried key has one effect", figures, offenders };
}

/** Watchers saw versions go forward only, ended on the newest, and saw all of their own and nobody else's. */
export function checkWatchers({ watchers, record, replay }: Evidence): Check {
  const { version, state, available } = record.sku;
  const offenders: string[] = [];
  let own = 0;
  for (const watcher of watchers) {
    offenders.push(...watcher.faults.map((fault) => `${watcher.name} ${fault}`));
    if (watcher.stock?.version !== version)
      offenders.push(`${watcher.name} ended on ${watcher.stock?.version ?? "nothing"}`);
    else if (watcher.stock.state !== state || watcher.stock.available !== available) {
      offenders.push(`${watcher.name} was left with ${watcher.stock.state} ${watcher.stock.available}`);
    }
    offenders.push(...missedBy(watcher, replay.versionsByCustomer));
    own += watcher.announced.size;
  }
  const frames = watchers.reduce((sum, watcher) => sum + watcher.frames, 0);
  const figures = `${readable(watchers.length)} on version ${readable(version)}, ${readable(frames)} frames, ${readable(own)} own`;
  return { promise: "watchers converged", figures, offenders };
}

function missedBy(watcher: Watcher, versionsByCustomer: ReadonlyMap<string, ReadonlySet<number>>): string[] {
  const versions = watcher.customer === null ? [] : [...(versionsByCustomer.get(watcher.customer) ?? [])];
  const missed = versions.filter((version) => !watcher.announced.has(version));
  return missed.map((version) => `${watcher.name} was not told of version ${version}`);
}
