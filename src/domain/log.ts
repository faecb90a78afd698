import { CART_EVENT_TYPES } from "./cart-events.ts";
import { type EventType, type Reservation, SKU_EVENT_TYPES, type SkuEvent } from "./model.ts";

/** All event types of all streams. */
export const EVENT_TYPES = [...SKU_EVENT_TYPES, ...CART_EVENT_TYPES, "drop.updated"] as const;
export type LoggedType = (typeof EVENT_TYPES)[number];

/** The events that set a reservation's metadata. Only these contain it: 2 kB in every later event would fill the log. */
export const SETS_METADATA: ReadonlySet<EventType> = new Set(["reservation.held"] as const);

/** A reservation as an event stores it, right after the event. */
export type LoggedReservation = Omit<Reservation, "metadata"> & Partial<Pick<Reservation, "metadata">>;

/** An event of any stream, as stored in the log. `detail` of a cart's or drop's event is its full state right after the event. */
export interface LoggedEvent extends Omit<SkuEvent, "type" | "reservation"> {
  reservation: LoggedReservation | null;
  /** Its place among all events, in order of arrival in D1. */
  position: number;
  /** `sku/<name>`, `cart/<id>` or `drop/<name>`. */
  stream: string;
  sku: string | null;
  type: LoggedType;
}

/** A queue message: the log has the events of this stream up to this sequence. */
export interface News {
  stream: string;
  upTo: number;
}
