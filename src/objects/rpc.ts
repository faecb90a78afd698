import type { Cart } from "../domain/cart.ts";
import type { Command, DropLimit, Outcome, Refusal, Refused } from "../domain/command.ts";
import type { Drop, DropPlan } from "../domain/drop.ts";
import type { Reservation, SkuView } from "../domain/model.ts";
import type { Webhook } from "../domain/webhook.ts";
import type { Place } from "../live/frames.ts";

/** Where an outcome is stored: always in the object, and `d1` if it reached D1 in time. */
export type Recorded = "d1" | "object";

export interface Executed {
  outcomes: Outcome[];
  recorded: Recorded;
}

/** A customer's share of this SKU, without dead holds. */
export interface Own {
  view: SkuView;
  /** Whether it may reserve, or other customers go first. */
  isTurn: boolean;
  /** Units as shown to the customer. */
  units: number;
  /** Units that count against its limit: includes tries, which are not shown. */
  counted: number;
  /** The drop's limit that a claim would have to ask. */
  limit: DropLimit | null;
  reservations: Reservation[];
  place: Place | null;
}

/** The health of an object. */
export interface Health {
  view: SkuView;
  unrecordedEvents: number;
  /** Age of the oldest event that D1 does not have, 0 if it has all. */
  recordLagMs: number;
  /** Events in D1 that were not announced on the queue. */
  unannouncedEvents: number;
  watchers: number;
  /** How far the time of the last commit lies ahead of the current clock. */
  clockAheadMs: number;
  counts: OutcomeCount[];
}

/** How often a command ended with an outcome since this instance woke. */
export interface OutcomeCount {
  command: Command["type"];
  /** `ok`, or the code of the refusal. */
  outcome: string;
  count: number;
}

/** Reserves that the Worker refused itself, all with this refusal. */
export interface RefusedElsewhere {
  refusal: Refusal;
  count: number;
}

/** The lines that a caller wants held together. */
export interface OpenCart extends Pick<Cart, "id" | "customer" | "role" | "mode" | "ttlSeconds"> {
  lines: { sku: string; quantity: number; reservation: string }[];
  content: string;
}

export type DropOutcome = { ok: true; drop: Drop; replayed?: true } | Refused;

/** A plan under a key of its caller: complete for a creation, or the members that change. */
export interface DropRequest {
  change:
    | { type: "create"; plan: DropPlan }
    /** `ifRevisions`: the revisions that the editor has seen; the edit is refused if the current one is another. */
    | { type: "patch"; plan: Partial<DropPlan>; ifRevisions: readonly number[] | undefined };
  key: string | null;
  content: string;
}

export interface WebhookRequest {
  ask: { type: "rotate" } | { type: "redeliver"; position: number } | { type: "redeliver-since"; since: number };
  key: string;
  content: string;
}

/** A webhook and the progress of its deliveries. */
export interface WebhookState {
  webhook: Webhook;
  /** Pending deliveries, and events not read yet; null while D1 does not answer. */
  pending: number;
  unread: number | null;
}
