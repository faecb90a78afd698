import { z } from "zod";
import { REFUNDS_SHOWN_MAX } from "../domain/bounds.ts";
import { orderId } from "./names.ts";
import { instant } from "./sku.ts";

/** Money that goes back: a payment for this order could not be honored, for good. */
const refundView = z
  .object({ orderId: orderId.nullable(), quantity: z.int().min(1), at: instant })
  .meta({ id: "Refund" });
export type RefundView = z.infer<typeof refundView>;

/** What a reservation or cart shows of them. */
export const refundsView = z
  .array(refundView)
  .max(REFUNDS_SHOWN_MAX)
  .describe("Orders that were refused for good, the newest first: their money goes back.");
