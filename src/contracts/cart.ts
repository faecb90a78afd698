import { z } from "zod";
import { CART_LINES_MAX, QUANTITY_MAX } from "../domain/bounds.ts";
import { customerName, opaqueId, orderId, skuName } from "./names.ts";
import { orNull } from "./or-null.ts";
import { problemView } from "./problems.ts";
import { refundsView } from "./refund.ts";
import { releaseMembers } from "./reservation.ts";
import { durationSeconds, instant, quantity } from "./sku.ts";

export const cartMode = z.enum(["all_or_nothing", "best_effort"]).meta({ id: "CartMode" });

export const openCartBody = z
  .strictObject({
    customer: customerName.optional(),
    mode: cartMode.optional(),
    ttlSeconds: durationSeconds.optional(),
    lines: z
      .array(z.strictObject({ sku: skuName, quantity }))
      .min(1)
      .max(CART_LINES_MAX),
  })
  .meta({ id: "OpenCartBody" });
export const extendCartBody = z.strictObject({ ttlSeconds: durationSeconds.optional() }).meta({ id: "ExtendCartBody" });
export const releaseCartBody = z.strictObject(releaseMembers).meta({ id: "ReleaseCartBody" });
export const confirmCartBody = z.strictObject({ orderId: orderId.optional() }).meta({ id: "ConfirmCartBody" });

/** A line and its outcome: the reservation that was made, or the problem that prevented it. */
export const cartLine = z
  .object({
    sku: skuName,
    // The sum of all lines that named this SKU: a refusal for too many units shows the quantity that was asked for.
    quantity: z
      .int()
      .min(1)
      .max(CART_LINES_MAX * QUANTITY_MAX),
    status: z.enum(["pending", "held", "confirmed", "released", "expired", "refused"]),
    /** Id of its reservation once it is held. */
    reservation: opaqueId.nullable(),
    problem: orNull(problemView),
  })
  .meta({ id: "CartLine" });

/** One customer's reservations over several SKUs with one expiry. */
export const cartView = z
  .object({
    id: opaqueId,
    customer: customerName,
    mode: cartMode,
    status: z.enum(["pending", "held", "confirming", "confirmed", "released", "expired"]),
    createdAt: instant,
    expiresAt: instant.nullable(),
    extendableUntil: instant.nullable(),
    orderId: orderId.nullable(),
    rescued: z.boolean(),
    refunds: refundsView,
    lines: z.array(cartLine),
    version: z.int().min(0),
  })
  .meta({ id: "Cart" });
