import { ALLOWANCE_OBJECTS } from "./bounds.ts";
import type { Refusal } from "./command.ts";
import type { EnrollCommand, FreezeCommand } from "./drop-command.ts";
import type { DropTerms } from "./model.ts";

/** An operator's settings of a drop. */
export interface DropPlan {
  name: string;
  skus: string[];
  opensAt: number | null;
  closesAt: number | null;
  perCustomerLimit: number | null;
  paused: boolean;
}

/**
 * A change in progress. If it needs all units free, the SKUs concerned are asked first and stop selling until it is decided.
 * Then it is applied, or taken back, until every SKU has acknowledged.
 */
export interface DropChange {
  phase: "asking" | "applying" | "reverting";
  plan: DropPlan;
  /** SKUs that have to agree, and those that have. */
  asked: string[];
  agreed: string[];
  /** SKUs that have acknowledged the decision. */
  acknowledged: string[];
}

export interface Drop extends DropPlan {
  drop: string;
  /** Number of objects that count the limit of this drop. Fixed for its lifetime, because a customer's count cannot move. */
  allowances: number;
  /** Counts decided plans; 0: none yet. */
  revision: number;
  /** Counts begun changes, decided or not: SKUs use it to ignore late messages of earlier changes. */
  turn: number;
  createdAt: number;
  updatedAt: number;
  change: DropChange | null;
  /** Why the last change was refused, if it was. */
  refusal: Refusal | null;
  /** SKUs that have left and still have to be told. */
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

/** Begins a change; null if the plan is the current one. */
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

/** A message of a drop to a SKU: a question, or the decided terms; `terms` null: it has left. */
export type DropMessage = { sku: string; turn: number } & (
  | { type: "freeze" }
  | { type: "enroll"; terms: DropTerms | null }
);

/** The command that a message is to its SKU. */
export function commandFor(drop: string, { sku: _, ...said }: DropMessage): FreezeCommand | EnrollCommand {
  return { ...said, drop };
}

/** The messages to send now. They follow from the drop alone and may be repeated. */
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

/** The drop after a SKU's answer; a refusal means that it did not agree. */
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

/** The caller has stopped waiting for the decision: an undecided change is taken back. */
export function giveUp(drop: Drop): Drop {
  if (drop.change?.phase !== "asking") return drop;
  return revert(drop, drop.change, { code: "overloaded" });
}

function revert(drop: Drop, change: DropChange, refusal: Refusal): Drop {
  return { ...drop, refusal, change: { ...change, phase: "reverting" } };
}

function noSuchSku(sku: string): Refusal {
  return { code: "invalid-request", detail: `skus: ${sku} does not exist` };
}

/** Why a plan is invalid whatever its SKUs answer; or null. */
export function refusedPlan({ opensAt, closesAt }: DropPlan): Refusal | null {
  if (opensAt === null || closesAt === null || opensAt < closesAt) return null;
  return { code: "invalid-request", detail: "closesAt: must be later than opensAt" };
}

/** What a SKU that lost contact has to apply. */
export type Decision = Pick<EnrollCommand, "terms" | "turn">;

/** The terms for a SKU, none if it is no member; null while it has to wait. */
export function decisionFor(drop: Drop, sku: string): Decision | null {
  if (drop.change?.phase === "asking" && drop.change.asked.includes(sku)) return null;
  return { terms: drop.revision > 0 && drop.skus.includes(sku) ? termsOf(drop) : null, turn: drop.turn };
}

/** An operator's current settings of a drop. */
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
