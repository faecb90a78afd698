import type { z } from "zod";
import type { Cart } from "../domain/cart.ts";
import type { Drop } from "../domain/drop.ts";
import type { LoggedEvent, LoggedReservation } from "../domain/log.ts";
import type { Membership, Policy } from "../domain/model.ts";
import type { eventView, movementView } from "./event.ts";
import {
  cartToWire,
  dropToWire,
  entryToWire,
  instantToWire,
  maybeInstant,
  policyToWire,
  reservationToWire,
} from "./present.ts";

/** An event in its public form. `data` shows the state right after the event. */
export function eventToWire(event: LoggedEvent): z.infer<typeof eventView> {
  const { stream, sku, sequence, position, type } = event;
  const id = `${stream}:${sequence}`;
  return { id, stream, sku, sequence, position, type, time: instantToWire(event.time), data: dataOf(event) };
}

/** An event of a SKU with the units that it added to each count. */
export function movementToWire(event: LoggedEvent): z.infer<typeof movementView> {
  const { dStock, dHeld, dSold, ...data } = skuDataOf(event);
  return { ...eventToWire(event), sku: event.sku ?? "", dStock, dHeld, dSold, data };
}

function dataOf(event: LoggedEvent): Record<string, unknown> {
  switch (event.stream.slice(0, event.stream.indexOf("/"))) {
    case "cart":
      return cartDataOf(event.type, event.detail as unknown as Cart);
    case "drop":
      return { drop: dropToWire(event.detail as unknown as Drop) };
    case "sku":
      return skuDataOf(event);
    default:
      throw new Error(`unknown kind of stream: ${event.stream}`);
  }
}

/** The refund of such an event is the newest one of its cart. */
function cartDataOf(type: LoggedEvent["type"], cart: Cart): Record<string, unknown> {
  const told = { cart: cartToWire(cart, "trusted") };
  const [newest] = cart.refunds;
  if (type !== "cart.refund_required" || newest === undefined) return told;
  const { orderId, quantity, code } = newest;
  return { ...told, refund: { orderId, quantity, cart: cart.id }, code };
}

function skuDataOf({ dStock, dHeld, dSold, reservation, entry, detail }: LoggedEvent) {
  return {
    dStock,
    dHeld,
    dSold,
    ...detailToWire(detail),
    ...(reservation ? { reservation: loggedReservationToWire(reservation) } : {}),
    ...(entry ? { entry: entryToWire(entry, null) } : {}),
  };
}

/** Metadata is shown by the event that set it only. */
function loggedReservationToWire(reservation: LoggedReservation): Record<string, unknown> {
  const { metadata, ...told } = reservationToWire({ metadata: {}, ...reservation });
  return reservation.metadata === undefined ? told : { ...told, metadata };
}

function detailToWire(detail: LoggedEvent["detail"]): Record<string, unknown> {
  if (detail === null) return {};
  if ("policy" in detail) return { ...detail, policy: policyToWire(detail.policy as Policy) };
  if ("membership" in detail)
    return { ...detail, membership: membershipToWire(detail.membership as Membership | null) };
  return detail;
}

function membershipToWire(membership: Membership | null): Record<string, unknown> | null {
  if (membership === null) return null;
  const { opensAt, closesAt, frozenAt, turn: _turn, allowances: _allowances, ...rest } = membership;
  return { ...rest, opensAt: maybeInstant(opensAt), closesAt: maybeInstant(closesAt), frozen: frozenAt !== null };
}
