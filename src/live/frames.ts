import type { ReservationFrame, ServerFrame } from "../contracts/live.ts";
import { type Audience, cutForPublic, instantToWire, reservationToWire } from "../contracts/present.ts";
import type { EventType, Reservation, SkuEvent, SkuView } from "../domain/model.ts";

/** The stock of a SKU as one audience may see it. */
export function stockFrameOf(view: SkuView, audience: Audience): string {
  return encode({
    type: "stock",
    sku: view.sku,
    state: view.state,
    ...cutForPublic(view.available, view.policy.displayCap, audience),
    low: view.low,
    waiting: 0,
    version: view.version,
    at: instantToWire(view.updatedAt),
  });
}

/** A customer's own reservations. */
export function snapshotFrameOf(sku: string, reservations: readonly Reservation[]): string {
  return encode({ type: "snapshot", sku, reservations: reservations.map(reservationToWire), waitlist: null });
}

/** What happened to a reservation, for its holder; null for events that are about no reservation. */
export function reservationFrameOf(event: SkuEvent): string | null {
  const name = FRAME_EVENTS[event.type];
  if (name === undefined || event.reservation === null) return null;
  return encode({ type: "reservation", event: name, reservation: reservationToWire(event.reservation) });
}

/** A hold is about to end. */
export function expiringFrameOf(reservation: Reservation): string {
  return encode({ type: "reservation", event: "expiring", reservation: reservationToWire(reservation) });
}

/** Why the socket will be closed. */
export function errorFrameOf(code: string, detail: string): string {
  return encode({ type: "error", code, detail });
}

const FRAME_EVENTS: Partial<Record<EventType, ReservationFrame["event"]>> = {
  "reservation.held": "held",
  "reservation.extended": "extended",
  "reservation.confirmed": "confirmed",
  "reservation.released": "released",
  "reservation.expired": "expired",
  "reservation.returned": "returned",
  "reservation.refund_required": "refund_required",
};

function encode(frame: ServerFrame): string {
  return JSON.stringify(frame);
}
