import type { EnrollCommand, FreezeCommand } from "./drop-command.ts";
import type { Membership } from "./model.ts";
import { phaseAt, saleTerms } from "./stock.ts";
import { type Ruling, skuOf, type UnitOfWork } from "./unit-of-work.ts";

/**
 * Whether this SKU agrees to a change of its drop that no unit in use may meet: joining it, leaving it, counting or no
 * longer counting a limit. From a yes on nothing is sold until the drop has enrolled it anew.
 */
export function freeze(work: UnitOfWork, { drop, turn }: FreezeCommand): Ruling {
  const sku = skuOf(work);
  const inUse = sku.held - work.overdueUnits + sku.sold > 0;
  if (inUse || (sku.drop !== null && sku.drop !== drop)) {
    return { kind: "refused", refusal: { code: "drop-in-use", sku: sku.sku } };
  }
  if (sku.membership !== null && !isAskedAnew(sku.membership, turn)) return { kind: "unchanged" };
  const none = { revision: 0, opensAt: null, closesAt: null, paused: false, limit: null };
  return enrolled(work, drop, { ...(sku.membership ?? none), frozenAt: work.now, turn });
}

/** Whether a question is about another change than the one that was heard of last. */
function isAskedAnew({ frozenAt, turn: heard }: Membership, turn: number | undefined): boolean {
  return turn === undefined || heard === undefined ? frozenAt === null : turn > heard;
}

/** Takes over what the drop says now, if that is newer, and ends the freeze; or leaves the drop. */
export function enroll(work: UnitOfWork, { drop, terms, turn }: EnrollCommand): Ruling {
  const { sku, drop: current, membership } = skuOf(work);
  if (isOutdated(work, drop, turn)) return { kind: "unchanged" };
  if (terms === null) return current === drop ? enrolled(work, null, null) : { kind: "unchanged" };
  if (current !== null && current !== drop) return { kind: "refused", refusal: { code: "drop-in-use", sku } };
  const known = membership?.revision ?? 0;
  // An older revision is a message that was long on its way; the same one ends a freeze that came to nothing.
  const isNews =
    terms.revision > known || (terms.revision === known && membership !== null && membership.frozenAt !== null);
  return isNews ? enrolled(work, drop, { ...terms, frozenAt: null, turn }) : { kind: "unchanged" };
}

/** What an earlier change of the drop had to say. Nobody joins without being asked: who is no member has left since. */
function isOutdated(work: UnitOfWork, drop: string, turn: number | undefined): boolean {
  const { drop: current, membership } = skuOf(work);
  if (turn === undefined) return false;
  if (current === null) return true;
  return current === drop && turn < (membership?.turn ?? 0);
}

function enrolled(work: UnitOfWork, drop: string | null, membership: Membership | null): Ruling {
  const sku = skuOf(work);
  // What the drop says may put an open sale back to scheduled; opening and closing are events of their own.
  const scheduled = phaseAt(saleTerms({ ...sku, membership }), work.now) === "scheduled";
  const phase = scheduled ? "scheduled" : sku.phase;
  return {
    kind: "changed",
    change: { type: "sku.updated", sku: { drop, membership, phase }, detail: { drop, membership } },
  };
}
