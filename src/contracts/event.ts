import { z } from "zod";
import { EVENT_TYPES } from "../domain/log.ts";
import { skuName } from "./names.ts";
import { instant } from "./sku.ts";

export const eventType = z.enum(EVENT_TYPES).meta({ id: "EventType" });

/**
 * One committed change. Within a stream (`sku/<name>`, `cart/<id>`, `drop/<name>`) `sequence` has no gaps. `id` is the
 * same for every delivery of the event. `position` is its place among all events, in the order in which D1 recorded
 * them. `data` has the moved units and the state after the event.
 */
export const eventView = z
  .object({
    id: z.string(),
    stream: z.string(),
    sku: skuName.nullable(),
    sequence: z.int().min(1),
    position: z.int().min(1),
    type: eventType,
    time: instant,
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "HoldfastEvent" });

/** An event that moved stock, with what it added to each count. */
export const movementView = eventView
  .extend({ sku: skuName, dStock: z.int(), dHeld: z.int(), dSold: z.int() })
  .meta({ id: "Movement" });
