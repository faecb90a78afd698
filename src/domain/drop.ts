import { ALLOWANCE_OBJECTS } from "./bounds.ts";
import type { Refusal } from "./command.ts";
import type { EnrollCommand, FreezeCommand } from "./drop-command.ts";
import type { DropTerms } from "./model.ts";

/** What an operator says about a drop. */
export interface DropPlan {
  name: string;
  skus: string[];
  opensAt: number | null;
  closesAt: number | null;
  perCustomerLimit: number | null;
  paused: boolean;
}

/**
 * A change on its way to the SKUs. Where units in use forbid it, all that it concerns are asked first and hold still
 * until it is decided; then it is applied, or what was asked is taken back, until everybody has heard.
 */
export interface DropChange {
  phase: "asking" | "applying" | "reverting";
  plan: DropPlan;
  /** SKUs that have to agree, and those that have. */
  asked: string[];
  agreed: string[];
  /** SKUs that have heard of the decision. */
  acknowledged: string[];
}

export interface Drop extends DropPlan {
  drop: string;
  /** How many objects count the limit of this drop, for as long as it exists: a customer's count must not move. */
  allowances: number;
  /** Counts the plans that were decided; 0: none was yet. */
  revision: number;
  /** Counts the changes that were begun, made or not: a SKU tells by it what comes late from an earlier one. */
  turn: number;
  createdAt: number;
  updatedAt: number;
  change: DropChange | null;
  /** Why the last change was not made, if it was not. */
  refusal: Refusal | null;
  /** SKUs that have left and have to be told. */
  leaving: string[];
  /** Sequence of its last event. */
  version: number;
}

/** A drop before its first plan is decided. */
export function draftDrop(drop: string, name: string, now: number): Drop {
  const nothing = { skus: [], opensAt: null, closesAt: null, perCustomerLimit: null, paused: false };
  const times = { createdAt: now, updatedAt: now };
  return {
    drop,
    name,
    ...nothing,
    ...times,
    allowances: ALLOWANCE_OBJECTS,
    revision: 0,
    turn: 0,
    change: null,
    refusal: null,
    leaving: [],
    version: 0,
  };
}

/** Begins a change; null when the plan is what there is already. */
export function propose(drop: Drop, plan: DropPlan, now: number): Drop | null {
  if (drop.change !== null) throw new Error("one change of a drop at a time");
  if (drop.revision > 0 && samePlan(drop, plan)) return null;
  const joining = plan.skus.filter((sku) => !drop.skus.includes(sku));
  const leaving = drop.skus.filter((sku) => !plan.skus.includes(sku));
  const isLimitSwitched = (drop.perCustomerLimit === null) !== (plan.perCustomerLimit === null);
  const asked = isLimitSwitched ? [...new Set([...drop.skus, ...plan.skus])] : [...joining, ...leaving];
  const change: DropChange = { phase: "asking", plan, asked, agreed: [], acknowledged: [] };
  return advance({ ...drop, turn: drop.turn + 1, change, refusal: null }, now);
}

/** What a drop has to say to a SKU: whether it agrees, or what is decided; `terms` null: it has left. */
export type DropMessage = { sku: string; turn: number } & (
  | { type: "freeze" }
  | { type: "enroll"; terms: DropTerms | null }
);

/** A message as the command that it is to its SKU. */
export function commandFor(drop: string, { sku: _, ...said }: DropMessage): FreezeCommand | EnrollCommand {
  return { ...said, drop };
}

/** What is to be said now; it follows from the drop alone, and may be said again. */
export function messagesOf(drop: Drop): DropMessage[] {
  const { change, turn } = drop;
  if (change === null) return [];
  if (change.phase === "asking") {
    return change.asked.filter((sku) => !change.agreed.includes(sku)).map((sku) => ({ type: "freeze", sku, turn }));
  }
  return concerned(drop, change)
    .filter((sku) => !change.acknowledged.includes(sku))
    .map((sku) => ({ type: "enroll", sku, terms: drop.skus.includes(sku) ? termsOf(drop) : null, turn }));
}

/** The drop after a SKU has answered; with a refusal it did not agree. */
export function receive(drop: Drop, { type, sku }: DropMessage, refusal: Refusal | null, now: number): Drop {
  const { change } = drop;
  const isExpected = messagesOf(drop).some((message) => message.type === type && message.sku === sku);
  if (change === null || !isExpected) return drop;
  if (type === "freeze" && refusal !== null) {
    return revert(drop, change, refusal.code === "not-found" ? noSuchSku(sku) : refusal);
  }
  const heard =
    type === "freeze" ? { agreed: [...change.agreed, sku] } : { acknowledged: [...change.acknowledged, sku] };
  return advance({ ...drop, change: { ...change, ...heard } }, now);
}

/** Nobody waits for the decision any more: what was only asked is taken back. */
export function giveUp(drop: Drop): Drop {
  if (drop.change?.phase !== "asking") return drop;
  return revert(drop, drop.change, { code: "overloaded" });
}

function revert(drop: Drop, change: DropChange, refusal: Refusal): Drop {
  return { ...drop, refusal, change: { ...change, phase: "reverting" } };
}

function noSuchSku(sku: string): Refusal {
  return { code: "invalid-request", detail: `skus: there is no ${sku}` };
}

/** Why a plan cannot be, whatever its SKUs say; or null. */
export function refusedPlan({ opensAt, closesAt }: DropPlan): Refusal | null {
  if (opensAt === null || closesAt === null || opensAt < closesAt) return null;
  return { code: "invalid-request", detail: "closesAt: must be later than opensAt" };
}

/** What a SKU that was left waiting is to go by. */
export type Decision = Pick<EnrollCommand, "terms" | "turn">;

/** The terms, none when the SKU is no member; null while it has to wait on. */
export function decisionFor(drop: Drop, sku: string): Decision | null {
  if (drop.change?.phase === "asking" && drop.change.asked.includes(sku)) return null;
  return { terms: drop.revision > 0 && drop.skus.includes(sku) ? termsOf(drop) : null, turn: drop.turn };
}

/** What an operator has said about a drop so far. */
export function planOf({ name, skus, opensAt, closesAt, perCustomerLimit, paused }: DropPlan): DropPlan {
  return { name, skus, opensAt, closesAt, perCustomerLimit, paused };
}

function advance(drop: Drop, now: number): Drop {
  const { change } = drop;
  if (change === null || messagesOf(drop).length > 0) return drop;
  if (change.phase === "asking") {
    const leaving = drop.skus.filter((sku) => !change.plan.skus.includes(sku));
    const decided: Drop = { ...drop, ...change.plan, revision: drop.revision + 1, updatedAt: now, leaving };
    return advance({ ...decided, change: { ...change, phase: "applying" } }, now);
  }
  return { ...drop, change: null, leaving: [] };
}

function concerned(drop: Drop, change: DropChange): string[] {
  return change.phase === "reverting" ? change.asked : [...drop.skus, ...drop.leaving];
}

function termsOf({ revision, opensAt, closesAt, paused, perCustomerLimit, allowances }: Drop): DropTerms {
  return { revision, opensAt, closesAt, paused, limit: perCustomerLimit, allowances };
}

function samePlan(one: DropPlan, other: DropPlan): boolean {
  return JSON.stringify(planOf(one)) === JSON.stringify(planOf(other));
}
