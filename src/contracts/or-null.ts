import { z } from "zod";

/** A schema that has an id, or null. `nullable()` loses the null where the OpenAPI document refers to that id. */
export function orNull<Named extends z.ZodType>(schema: Named) {
  return z.union([schema, z.null()]);
}
