import { z } from "zod";
import { CURSOR_CHARS_MAX, EVENT_PAGE_LIMIT_MAX, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "../domain/bounds.ts";
import { eventView, movementView } from "./event.ts";
import { customerName, skuName } from "./names.ts";
import { reservationStatus, reservationView } from "./reservation.ts";
import { trustedSku } from "./sku.ts";

/** A whole number in a query, in decimal digits. */
export function decimal(least: number, most: number, otherwise: number) {
  const digits = z.string().regex(/^\d{1,16}$/, "must be decimal digits");
  const number = digits.transform(Number).pipe(z.int().min(least).max(most)).default(otherwise);
  // The document shows a number: callers need not know that it is parsed from text.
  return number.meta({ type: "integer", minimum: least, maximum: most, default: otherwise });
}
export function limit(most: number) {
  return decimal(1, most, PAGE_LIMIT_DEFAULT);
}
export const cursor = z.string().min(1).max(CURSOR_CHARS_MAX).optional();

export const skuPageQuery = z.strictObject({ cursor, limit: limit(PAGE_LIMIT_MAX) });
export const reservationPageQuery = z.strictObject({
  customer: customerName.optional(),
  sku: skuName.optional(),
  status: reservationStatus.optional(),
  cursor,
  limit: limit(PAGE_LIMIT_MAX),
});
export const movementPageQuery = z.strictObject({
  after: decimal(0, Number.MAX_SAFE_INTEGER, 0),
  limit: limit(EVENT_PAGE_LIMIT_MAX),
});
export const eventPageQuery = z.strictObject({
  sku: skuName.optional(),
  after: decimal(0, Number.MAX_SAFE_INTEGER, 0),
  limit: limit(EVENT_PAGE_LIMIT_MAX),
});
export const ownQuery = z.strictObject({ customer: customerName.optional() });

/** A page of a list. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export const skuPage = page(trustedSku).meta({ id: "SkuPage" });
export const reservationPage = page(reservationView).meta({ id: "ReservationPage" });
export const eventPage = page(eventView).meta({ id: "EventPage" });
export const movementPage = page(movementView).meta({ id: "MovementPage" });
