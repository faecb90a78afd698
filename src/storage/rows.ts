import { type LoggedEvent, type LoggedReservation, type LoggedType, SETS_METADATA } from "../domain/log.ts";
import type {
  EntryStatus,
  EventType,
  Lender,
  Membership,
  Policy,
  Refund,
  Rescue,
  Reservation,
  ReservationStatus,
  SalePhase,
  Sku,
  SkuEvent,
  TryPurpose,
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
  lent_to: string | null;
  lenders: string | null;
  superseded: number;
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

/** An event of any stream as stored in D1. */
export type LoggedRow = EventRow & { position: number; stream: string; sku: string | null };

export type CommandRow = { key: string; sequence: number; at: number; content: string; outcome: string };

/** A SKU from its row; throws if its counters are out of balance, so that damage does not spread. */
export function skuFromRow(row: SkuRow): Sku {
  const { drop_name, updated_at, closed_at, membership, ...rest } = row;
  const sku = {
    ...rest,
    drop: drop_name,
    membership: parsed<Membership>(membership),
    policy: JSON.parse(row.policy) as Policy,
    phase: row.phase as SalePhase,
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
    attempt: parsed<TryPurpose>(row.attempt),
    lockedUntil: row.locked_until,
    countedBy: row.counted_by,
    entry: row.entry,
    lentTo: parsed<Rescue>(row.lent_to),
    lenders: parsed<Lender[]>(row.lenders) ?? [],
    superseded: row.superseded === 1,
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

/** The value of a JSON column. */
function parsed<Value>(json: string | null): Value | null {
  return json === null ? null : (JSON.parse(json) as Value);
}

/** A value for a JSON column. */
export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** A list for a JSON column, null while it is empty. */
export function listOrNull(values: readonly unknown[]): string | null {
  return values.length === 0 ? null : JSON.stringify(values);
}

/** The reservation of an event as its row stores it. */
export function eventReservation({ type, reservation }: SkuEvent): string | null {
  if (reservation === null || SETS_METADATA.has(type)) return jsonOrNull(reservation);
  const { metadata: _set, ...rest } = reservation;
  return JSON.stringify(rest);
}

/** A SKU's event from its row. Its reservation is the state right after the event, without metadata that the event did not set. */
export function eventFromRow(row: EventRow): SkuEvent {
  const { reservation, ...rest } = happened(row);
  return { ...rest, type: row.type as EventType, reservation: reservation && { metadata: {}, ...reservation } };
}

/** An event of any stream from its row in the log. */
export function loggedFromRow(row: LoggedRow): LoggedEvent {
  const { position, stream, sku } = row;
  return { position, stream, sku, ...happened(row), type: row.type as LoggedType };
}

function happened(row: EventRow): Omit<LoggedEvent, "type" | "position" | "stream" | "sku"> {
  return {
    sequence: row.sequence,
    time: row.time,
    dStock: row.d_stock,
    dHeld: row.d_held,
    dSold: row.d_sold,
    reservation: parsed<LoggedReservation>(row.reservation),
    entry: parsed<WaitlistEntry>(row.entry),
    detail: parsed<Record<string, unknown>>(row.detail),
  };
}
