import { z } from "zod";
import { customerName, opaqueId, skuName } from "./names.ts";
import { instant, quantity } from "./sku.ts";

export const joinBody = z
  .strictObject({ quantity, customer: customerName.optional() })
  .meta({ id: "JoinWaitlistBody" });

/** A waitlist entry as its customer, storefronts and admins see it. */
export const entryView = z
  .object({
    id: opaqueId,
    sku: skuName,
    customer: customerName,
    quantity,
    status: z.enum(["waiting", "offered", "accepted", "declined", "lapsed", "withdrawn"]),
    /** From 1, while it waits. */
    position: z.int().min(1).nullable(),
    /** Id of the offered reservation. */
    reservation: opaqueId.nullable(),
    offerExpiresAt: instant.nullable(),
    /**
     * Why it was withdrawn: the customer left, the sale closed, a limit forbids the quantity, or its offer gave way to
     * a late payment.
     */
    reason: z.enum(["left", "closed", "limit-exceeded", "superseded"]).nullable(),
    createdAt: instant,
  })
  .meta({ id: "WaitlistEntry" });
