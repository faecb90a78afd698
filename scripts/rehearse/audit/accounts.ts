import type { Step } from "../record/replay.ts";
import { type Check, counted, type Evidence, offendersIn, type SkuEvidence, sumOf } from "./evidence.ts";

const unanswered = new Set(["reservation.expired"]);

/** Where nothing but shoppers moves a SKU, every event is the answer to a call, or follows from those before it. */
export function checkAccounts(evidence: Evidence): Check {
  const offenders = offendersIn(evidence, (one) => [
    ...unasked(one),
    ...unaccounted(evidence, one).map((sequence) => `event ${sequence} is missing`),
  ]);
  const events = sumOf(evidence, ({ record }) => record.sku.version);
  return { promise: "every event accounted for", figures: counted(events, "event"), offenders };
}

/** Changes of reservations that no caller was told of. */
function unasked({ books, record }: SkuEvidence): string[] {
  return record.movements
    .filter(({ type, data, sequence }) => {
      // Whose claim gave way is told so live: its watchers are audited.
      const isSilent = unanswered.has(type) || data.reason === "superseded";
      return type.startsWith("reservation.") && !isSilent && !books.changes.has(sequence);
    })
    .map(({ id, type }) => `${id}, ${type}, was never answered`);
}

/** Sequences that are no movement and none of the events that move nothing. */
function unaccounted({ sale }: Evidence, { books, record, replay }: SkuEvidence): number[] {
  const moved = new Set(record.movements.map(({ sequence }) => sequence));
  const refundVersions = new Set(record.refunds.map(({ sequence }) => sequence));
  const missing: number[] = [];
  const scheduledVersion = sale.scheduledVersion ?? 0;
  let lastSignal = 0;
  for (let sequence = 1; sequence <= record.sku.version; sequence++) {
    const isAboutTheSku = sequence === scheduledVersion || sequence === scheduledVersion + 1;
    const isExtension = books.changes.get(sequence)?.status === "held";
    if (moved.has(sequence) || isAboutTheSku || isExtension || refundVersions.has(sequence)) continue;
    // A transaction signals stock once and last, so two signals never stand side by side.
    if (lastSignal !== sequence - 1 && canSignal(replay.steps, sequence, sale.policy.lowStockThreshold))
      lastSignal = sequence;
    else missing.push(sequence);
  }
  return missing;
}

/** Whether stock ran low, ran out or came back in the transaction that ended before this sequence. */
function canSignal(steps: readonly Step[], sequence: number, threshold: number): boolean {
  const lastIndex = steps.findLastIndex((step) => step.sequence < sequence);
  const after = steps[lastIndex];
  if (after === undefined) return false;
  for (let index = lastIndex - 1; index >= 0; index--) {
    const before = steps[index];
    if (before === undefined) return false;
    const isOut = after.available === 0 && after.held === 0 && (before.available > 0 || before.held > 0);
    const isBack = after.available > 0 && before.available === 0;
    const isLow = after.available > 0 && after.available <= threshold && before.available > threshold;
    if (isOut || isBack || isLow) return true;
    if (before.time < after.time) return false;
  }
  return false;
}
