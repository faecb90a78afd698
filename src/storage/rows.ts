import type { Outcome } from "../domain/command.ts";
import type { Answer } from "../domain/ledger.ts";
import type { LoggedEvent, LoggedType } from "../domain/log.ts";
import type {
  Attempt,
  EntryStatus,
  EventType,
  Membership,
  Phase,
  Policy,
  Refund,
  Reservation,
  ReservationStatus,
  Sku,
  SkuEvent,
  WaitlistEntry,
} from "../domain/model.ts";
import { assertConserved } from "../domain/stock.ts";

/** Rows as SQLite returns them. JSON columns are text, booleans are 0 and 1. */
export type SkuRow = {
  sku: string;
  name: string;
  drop_name: string | null;
  stock: number;
  held: number;
  sold: number;
  policy: string;
  version: number;
  revision: number;
  phase: string;
  closed_at: number | null;
  updated_at: number;
  membership: string | null;
  waiting: number;
};

/** The columns of a SKU's row, in the order of `skuValues`. */
export const SKU_COLUMNS =
  "sku, name, drop_name, stock, held, sold, policy, version, revision, phase, updated_at, membership, waiting, closed_at";

export type ReservationRow = {
  id: string;
  customer: string;
  quantity: number;
  status: string;
  created_at: number;
  expires_at: number;
  extendable_until: number;
  confirmed_quantity: number;
  returned_quantity: number;
  order_id: string | null;
  rescued: number;
  refunds: string | null;
  cart: string | null;
  metadata: string;
  version: number;
  attempt: string | null;
  locked_until: number | null;
  counted_by: string | null;
  entry: string | null;
};

export type EntryRow = {
  id: string;
  customer: string;
  quantity: number;
  status: string;
  rank: number;
  created_at: number;
  reservation: string | null;
  offer_expires_at: number | null;
  reason: string | null;
  version: number;
};

export type EventRow = {
  sequence: number;
  type: string;
  time: number;
  d_stock: number;
  d_held: number;
  d_sold: number;
  reservation: string | null;
  entry: string | null;
  detail: string | null;
};

/** The columns of an event's row. */
export const EVENT_COLUMNS = "sequence, type, time, d_stock, d_held, d_sold, reservation, entry, detail";

/** An event of any stream, as D1 has it. */
export type LoggedRow = EventRow & { position: number; stream: string; sku: string | null };

export type CommandRow = { key: string; sequence: number; at: number; content: string; outcome: string };

/** A SKU from its row; throws when its counters are out of balance, so that damage is never built upon. */
export function skuFromRow(row: SkuRow): Sku {
  const { drop_name, updated_at, closed_at, membership, ...rest } = row;
  const sku = {
    ...rest,
    drop: drop_name,
    membership: parsed<Membership>(membership),
    policy: JSON.parse(row.policy) as Policy,
    phase: row.phase as Phase,
    updatedAt: updated_at,
    closedAt: closed_at,
  };
  assertConserved(sku);
  return sku;
}

/** The values of a SKU's row, in the order of `SkuRow`, here and in D1. */
export function skuValues(sku: Sku): (string | number | null)[] {
  return [
    sku.sku,
    sku.name,
    sku.drop,
    sku.stock,
    sku.held,
    sku.sold,
    JSON.stringify(sku.policy),
    sku.version,
    sku.revision,
    sku.phase,
    sku.updatedAt,
    jsonOrNull(sku.membership),
    sku.waiting,
    sku.closedAt,
  ];
}

/** A reservation of `sku` from its row. */
export function reservationFromRow(sku: string, row: ReservationRow): Reservation {
  return {
    id: row.id,
    sku,
    customer: row.customer,
    quantity: row.quantity,
    status: row.status as ReservationStatus,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    extendableUntil: row.extendable_until,
    confirmedQuantity: row.confirmed_quantity,
    returnedQuantity: row.returned_quantity,
    orderId: row.order_id,
    rescued: row.rescued === 1,
    refunds: parsed<Refund[]>(row.refunds) ?? [],
    cart: row.cart,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    version: row.version,
    attempt: parsed<Attempt>(row.attempt),
    lockedUntil: row.locked_until,
    countedBy: row.counted_by,
    entry: row.entry,
  };
}

/** An entry of the waitlist of `sku` from its row. */
export function entryFromRow(sku: string, row: EntryRow): WaitlistEntry {
  const { created_at, offer_expires_at, status, reason, ...rest } = row;
  return {
    ...rest,
    sku,
    status: status as EntryStatus,
    createdAt: created_at,
    offerExpiresAt: offer_expires_at,
    reason: reason as WaitlistEntry["reason"],
  };
}

/** What a JSON column holds. */
function parsed<Value>(json: string | null): Value | null {
  return json === null ? null : (JSON.parse(json) as Value);
}

/** A value as a JSON column holds it. */
export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** A list as a JSON column holds it, null while it is empty. */
export function listOrNull(values: readonly unknown[]): string | null {
  return values.length === 0 ? null : JSON.stringify(values);
}

/** A SKU's event from its row; the reservation in it is the state right after it. */
export function eventFromRow(row: EventRow): SkuEvent {
  return { ...happened(row), type: row.type as EventType };
}

/** An event of any stream from its row in the log. */
export function loggedFromRow(row: LoggedRow): LoggedEvent {
  const { position, stream, sku } = row;
  return { position, stream, sku, ...happened(row), type: row.type as LoggedType };
}

function happened(row: EventRow): Omit<SkuEvent, "type"> {
  return {
    sequence: row.sequence,
    time: row.time,
    dStock: row.d_stock,
    dHeld: row.d_held,
    dSold: row.d_sold,
    reservation: parsed<Reservation>(row.reservation),
    entry: parsed<WaitlistEntry>(row.entry),
    detail: parsed<Record<string, unknown>>(row.detail),
  };
}

/** A key's answer with the reservation of its event, if that has one. */
export type AnswerRow = Pick<CommandRow, "key" | "content" | "outcome"> & { reservation: string | null };

/**
 * An outcome as it is kept, and the event that it is kept with. A reservation is not written twice: it stands in the
 * event that the command caused, which stays as long as the key.
 */
export function keptOutcome(outcome: Outcome, sequence: number): { outcome: string; sequence: number } {
  if (!outcome.ok || (outcome.type !== "reservation" && outcome.type !== "try"))
    return { outcome: JSON.stringify(outcome), sequence };
  const { reservation, ...rest } = outcome;
  return { outcome: JSON.stringify(rest), sequence: reservation.version };
}

/** The answer that was kept. */
export function answerFromRow(row: AnswerRow): Answer {
  const outcome = JSON.parse(row.outcome) as Outcome;
  if (outcome.ok && (outcome.type === "reservation" || outcome.type === "try")) {
    if (row.reservation === null) throw new Error("an answer has outlived its event");
    outcome.reservation = JSON.parse(row.reservation) as Reservation;
  }
  return { content: row.content, outcome };
}
