import { z } from "zod";
import {
  ABANDONS_PER_HOUR_MAX,
  DURATION_SECONDS_MAX,
  DURATION_SECONDS_MIN,
  QUANTITY_MAX,
  STOCK_MAX,
} from "../domain/bounds.ts";
import type { Policy } from "../domain/model.ts";
import { reason, skuName, title } from "./names.ts";

export const durationSeconds = z.int().min(DURATION_SECONDS_MIN).max(DURATION_SECONDS_MAX);
export const quantity = z.int().min(1).max(QUANTITY_MAX);
/** RFC 3339; answers always use UTC. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((value) => isWithinYears(Date.parse(value)), "must be between the years 1970 and 9999 in UTC");

/** RFC 3339 cannot express other years in UTC, and times before the epoch are not used. */
function isWithinYears(time: number): boolean {
  return time >= 0 && time < Date.UTC(10_000, 0, 1);
}
const units = z.int().min(0).max(STOCK_MAX);

const policyMembers = {
  holdTtlSeconds: durationSeconds,
  maxHoldSeconds: durationSeconds,
  perCustomerLimit: z.int().min(1).max(STOCK_MAX).nullable(),
  maxPerReservation: quantity,
  lowStockThreshold: units,
  displayCap: z.int().min(1).max(STOCK_MAX).nullable(),
  warnSeconds: durationSeconds,
  offerTtlSeconds: durationSeconds,
  lateConfirmSeconds: durationSeconds,
  waitlistKeptSeconds: durationSeconds,
  abandonsPerHour: z.int().min(1).max(ABANDONS_PER_HOUR_MAX),
  reholdSeconds: durationSeconds,
  opensAt: instant.nullable(),
  closesAt: instant.nullable(),
  paused: z.boolean(),
};

export const policyView = z.strictObject(policyMembers).meta({ id: "Policy" });
export const policyPatch = policyView.partial().meta({ id: "PolicyPatch" });

export const createSku = z
  .strictObject({ sku: skuName, name: title, stock: units, policy: policyPatch.optional() })
  .meta({ id: "NewSku" });
export const patchSku = z
  .strictObject({ name: title.optional(), policy: policyPatch.optional() })
  .meta({ id: "SkuPatch" });
export const adjustSku = z
  .strictObject({
    delta: z
      .int()
      .min(-STOCK_MAX)
      .max(STOCK_MAX)
      .refine((delta) => delta !== 0, "must not be 0"),
    reason,
  })
  .meta({ id: "Adjustment" });

export const saleState = z
  .enum(["paused", "scheduled", "closed", "sold_out", "held_elsewhere", "open"])
  .meta({ id: "SaleState" });

/** The public view of a SKU. With a display cap, `available` stops there and `capped` is true. */
export const publicSku = z
  .object({
    sku: skuName,
    name: title,
    drop: z.string().nullable(),
    state: saleState,
    available: units,
    capped: z.literal(true).optional(),
    waiting: z.int().min(0),
    low: z.boolean(),
    policy: policyView,
    version: z.int().min(1),
    revision: z.int().min(1),
    updatedAt: instant,
  })
  .meta({ id: "PublicSku" });

/** The view of storefronts and admins: every count, nothing capped. */
export const trustedSku = publicSku
  .omit({ capped: true })
  .extend({ stock: units, held: units, sold: units })
  .meta({ id: "Sku" });

/** A policy from the wire, with its times in milliseconds. */
export function policyFromWire(wire: z.infer<typeof policyPatch>): Partial<Policy> {
  const { opensAt, closesAt, ...rest } = wire;
  const policy: Partial<Policy> = {};
  if (opensAt !== undefined) policy.opensAt = opensAt === null ? null : Date.parse(opensAt);
  if (closesAt !== undefined) policy.closesAt = closesAt === null ? null : Date.parse(closesAt);
  return Object.assign(policy, rest);
}
