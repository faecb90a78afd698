/** The nouns of a sale. Times are milliseconds since the Unix epoch, durations say their unit, units are whole numbers. */

export interface Policy {
  holdTtlSeconds: number;
  maxHoldSeconds: number;
  /** Units a customer may have held and bought of this SKU; null: no limit. */
  perCustomerLimit: number | null;
  maxPerReservation: number;
  lowStockThreshold: number;
  /** What the public sees at most ("10+"); null: the true number. */
  displayCap: number | null;
  warnSeconds: number;
  offerTtlSeconds: number;
  lateConfirmSeconds: number;
  opensAt: number | null;
  closesAt: number | null;
  paused: boolean;
}

export type Phase = "scheduled" | "open" | "closed";

export interface Sku {
  sku: string;
  name: string;
  drop: string | null;
  stock: number;
  held: number;
  sold: number;
  policy: Policy;
  /** Sequence of the SKU's last event. */
  version: number;
  /** Counts edits of name and policy. */
  revision: number;
  /** The phase of the sale that was last committed as an event. */
  phase: Phase;
  /** The time of the last commit; the object's clock never runs behind it. */
  updatedAt: number;
}

export type SaleState = "paused" | "scheduled" | "closed" | "sold_out" | "held_elsewhere" | "open";

export type ReservationStatus = "held" | "confirmed" | "released" | "expired" | "returned";

export interface Reservation {
  id: string;
  sku: string;
  customer: string;
  quantity: number;
  status: ReservationStatus;
  createdAt: number;
  expiresAt: number;
  extendableUntil: number;
  confirmedQuantity: number;
  returnedQuantity: number;
  orderId: string | null;
  rescued: boolean;
  /** A payment came too late and for good: the money goes back, whoever asks again. */
  refundRequired: boolean;
  cart: string | null;
  metadata: Record<string, string>;
  version: number;
}

export type EventType =
  | "sku.created"
  | "sku.updated"
  | "stock.adjusted"
  | "stock.low"
  | "stock.sold_out"
  | "stock.back"
  | "sale.opened"
  | "sale.closed"
  | "reservation.held"
  | "reservation.extended"
  | "reservation.confirmed"
  | "reservation.released"
  | "reservation.expired"
  | "reservation.returned"
  | "reservation.refund_required";

/** One committed change. Its reservation, if it is about one, is the state right after it. */
export interface SkuEvent {
  sequence: number;
  type: EventType;
  time: number;
  dStock: number;
  dHeld: number;
  dSold: number;
  reservation: Reservation | null;
  /** What else the event says: the policy, the reason, the level of stock. */
  detail: Record<string, unknown> | null;
}

/** Stock as a page shows it, before it is cut for the public. */
export interface StockLevel {
  state: SaleState;
  available: number;
  low: boolean;
  displayCap: number | null;
}

/** The whole SKU as it stands at one instant. */
export interface SkuView extends Sku {
  state: SaleState;
  available: number;
  low: boolean;
}

/** Policy of a SKU whose creator names none (DESIGN section 4). */
export const DEFAULT_POLICY: Policy = {
  holdTtlSeconds: 900,
  maxHoldSeconds: 1800,
  perCustomerLimit: 10,
  maxPerReservation: 10,
  lowStockThreshold: 5,
  displayCap: null,
  warnSeconds: 60,
  offerTtlSeconds: 600,
  lateConfirmSeconds: 86_400,
  opensAt: null,
  closesAt: null,
  paused: false,
};
