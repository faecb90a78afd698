/** The data of a sale. Times are milliseconds since the Unix epoch, durations name their unit, units are whole numbers. */

export interface Policy {
  holdTtlSeconds: number;
  maxHoldSeconds: number;
  /** Units that a customer may hold and buy of this SKU; null: no limit. */
  perCustomerLimit: number | null;
  maxPerReservation: number;
  lowStockThreshold: number;
  /** Largest count that the public sees ("10+"); null: the true number. */
  displayCap: number | null;
  warnSeconds: number;
  offerTtlSeconds: number;
  lateConfirmSeconds: number;
  /** How long waitlist entries stay after a closing, so that a closing by mistake can be undone. */
  waitlistKeptSeconds: number;
  /** What a customer may give back within an hour before other customers go first for the rest of it. */
  abandonsPerHour: number;
  /** How long a customer who gave back units that others wanted has to wait for this SKU. */
  reholdSeconds: number;
  opensAt: number | null;
  closesAt: number | null;
  paused: boolean;
}

export type SalePhase = "scheduled" | "open" | "closed";

/** The terms of a drop as sent to its SKUs. Each revision is complete, so only the newest counts. */
export interface DropTerms {
  revision: number;
  opensAt: number | null;
  closesAt: number | null;
  paused: boolean;
  /** Units that a customer may have over all SKUs of the drop; null: no limit. */
  limit: number | null;
  /** Number of objects that count that limit; default ALLOWANCE_OBJECTS. */
  allowances?: number | undefined;
}

/** A SKU's membership in its drop. */
export interface Membership extends DropTerms {
  /**
   * Since when the drop is deciding a change that needs all units free: nothing is sold until then. Null: no such change. A SKU
   * that is left frozen asks its drop.
   */
  frozenAt: number | null;
  /** Number of the last of the drop's changes, decided or not, that this SKU has heard of. */
  turn?: number | undefined;
}

export interface Sku {
  sku: string;
  name: string;
  drop: string | null;
  /** The drop's terms; null exactly if `drop` is. */
  membership: Membership | null;
  stock: number;
  held: number;
  sold: number;
  /** Waitlist entries without an offer. */
  waiting: number;
  policy: Policy;
  /** Sequence of the SKU's last event. */
  version: number;
  /** Counts edits of name and policy. */
  revision: number;
  /** The phase of the sale that was last committed as an event. */
  phase: SalePhase;
  /** When the phase became `closed`, whatever `closesAt` says; null in another phase. */
  closedAt: number | null;
  /** The clock at the last commit. It may lie ahead if the clock was wrong then. */
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
  /** Orders that were refused for good, newest first: they are refunded, whoever asks again. */
  refunds: readonly Refund[];
  cart: string | null;
  metadata: Record<string, string>;
  version: number;
  /** Set while the reservation is a try: what it waits for. */
  attempt: TryPurpose | null;
  /** It cannot expire: it is being confirmed with its cart, or is lent. After this time its SKU asks for the outcome. */
  lockedUntil: number | null;
  /** The late payment of the same customer to which it gives way if that is sold. */
  lentTo: Rescue | null;
  /** Claims outside this SKU that it has borrowed, or is borrowing, for a late payment; once it is sold, those that gave way to it. */
  lenders: readonly Lender[];
  /** It gave way to another late payment: released, but a payment for it is judged like one for an expired claim. */
  superseded: boolean;
  /** Name of the Allowance object that counts its units for the limit of a drop. */
  countedBy: string | null;
  /** The waitlist entry whose offer it is. */
  entry: string | null;
}

/** Why a payment cannot be honored: the code of the confirmation's answer, now and when repeated. */
export type RefundCode = "hold-expired" | "already-released" | "already-confirmed";

/** A payment to be refunded: final for its order, and for no other. */
export interface Refund {
  /** Null: the confirmation named no order; null counts as an order like any other. */
  orderId: string | null;
  /** Units that were paid. */
  quantity: number;
  at: number;
  code: RefundCode;
}

/** What a try becomes once it is granted. Until then `expiresAt` is the end of the try. */
export type TryPurpose =
  | { purpose: "hold"; ttlSeconds: number }
  | { purpose: "offer" }
  /**
   * A late payment. Cancelled, the reservation becomes what it was: ended at `lapsedAt` with `quantity` units. During the try
   * it holds only those of the `paid` units that the customer's other claims do not give.
   */
  | {
      purpose: "rescue";
      lapsedAt: number;
      quantity: number;
      paid: number;
      orderId: string | null;
      /** Its cart's confirmation decides: when granted, it is locked instead of sold. */
      locks: boolean;
      /** Orders the tries of one reservation. */
      serial: number;
    };

/** A late payment that is being decided: of a reservation, or of a cart with the reservation as a line. */
export interface Rescue {
  /** What is decided together (`rescueName`). */
  name: string;
  /** The borrowing reservation: lenders ask its SKU. */
  sku: string;
  id: string;
  /** Serial of the try; messages of an earlier try are ignored. */
  serial: number;
}

/** An unpaid claim of the same customer that gives way to a late payment: a hold or offer of a SKU, or a whole cart. */
export type Lender = { sku: string; id: string } | { cart: string };

export type EntryStatus = "waiting" | "offered" | "accepted" | "declined" | "lapsed" | "withdrawn";

/** A customer's entry on the waitlist of one SKU. */
export interface WaitlistEntry {
  id: string;
  sku: string;
  customer: string;
  quantity: number;
  status: EntryStatus;
  /** Sequence of the event with which it joined: first come, first offered. */
  rank: number;
  createdAt: number;
  /** Reservation of its offer; while it waits, of the try that may become the offer. */
  reservation: string | null;
  offerExpiresAt: number | null;
  /** Why it was withdrawn. */
  reason: "left" | "closed" | "limit-exceeded" | "superseded" | null;
  version: number;
}

/** Types of events on a SKU's stream. */
export const SKU_EVENT_TYPES = [
  "sku.created",
  "sku.updated",
  "stock.adjusted",
  "stock.low",
  "stock.sold_out",
  "stock.back",
  "sale.opened",
  "sale.closed",
  "reservation.tried",
  "reservation.cancelled",
  "reservation.locked",
  "reservation.unlocked",
  "reservation.held",
  "reservation.extended",
  "reservation.confirmed",
  "reservation.released",
  "reservation.expired",
  "reservation.returned",
  "reservation.refund_required",
  "waitlist.joined",
  "waitlist.offered",
  "waitlist.withdrawn",
] as const;
export type EventType = (typeof SKU_EVENT_TYPES)[number];

/** One committed change. Its reservation, if any, is shown in its state right after the change. */
export interface SkuEvent {
  sequence: number;
  type: EventType;
  time: number;
  dStock: number;
  dHeld: number;
  dSold: number;
  reservation: Reservation | null;
  /** The waitlist entry that it changed, in its state right after the change. */
  entry: WaitlistEntry | null;
  /** Further data of the event: the policy, the reason, the stock. */
  detail: Record<string, unknown> | null;
}

/** Stock as a page shows it, before it is cut for the public. */
export interface StockLevel {
  state: SaleState;
  available: number;
  low: boolean;
  displayCap: number | null;
}

/** A SKU with its stock at one instant. */
export interface SkuView extends Sku {
  state: SaleState;
  available: number;
  low: boolean;
}

/** Default policy of a new SKU (DESIGN section 4). */
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
  waitlistKeptSeconds: 3600,
  abandonsPerHour: 30,
  reholdSeconds: 30,
  opensAt: null,
  closesAt: null,
  paused: false,
};
