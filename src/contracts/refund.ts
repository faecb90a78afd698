import { z } from "zod";
import { REFUNDS_SHOWN_MAX } from "../domain/bounds.ts";
import { orderId } from "./names.ts";
import { instant } from "./sku.ts";

/** A payment for this order that could not be honored, and has to be refunded. */
const refundView = z
  .object({ orderId: orderId.nullable(), quantity: z.int().min(1), at: instant })
  .meta({ id: "Refund" });
export type RefundView = z.infer<typeof refundView>;

/** The refunds that a reservation or cart shows. */
export const refundsView = z
  .array(refundView)
  .max(REFUNDS_SHOWN_MAX)
  .describe("Orders that were refused for good, newest first: refund them.");
