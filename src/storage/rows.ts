import { type LoggedEvent, type LoggedReservation, type LoggedType, SETS_METADATA } from "../domain/log.ts";
import type {
  EventType,
  Lender,
  Membership,
  Policy,
  Refund,
  Rescue,
  Reservation,
  Sku,
  SkuEvent,
  TryPurpose,
  WaitlistEntry,
} from "../domain/model.ts";
import { assertConserved } from "../domain/stock.ts";
import { type Columns, type RowOf, Table } from "./table.ts";

const SKU_VALUES = {
  sku: (one) => one.sku,
  name: (one) => one.name,
  drop_name: (one) => one.drop,
  stock: (one) => one.stock,
  held: (one) => one.held,
  sold: (one) => one.sold,
  policy: (one) => JSON.stringify(one.policy),
  version: (one) => one.version,
  revision: (one) => one.revision,
  phase: (one) => one.phase,
  updated_at: (one) => one.updatedAt,
  membership: (one) => jsonOrNull(one.membership),
  waiting: (one) => one.waiting,
  closed_at: (one) => one.closedAt,
} satisfies Columns<Sku>;

export type SkuRow = RowOf<typeof SKU_VALUES>;

/** A SKU, in its object and in D1. */
export const SKU_TABLE = new Table<Sku>("sku", SKU_VALUES, ["sku"]);

const RESERVATION_VALUES = {
  id: (one) => one.id,
  customer: (one) => one.customer,
  quantity: (one) => one.quantity,
  status: (one) => one.status,
  created_at: (one) => one.createdAt,
  expires_at: (one) => one.expiresAt,
  extendable_until: (one) => one.extendableUntil,
  confirmed_quantity: (one) => one.confirmedQuantity,
  returned_quantity: (one) => one.returnedQuantity,
  order_id: (one) => one.orderId,
  rescued: (one) => (one.rescued ? 1 : 0),
  refunds: (one) => listOrNull(one.refunds),
  cart: (one) => one.cart,
  metadata: (one) => JSON.stringify(one.metadata),
  version: (one) => one.version,
  attempt: (one) => jsonOrNull(one.attempt),
  locked_until: (one) => one.lockedUntil,
  counted_by: (one) => one.countedBy,
  entry: (one) => one.entry,
  lent_to: (one) => jsonOrNull(one.lentTo),
  lenders: (one) => listOrNull(one.lenders),
  superseded: (one) => (one.superseded ? 1 : 0),
} satisfies Columns<Reservation>;

export type ReservationRow = RowOf<typeof RESERVATION_VALUES>;

export const RESERVATION_TABLE = new Table<Reservation>("reservation", RESERVATION_VALUES, [
  "id",
  "customer",
  "created_at",
  "cart",
  "metadata",
  "entry",
]);

const ENTRY_VALUES = {
  id: (one) => one.id,
  customer: (one) => one.customer,
  quantity: (one) => one.quantity,
  status: (one) => one.status,
  rank: (one) => one.rank,
  created_at: (one) => one.createdAt,
  reservation: (one) => one.reservation,
  offer_expires_at: (one) => one.offerExpiresAt,
  reason: (one) => one.reason,
  version: (one) => one.version,
} satisfies Columns<WaitlistEntry>;

export type EntryRow = RowOf<typeof ENTRY_VALUES>;

export const ENTRY_TABLE = new Table<WaitlistEntry>("waitlist", ENTRY_VALUES, [
  "id",
  "customer",
  "quantity",
  "rank",
  "created_at",
]);

const EVENT_VALUES = {
  sequence: (one) => one.sequence,
  type: (one): string => one.type,
  time: (one) => one.time,
  d_stock: (one) => one.dStock,
  d_held: (one) => one.dHeld,
  d_sold: (one) => one.dSold,
  reservation: (one) => eventReservation(one),
  entry: (one) => jsonOrNull(one.entry),
  detail: (one) => jsonOrNull(one.detail),
} satisfies Columns<SkuEvent>;

/** An event of a SKU's stream; of a cart or a drop it has the whole document as detail. */
export type EventRow = RowOf<typeof EVENT_VALUES>;

/** The events of a SKU. They never change. */
export const EVENT_TABLE = new Table<SkuEvent>("event", EVENT_VALUES, Object.keys(EVENT_VALUES));

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
    updatedAt: updated_at,
    closedAt: closed_at,
  };
  assertConserved(sku);
  return sku;
}

/** A reservation of `sku` from its row. */
export function reservationFromRow(sku: string, row: ReservationRow): Reservation {
  return {
    id: row.id,
    sku,
    customer: row.customer,
    quantity: row.quantity,
    status: row.status,
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
  const { created_at, offer_expires_at, ...rest } = row;
  return {
    ...rest,
    sku,
    createdAt: created_at,
    offerExpiresAt: offer_expires_at,
  };
}

/** The value of a JSON column. */
function parsed<Value>(json: string | null): Value | null {
  return json === null ? null : (JSON.parse(json) as Value);
}

/** A value for a JSON column. */
function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** A list for a JSON column, null while it is empty. */
function listOrNull(values: readonly unknown[]): string | null {
  return values.length === 0 ? null : JSON.stringify(values);
}

/** The reservation of an event as its row stores it. */
function eventReservation({ type, reservation }: SkuEvent): string | null {
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
