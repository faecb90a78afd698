import { STOCK_MAX } from "./bounds.ts";
import type { AdjustCommand, CreateCommand, Refusal, UpdateCommand } from "./command.ts";
import { DEFAULT_POLICY, type Policy, type Sku } from "./model.ts";
import { phaseAt, saleTerms } from "./stock.ts";
import { type Ruling, skuOf, type UnitOfWork, unclaimedUnits } from "./unit-of-work.ts";

/** The SKU of a creation before its first event; or why its policy is invalid. */
export function draftSku(command: CreateCommand, now: number): Sku | Refusal {
  const policy: Policy = { ...DEFAULT_POLICY, ...command.policy };
  const refusal = refusedPolicy(policy);
  if (refusal) return refusal;
  return {
    sku: command.sku,
    name: command.name,
    drop: null,
    membership: null,
    stock: 0,
    held: 0,
    sold: 0,
    waiting: 0,
    policy,
    version: 0,
    revision: 1,
    phase: phaseAt(policy, now),
    closedAt: phaseAt(policy, now) === "closed" ? now : null,
    updatedAt: now,
  };
}

/** Edits name and policy; the edit binds later commands only. An edit without changes makes no event. */
export function update(work: UnitOfWork, command: UpdateCommand): Ruling {
  const sku = skuOf(work);
  const name = command.name ?? sku.name;
  const policy: Policy = { ...sku.policy, ...command.policy };
  // Also with an older revision: it is the same edit again, whose first answer was lost (RFC 9110 13.1.1).
  if (name === sku.name && samePolicy(policy, sku.policy)) return { kind: "unchanged" };
  const refusal = refusedRevision(sku, command.ifRevisions) ?? refusedPolicy(policy);
  if (refusal) return { kind: "refused", refusal };

  // An edit may put an open sale back to scheduled; opening and closing are events of their own, made by the clock.
  const phase = phaseAt(saleTerms({ ...sku, policy }), work.now) === "scheduled" ? "scheduled" : sku.phase;
  const revision = sku.revision + 1;
  return {
    kind: "changed",
    change: { type: "sku.updated", sku: { name, policy, revision, phase }, detail: { name, policy, revision } },
  };
}

/** Adds units to the stock, or takes free ones out. */
export function adjust(work: UnitOfWork, command: AdjustCommand): Ruling {
  const sku = skuOf(work);
  const available = unclaimedUnits(work);
  if (command.delta < -available) return { kind: "refused", refusal: { code: "stock-in-use", available } };
  if (sku.stock + command.delta > STOCK_MAX) {
    return { kind: "refused", refusal: { code: "invalid-request", detail: `delta: stock is at most ${STOCK_MAX}` } };
  }
  return {
    kind: "changed",
    change: { type: "stock.adjusted", dStock: command.delta, detail: { delta: command.delta, reason: command.reason } },
  };
}

/** Why an edit that was based on another revision is refused. */
export function refusedRevision(
  { revision }: { revision: number },
  ifRevisions: readonly number[] | undefined,
): Refusal | null {
  return ifRevisions === undefined || ifRevisions.includes(revision) ? null : { code: "version-mismatch", revision };
}

function refusedPolicy(policy: Policy): Refusal | null {
  const { opensAt, closesAt } = policy;
  if (opensAt === null || closesAt === null || opensAt < closesAt) return null;
  return { code: "invalid-request", detail: "policy.closesAt: must be later than policy.opensAt" };
}

function samePolicy(one: Policy, other: Policy): boolean {
  return (Object.keys(one) as (keyof Policy)[]).every((member) => one[member] === other[member]);
}
