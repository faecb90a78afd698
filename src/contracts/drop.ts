import { z } from "zod";
import { DROP_SKUS_MAX, STOCK_MAX } from "../domain/bounds.ts";
import { dropName, skuName, title } from "./names.ts";
import { instant } from "./sku.ts";

const skus = z
  .array(skuName)
  .min(1)
  .max(DROP_SKUS_MAX)
  .refine((names) => new Set(names).size === names.length, "must not name a SKU twice");
const perCustomerLimit = z.int().min(1).max(STOCK_MAX).nullable();

const planMembers = {
  name: title,
  skus,
  opensAt: instant.nullable(),
  closesAt: instant.nullable(),
  perCustomerLimit,
};

export const createDrop = z
  .strictObject({
    drop: dropName,
    ...planMembers,
    opensAt: planMembers.opensAt.optional(),
    closesAt: planMembers.closesAt.optional(),
    perCustomerLimit: perCustomerLimit.optional(),
  })
  .meta({ id: "NewDrop" });
export const patchDrop = z
  .strictObject({ ...planMembers, paused: z.boolean() })
  .partial()
  .meta({ id: "DropPatch" });

/** A named sale: several SKUs with common opening, closing, pause and a limit across them. */
export const dropView = z
  .object({
    drop: dropName,
    ...planMembers,
    paused: z.boolean(),
    revision: z.int().min(1),
    updatedAt: instant,
  })
  .meta({ id: "Drop" });
