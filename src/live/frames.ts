import type { ReservationFrame, ServerFrame, StockPush } from "../contracts/live.ts";
import { type Audience, entryToWire, instantToWire, levelToWire, reservationToWire } from "../contracts/present.ts";
import type { EventType, Reservation, SkuEvent, SkuView, WaitlistEntry } from "../domain/model.ts";

/** The stock of a SKU for one audience. */
export function stockFrameOf(view: SkuView, audience: Audience): string {
  const { available, low, policy } = view;
  return encode({
    type: "stock",
    sku: view.sku,
    state: view.state,
    ...levelToWire({ available, low, displayCap: policy.displayCap }, audience),
    waiting: view.waiting,
    version: view.version,
    at: instantToWire(view.updatedAt),
  });
}

/** The stock of a SKU as it is pushed to a Relay, for both audiences. */
export function stockPushOf(view: SkuView): StockPush {
  const { sku, version, state } = view;
  return { sku, version, state, public: stockFrameOf(view, "public"), trusted: stockFrameOf(view, "trusted") };
}

/** A waitlist entry, with its position while it waits. */
export interface Place {
  entry: WaitlistEntry;
  position: number | null;
}

/** A customer's own reservations and waitlist entry. */
export function snapshotFrameOf(sku: string, reservations: readonly Reservation[], place: Place | null): string {
  const waitlist = place === null ? null : entryToWire(place.entry, place.position);
  return encode({ type: "snapshot", sku, reservations: reservations.map(reservationToWire), waitlist });
}

/** The change of a waitlist entry, for its customer; null while it waits: positions are sent at intervals. */
export function waitlistFrameOf({ entry }: SkuEvent): string | null {
  if (entry === null || entry.status === "waiting") return null;
  return encode({ type: "waitlist", event: entry.status, entry: entryToWire(entry, null) });
}

/** The position of a waitlist entry. */
export function positionFrameOf({ entry, position }: Place): string {
  return encode({ type: "waitlist", event: "position", entry: entryToWire(entry, position) });
}

/** The change of a reservation, for its holder; null for events without a reservation. */
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
