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
  /** How long after a closing those who wait keep their places, so that a closing by mistake can be undone. */
  waitlistKeptSeconds: number;
  /** What a customer may let go of within an hour before the rest of the hour goes to others. */
  abandonsPerHour: number;
  /** How long who let units go that others wanted leaves them to those. */
  reholdSeconds: number;
  opensAt: number | null;
  closesAt: number | null;
  paused: boolean;
}

export type SalePhase = "scheduled" | "open" | "closed";

/** What a drop has told its SKUs: each revision whole, so that the newest one is all that counts. */
export interface DropTerms {
  revision: number;
  opensAt: number | null;
  closesAt: number | null;
  paused: boolean;
  /** Units a customer may have over all SKUs of the drop; null: no limit. */
  limit: number | null;
  /** How many objects count that limit; ALLOWANCE_OBJECTS where it does not say. */
  allowances?: number | undefined;
}

/** A SKU's place in its drop. */
export interface Membership extends DropTerms {
  /**
   * Since when the drop is about to change in a way that no unit in use may meet: nothing is sold until it has. Null: it
   * is not. A SKU that is left like this asks its drop.
   */
  frozenAt: number | null;
  /** The last of the drop's changes, made or not, that this SKU has heard of. */
  turn?: number | undefined;
}

export interface Sku {
  sku: string;
  name: string;
  drop: string | null;
  /** What the drop says; null exactly when `drop` is. */
  membership: Membership | null;
  stock: number;
  held: number;
  sold: number;
  /** Entries of the waitlist that have no offer. */
  waiting: number;
  policy: Policy;
  /** Sequence of the SKU's last event. */
  version: number;
  /** Counts edits of name and policy. */
  revision: number;
  /** The phase of the sale that was last committed as an event. */
  phase: SalePhase;
  /** When that became `closed`, whatever `closesAt` says; null while it is another one. */
  closedAt: number | null;
  /** What the clock said at the last commit: where it was wrong then, that may lie ahead. */
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
  /** The orders that were refused for good, the newest first: their money goes back, whoever asks again. */
  refunds: readonly Refund[];
  cart: string | null;
  metadata: Record<string, string>;
  version: number;
  /** What it waits for somebody else's yes for: then it is a try. */
  attempt: TryPurpose | null;
  /** It cannot expire: it is being confirmed with its cart, or lent. From then on its SKU asks what became of that. */
  lockedUntil: number | null;
  /** The late payment of the same customer that it gives way to if that is sold. */
  lentTo: Rescue | null;
  /** Claims outside this SKU that it has borrowed for a late payment, or has to; once it is sold, those that gave way to it. */
  lenders: readonly Lender[];
  /** It gave way to another late payment: released, and yet a payment for it is judged like one for an expired claim. */
  superseded: boolean;
  /** The Allowance object that counts its units for the limit of a drop. */
  countedBy: string | null;
  /** The waitlist entry that it is the offer of. */
  entry: string | null;
}

/** Why a payment cannot be honored, as its confirmation was told and is told again. */
export type RefundCode = "hold-expired" | "already-released" | "already-confirmed";

/** A payment that goes back: final for its order, and for no other. */
export interface Refund {
  /** Null: the confirmation named none, which is an order like any other. */
  orderId: string | null;
  /** The units that it was for. */
  quantity: number;
  at: number;
  code: RefundCode;
}

/** What a try becomes once it is granted. Until then its `expiresAt` is that of the try. */
export type TryPurpose =
  | { purpose: "hold"; ttlSeconds: number }
  | { purpose: "offer" }
  /**
   * A late payment: cancelled, the reservation is again what it was, ended at `lapsedAt` with `quantity` units. While it is
   * tried the reservation holds only those of the `paid` units that its customer's other claims do not give.
   */
  | {
      purpose: "rescue";
      lapsedAt: number;
      quantity: number;
      paid: number;
      orderId: string | null;
      /** Its cart's confirmation decides: granted, it is locked instead of sold. */
      locks: boolean;
      /** Tells the tries of one reservation apart, in the order of time. */
      serial: number;
    };

/** A late payment that is being decided: that of one reservation, or of a cart of which the reservation is a line. */
export interface Rescue {
  /** What is decided together (`rescueName`). */
  name: string;
  /** The reservation that borrows: whoever lends to it asks its SKU. */
  sku: string;
  id: string;
  /** Which of its tries: what an earlier one had to say changes nothing any more. */
  serial: number;
}

/** A customer's own unpaid claim that gives way to a late payment: a hold or offer of a SKU, or a whole cart. */
export type Lender = { sku: string; id: string } | { cart: string };

export type EntryStatus = "waiting" | "offered" | "accepted" | "declined" | "lapsed" | "withdrawn";

/** A customer's place on the waitlist of one SKU. */
export interface WaitlistEntry {
  id: string;
  sku: string;
  customer: string;
  quantity: number;
  status: EntryStatus;
  /** The sequence of the event with which it joined: first come, first offered. */
  rank: number;
  createdAt: number;
  /** Of its offer; while it waits, of the try that may become one. */
  reservation: string | null;
  offerExpiresAt: number | null;
  /** Why it was withdrawn. */
  reason: "left" | "closed" | "limit-exceeded" | "superseded" | null;
  version: number;
}

/** What can happen to a SKU. */
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

/** One committed change. Its reservation, if it is about one, is the state right after it. */
export interface SkuEvent {
  sequence: number;
  type: EventType;
  time: number;
  dStock: number;
  dHeld: number;
  dSold: number;
  reservation: Reservation | null;
  /** The waitlist entry that it changed, as it is right after it. */
  entry: WaitlistEntry | null;
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
  waitlistKeptSeconds: 3600,
  abandonsPerHour: 30,
  reholdSeconds: 30,
  opensAt: null,
  closesAt: null,
  paused: false,
};
