import type { EnrollCommand, FreezeCommand } from "./drop-command.ts";
import type { Membership } from "./model.ts";
import { phaseAt, saleTerms } from "./stock.ts";
import { type Ruling, skuOf, type UnitOfWork } from "./unit-of-work.ts";

/**
 * Agrees, or refuses, to a change of the drop that needs all units free: joining, leaving, switching the limit on or off. After
 * agreeing, this SKU sells nothing until the drop has enrolled it again.
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

/** Whether a question belongs to a newer change than the last one heard of. */
function isAskedAnew({ frozenAt, turn: heard }: Membership, turn: number | undefined): boolean {
  return turn === undefined || heard === undefined ? frozenAt === null : turn > heard;
}

/** Applies the drop's terms if they are newer, and ends the freeze; or leaves the drop. */
export function enroll(work: UnitOfWork, { drop, terms, turn }: EnrollCommand): Ruling {
  const { sku, drop: current, membership } = skuOf(work);
  if (isOutdated(work, drop, turn)) return { kind: "unchanged" };
  if (terms === null) return current === drop ? enrolled(work, null, null) : { kind: "unchanged" };
  if (current !== null && current !== drop) return { kind: "refused", refusal: { code: "drop-in-use", sku } };
  const known = membership?.revision ?? 0;
  // An older revision is a late message; the same revision ends a freeze whose change was not made.
  const isNews =
    terms.revision > known || (terms.revision === known && membership !== null && membership.frozenAt !== null);
  return isNews ? enrolled(work, drop, { ...terms, frozenAt: null, turn }) : { kind: "unchanged" };
}

/** Whether this is a message of an earlier change. A SKU joins only after it was asked: if it is no member, it has left since. */
function isOutdated(work: UnitOfWork, drop: string, turn: number | undefined): boolean {
  const { drop: current, membership } = skuOf(work);
  if (turn === undefined) return false;
  if (current === null) return true;
  return current === drop && turn < (membership?.turn ?? 0);
}

function enrolled(work: UnitOfWork, drop: string | null, membership: Membership | null): Ruling {
  const sku = skuOf(work);
  // New terms may put an open sale back to scheduled; opening and closing are events of their own.
  const scheduled = phaseAt(saleTerms({ ...sku, membership }), work.now) === "scheduled";
  const phase = scheduled ? "scheduled" : sku.phase;
  return {
    kind: "changed",
    change: { type: "sku.updated", sku: { drop, membership, phase }, detail: { drop, membership } },
  };
}
