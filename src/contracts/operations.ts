import { z } from "zod";

const answering = z.enum(["ok", "failing"]);
const seconds = z.number().min(0);

/** The Worker runs. */
export const healthView = z.object({ status: z.literal("ok") }).meta({ id: "Health" });

/** State of the dependencies, and how far D1 lags behind the busiest SKUs. */
export const readinessView = z
  .object({
    status: z.enum(["ok", "degraded", "unavailable"]),
    d1: answering,
    objects: answering,
    outbox: z.object({ unrecordedEvents: z.int().min(0), lagSeconds: seconds, skusAsked: z.int().min(0) }),
    clock: z.object({ aheadSeconds: seconds }),
  })
  .meta({ id: "Readiness" });
