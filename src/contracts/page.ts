import { z } from "zod";
import { CURSOR_CHARS_MAX, EVENT_PAGE_LIMIT_MAX, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "../domain/bounds.ts";
import { customerName, skuName } from "./names.ts";
import { reservationStatus, reservationView } from "./reservation.ts";
import { instant, trustedSku } from "./sku.ts";

/** A whole number in a query, in plain decimal digits. */
function decimal(least: number, most: number, otherwise: number) {
  const digits = z.string().regex(/^\d{1,16}$/, "decimal digits");
  return digits.transform(Number).pipe(z.int().min(least).max(most)).default(otherwise);
}
function limit(most: number) {
  return decimal(1, most, PAGE_LIMIT_DEFAULT);
}
const cursor = z.string().min(1).max(CURSOR_CHARS_MAX).optional();

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
export const ownQuery = z.strictObject({ customer: customerName.optional() });

/** An event that moved stock, with what it added to each count. */
export const movementView = z
  .object({
    id: z.string(),
    stream: z.string(),
    sku: skuName,
    sequence: z.int().min(1),
    type: z.string(),
    time: instant,
    dStock: z.int(),
    dHeld: z.int(),
    dSold: z.int(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Movement" });

function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export const skuPage = page(trustedSku).meta({ id: "SkuPage" });
export const reservationPage = page(reservationView).meta({ id: "ReservationPage" });
export const movementPage = page(movementView).meta({ id: "MovementPage" });
