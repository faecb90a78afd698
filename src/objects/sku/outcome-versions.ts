import { countOf } from "../../domain/allowance.ts";
import type { Outcome } from "../../domain/command.ts";
import { isFinal } from "../../domain/refund.ts";

/** The last event that an outcome depends on; 0 for a refusal, unless it was written as final. */
export function versionOf(outcome: Outcome, newest: number): number {
  if (!outcome.ok) return isFinal(outcome.refusal) ? newest : 0;
  switch (outcome.type) {
    case "sku":
      return outcome.sku.version;
    case "reservation":
      return outcome.reservation.version;
    case "try":
      // A cart's line is not visible before its cart commits it.
      return 0;
    case "entry":
      return outcome.entry.version;
    case "done":
      return newest;
    case "batch":
      return Math.max(0, ...outcome.outcomes.map((part) => versionOf(part, newest)));
  }
}

/** Version of the last of these reservations that now counts for fewer units at a drop's limit, 0 if there is none. */
export function lessenedAt(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((latest, outcome) => {
    if (!outcome.ok) return latest;
    if (outcome.type === "batch") return Math.max(latest, lessenedAt(outcome.outcomes));
    // A declined offer names its entry.
    if (outcome.type === "entry" && outcome.entry.reservation !== null) return Math.max(latest, outcome.entry.version);
    if (outcome.type !== "reservation" || outcome.reservation.countedBy === null) return latest;
    const { quantity, version } = outcome.reservation;
    return countOf(outcome.reservation).units < quantity ? Math.max(latest, version) : latest;
  }, 0);
}
