import { CART_EVENT_TYPES } from "./cart-events.ts";
import { type EventType, type Reservation, SKU_EVENT_TYPES, type SkuEvent } from "./model.ts";

/** Everything that is told outside, of all streams. */
export const EVENT_TYPES = [...SKU_EVENT_TYPES, ...CART_EVENT_TYPES, "drop.updated"] as const;
export type LoggedType = (typeof EVENT_TYPES)[number];

/** The events that set a reservation's metadata. Only they carry it: 2 kB in every later one would fill the log. */
export const SETS_METADATA: ReadonlySet<EventType> = new Set(["reservation.held"] as const);

/** A reservation right after an event, as that is kept. */
export type LoggedReservation = Omit<Reservation, "metadata"> & Partial<Pick<Reservation, "metadata">>;

/** An event of any stream, as the log has it. One of a cart or a drop has the whole of that, right after it, as `detail`. */
export interface LoggedEvent extends Omit<SkuEvent, "type" | "reservation"> {
  reservation: LoggedReservation | null;
  /** Its place in the log over all streams, in the order of arrival. */
  position: number;
  /** `sku/<name>`, `cart/<id>` or `drop/<name>`. */
  stream: string;
  sku: string | null;
  type: LoggedType;
}

/** What the queue carries: a stream has events up to this sequence, and the log has them. */
export interface News {
  stream: string;
  upTo: number;
}
