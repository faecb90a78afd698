import type { SkuEvent, WaitlistEntry } from "../../src/domain/model.ts";

/** A newcomer who got units that somebody in the line was waiting for. */
export interface Overtaking {
  sequence: number;
  type: SkuEvent["type"];
  waiting: string[];
}

/** Late payments that were told to come again, and how many units were theirs at each event. */
interface Kept {
  promised: ReadonlySet<string>;
  promisedAt: readonly number[];
}

/**
 * Late payments that were told to come again (`promised`) go ahead of those who wait, and what a customer's own claims give
 * was never free for them.
 *
 * Reads a SKU's events from the first and looks at every claim for the first time: whoever takes units that are free must
 * not pass anybody who waits for as many as there are, or for fewer. Offers must not pass anybody further in front, unless
 * `isTrying`: a place that is given back after a try is not served before the next transaction.
 */
export function overtakings(
  events: readonly SkuEvent[],
  isTrying: boolean,
  { promised, promisedAt }: Kept = { promised: new Set(), promisedAt: [] },
): Overtaking[] {
  const found: Overtaking[] = [];
  const entries = new Map<string, WaitlistEntry>();
  let free = 0;
  let given = 0;
  let isPaused = false;
  for (const event of events) {
    const { sequence, type, dStock, dHeld, dSold, entry, reservation, detail } = event;
    const takes = dHeld + dSold;
    if (takes > given && !isPaused && !promised.has(reservation?.id ?? "")) {
      const offeredTo = type === "reservation.confirmed" ? null : (reservation?.entry ?? null);
      const rank = offeredTo === null ? Number.POSITIVE_INFINITY : (entries.get(offeredTo)?.rank ?? 0);
      const passed = [...entries.values()].filter((one) =>
        isPassed(one, rank, free - given - (promisedAt[sequence - 1] ?? 0)),
      );
      if (passed.length > 0 && !(isTrying && offeredTo !== null)) {
        found.push({ sequence, type, waiting: passed.map(({ id }) => id) });
      }
    }
    free += dStock - takes;
    given = detail?.reason === "superseded" ? given - takes : 0;
    if (entry !== null) entries.set(entry.id, entry);
    if (type === "sku.updated") isPaused = isPausing(event, isPaused);
  }
  return found;
}

function isPassed({ status, reservation, quantity, rank }: WaitlistEntry, by: number, free: number): boolean {
  return status === "waiting" && reservation === null && quantity <= free && rank < by;
}

function isPausing({ detail }: SkuEvent, before: boolean): boolean {
  const policy = detail?.policy;
  return typeof policy === "object" && policy !== null && "paused" in policy ? policy.paused === true : before;
}
