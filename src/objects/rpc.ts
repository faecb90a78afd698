import type { Cart } from "../domain/cart.ts";
import type { Command, DropLimit, Outcome, Refused } from "../domain/command.ts";
import type { Drop, DropPlan } from "../domain/drop.ts";
import type { Reservation, SkuView } from "../domain/model.ts";
import type { Webhook } from "../domain/webhook.ts";
import type { Place } from "../live/frames.ts";

/** Where an outcome is safe: in the object always, in D1 as well when it got there in time. */
export type Recorded = "d1" | "object";

export interface Executed {
  outcomes: Outcome[];
  recorded: Recorded;
}

/** What one customer has of this SKU, dead holds left out. */
export interface Own {
  view: SkuView;
  /** Whether it may reserve, or has to let others go first. */
  isTurn: boolean;
  /** What it was told that it has. */
  units: number;
  /** What counts against its limit: tries as well, of which it was not told. */
  counted: number;
  /** The limit over the SKUs of a drop that a claim would have to ask about. */
  limit: DropLimit | null;
  reservations: Reservation[];
  place: Place | null;
}

/** How the object is doing. */
export interface Health {
  view: SkuView;
  unrecordedEvents: number;
  /** Age of the oldest event that D1 does not have, 0 when it has all. */
  recordLagMs: number;
  /** Events in D1 of which the queue has not been told. */
  unannouncedEvents: number;
  watchers: number;
  /** By how much the clock was ahead of what it says now when something was committed last. */
  clockAheadMs: number;
  counts: OutcomeCount[];
}

/** How often a command ended in a certain way since this instance of the object woke. */
export interface OutcomeCount {
  command: Command["type"];
  /** `ok`, or the code of the refusal. */
  outcome: string;
  count: number;
}

/** What a caller wants held together. */
export interface OpenCart extends Pick<Cart, "id" | "customer" | "role" | "mode" | "ttlSeconds"> {
  lines: { sku: string; quantity: number; reservation: string }[];
  content: string;
}

export type DropOutcome = { ok: true; drop: Drop; replayed?: true } | Refused;

/** A plan under a key of its caller, as the whole (a creation) or as the members that change. */
export interface DropRequest {
  change:
    | { type: "create"; plan: DropPlan }
    /** `ifRevisions`: the revisions that the editor would overwrite; any other one refuses the edit. */
    | { type: "patch"; plan: Partial<DropPlan>; ifRevisions: readonly number[] | undefined };
  key: string | null;
  content: string;
}

export interface WebhookRequest {
  ask: { type: "rotate" } | { type: "redeliver"; position: number } | { type: "redeliver-since"; since: number };
  key: string;
  content: string;
}

/** A webhook and how far its deliveries are. */
export interface WebhookState {
  webhook: Webhook;
  /** Deliveries that are not made yet, and events that were not even looked at; null while D1 does not say. */
  pending: number;
  unread: number | null;
}
