import { z } from "zod";
import { BATCH_COMMANDS_MAX, METADATA_BYTES_MAX, METADATA_MEMBERS_MAX } from "../domain/bounds.ts";
import { customerName, idempotencyKey, opaqueId, orderId, skuName } from "./names.ts";
import { orNull } from "./or-null.ts";
import { problemView } from "./problems.ts";
import { refundsView } from "./refund.ts";
import { durationSeconds, instant, quantity, saleState } from "./sku.ts";
import { entryView } from "./waitlist.ts";

/** No NUL and no broken surrogate pairs: SQLite does not return them unchanged. */
const metadataText = z
  .string()
  .refine((value) => /^[^\0\p{Cs}]*$/u.test(value), "must be well-formed text without NUL");
const metadata = z
  .record(metadataText, metadataText)
  .refine((members) => Object.keys(members).length <= METADATA_MEMBERS_MAX, `at most ${METADATA_MEMBERS_MAX} members`)
  .refine(
    (members) => new TextEncoder().encode(JSON.stringify(members)).byteLength <= METADATA_BYTES_MAX,
    `at most ${METADATA_BYTES_MAX} bytes of JSON`,
  );

const reserveMembers = {
  quantity,
  customer: customerName.optional(),
  ttlSeconds: durationSeconds.optional(),
  metadata: metadata.optional(),
};
const confirmMembers = { quantity: quantity.optional(), orderId: orderId.optional() };
const extendMembers = { ttlSeconds: durationSeconds.optional() };
export const releaseMembers = {
  reason: z
    .literal("payment")
    .optional()
    .describe(
      "From a storefront: the payment failed, so the release does not count against the customer. Ignored when a shopper sends it.",
    ),
};
const returnMembers = { quantity: quantity.optional(), restock: z.boolean().optional() };

export const reserveBody = z.strictObject(reserveMembers).meta({ id: "ReserveBody" });
export const confirmBody = z.strictObject(confirmMembers).meta({ id: "ConfirmBody" });
export const extendBody = z.strictObject(extendMembers).meta({ id: "ExtendBody" });
export const releaseBody = z.strictObject(releaseMembers).meta({ id: "ReleaseBody" });
export const returnBody = z.strictObject(returnMembers).meta({ id: "ReturnBody" });

const keyed = { idempotencyKey: idempotencyKey.optional() };
const named = { id: opaqueId, ...keyed };

/** A command in a batch: its type, the id of its reservation, and the body of the single call. */
export const batchCommand = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("reserve"), ...keyed, ...reserveMembers }).meta({ id: "ReserveCommand" }),
    z.strictObject({ type: z.literal("confirm"), ...named, ...confirmMembers }).meta({ id: "ConfirmCommand" }),
    z.strictObject({ type: z.literal("extend"), ...named, ...extendMembers }).meta({ id: "ExtendCommand" }),
    z.strictObject({ type: z.literal("release"), ...named, ...releaseMembers }).meta({ id: "ReleaseCommand" }),
    z.strictObject({ type: z.literal("return"), ...named, ...returnMembers }).meta({ id: "ReturnCommand" }),
  ])
  .meta({ id: "BatchCommand" });
export type BatchCommandBody = z.infer<typeof batchCommand>;

export const batchBody = z
  .strictObject({ commands: z.array(batchCommand).min(1).max(BATCH_COMMANDS_MAX) })
  .meta({ id: "BatchBody" });

export const reservationStatus = z
  .enum(["held", "confirmed", "released", "expired", "returned"])
  .meta({ id: "ReservationStatus" });

/** A reservation as its holder, storefronts and admins see it. */
export const reservationView = z
  .object({
    id: opaqueId,
    sku: skuName,
    customer: customerName,
    quantity,
    status: reservationStatus,
    createdAt: instant,
    expiresAt: instant,
    extendableUntil: instant,
    confirmedQuantity: z.int().min(0),
    returnedQuantity: z.int().min(0),
    orderId: orderId.nullable(),
    rescued: z.boolean(),
    refunds: refundsView,
    cart: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    version: z.int().min(1),
  })
  .meta({ id: "Reservation" });

export const stockView = z
  .object({ state: saleState, available: z.int().min(0), capped: z.literal(true).optional(), low: z.boolean() })
  .meta({ id: "Stock" });

/** The answer to a mutation: the reservation, and the stock, so that a page can redraw at once. */
export const reservationAnswer = reservationView.extend({ stock: stockView }).meta({ id: "ReservationAnswer" });

/** The status and body that the command would have got as a call of its own. */
const batchOutcome = z
  .object({ status: z.int(), body: z.union([reservationAnswer, problemView]) })
  .meta({ id: "BatchOutcome" });

export const batchAnswer = z.object({ outcomes: z.array(batchOutcome) }).meta({ id: "BatchAnswer" });

/** What one customer has and may still take. */
export const ownView = z
  .object({
    availableToMe: z
      .int()
      .min(0)
      .describe("Units that the customer could reserve in one call now, within stock and all limits."),
    capped: z.literal(true).optional(),
    myUnits: z.int().min(0).describe("Units in live holds, and sold units that were not returned."),
    reservations: z.array(reservationView),
    waitlist: orNull(entryView),
  })
  .meta({ id: "Own" });
