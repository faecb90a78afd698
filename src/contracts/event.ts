import { z } from "zod";
import { EVENT_TYPES } from "../domain/log.ts";
import { skuName } from "./names.ts";
import { instant } from "./sku.ts";

export const eventType = z.enum(EVENT_TYPES);

/**
 * One thing that happened. Of each stream (`sku/<name>`, `cart/<id>`, `drop/<name>`) the sequence has no gap, and the id
 * is the same wherever and however often the event is told. `position` is its place among all events, in the order in which
 * they were recorded. `data` says what it moved and shows what it is about.
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
  .meta({ id: "Event" });

/** An event that moved stock, with what it added to each count. */
export const movementView = eventView
  .extend({ sku: skuName, dStock: z.int(), dHeld: z.int(), dSold: z.int() })
  .meta({ id: "Movement" });
