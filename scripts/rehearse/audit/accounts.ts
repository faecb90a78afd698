import type { Logged } from "../events/log.ts";
import type { Step } from "../record/replay.ts";
import { type Check, counted, type Evidence, offendersIn, type SkuEvidence, sumOf } from "./evidence.ts";

/** What happens to a SKU once: its opening is set, and comes. */
const once: ReadonlySet<string> = new Set(["sku.updated", "sale.opened"]);
/** What nobody is told in an answer. */
const unanswered: ReadonlySet<string> = new Set(["reservation.expired", "reservation.refund_required"]);

/** When each signal is due: after a transaction that found the stock as `before`. */
const signals: Readonly<Record<string, (before: Step, after: Step, lowStockThreshold: number) => boolean>> = {
  "stock.sold_out": (before, after) => isGone(after) && !isGone(before),
  "stock.back": (before, after) => after.available > 0 && before.available === 0,
  "stock.low": (before, after, threshold) =>
    after.available > 0 && after.available <= threshold && before.available > threshold,
};

/** Where nothing but shoppers moves a SKU, every event is the answer to a call, or follows from those before it. */
export function checkAccounts(evidence: Evidence): Check {
  const offenders = offendersIn(evidence, (one) => {
    const unaccounted = one.feed.filter((event, index) => !isAccountedFor(evidence, one, event, one.feed[index - 1]));
    return unaccounted.map(({ id, type }) => `${id}, ${type}, follows from nothing`);
  });
  const events = sumOf(evidence, ({ feed }) => feed.length);
  return { promise: "every event accounted for", figures: counted(events, "event"), offenders };
}

function isAccountedFor(
  { sale }: Evidence,
  { books, feed, replay }: SkuEvidence,
  { type, sequence, data }: Logged,
  previous: Logged | undefined,
): boolean {
  if (sequence === 1) return type === "sku.created";
  if (once.has(type)) return feed.filter((event) => event.type === type).length === 1;
  const signal = signals[type];
  if (signal !== undefined) {
    // A transaction signals stock once and last, so two signals never stand side by side.
    const isAlone = previous !== undefined && signals[previous.type] === undefined;
    return isAlone && isDue(signal, replay.steps, sequence, sale.policy.lowStockThreshold);
  }
  // Whose claim gave way is told so live: its watchers are audited.
  return unanswered.has(type) || data.reason === "superseded" || books.changes.has(sequence);
}

/** Whether a signal was due in the transaction that ended before this sequence: all of its movements have the same time. */
function isDue(
  signal: (before: Step, after: Step, threshold: number) => boolean,
  steps: readonly Step[],
  sequence: number,
  threshold: number,
): boolean {
  const last = steps.findLastIndex((step) => step.sequence < sequence);
  const after = steps[last];
  if (after === undefined) return false;
  for (const before of steps.slice(0, last).reverse()) {
    if (signal(before, after, threshold)) return true;
    if (before.time < after.time) return false;
  }
  return false;
}

function isGone({ available, held }: Step): boolean {
  return available === 0 && held === 0;
}
