import { z } from "zod";
import { PAGE_LIMIT_MAX, WEBHOOK_SKUS_MAX, WEBHOOK_URL_CHARS_MAX } from "../domain/bounds.ts";
import { DELIVERY_STATUSES } from "../domain/delivery.ts";
import { EVENT_TYPES } from "../domain/log.ts";
import { STOP_REASONS, WEBHOOK_STATUSES } from "../domain/webhook.ts";
import { eventType } from "./event.ts";
import { skuName } from "./names.ts";
import { orNull } from "./or-null.ts";
import { cursor, limit, page } from "./page.ts";
import { instant } from "./sku.ts";

function distinct<Item extends z.ZodType<string>>(item: Item, most: number) {
  return z
    .array(item)
    .min(1)
    .max(most)
    .refine((items) => new Set(items).size === items.length, "must not name one twice");
}

const url = z.string().min(1).max(WEBHOOK_URL_CHARS_MAX).meta({ format: "uri" });
const events = distinct(z.enum(["*", ...EVENT_TYPES]), EVENT_TYPES.length + 1);
const skus = distinct(skuName, WEBHOOK_SKUS_MAX);

/** `*` stands for all types; `skus` restricts it to the streams of these SKUs. */
export const createWebhook = z.strictObject({ url, events, skus: skus.optional() }).meta({ id: "NewWebhookBody" });
export const rotateWebhook = z.strictObject({}).meta({ id: "RotateWebhookBody" });
export const redeliverOne = z.strictObject({}).meta({ id: "RedeliverBody" });
export const redeliverSince = z.strictObject({ since: instant }).meta({ id: "RedeliverSinceBody" });

/** A registered endpoint. */
export const webhookView = z
  .object({
    id: z.string(),
    url,
    events,
    skus: skus.nullable(),
    status: z.enum(WEBHOOK_STATUSES),
    /** `gone`: the endpoint answered 410; `unreachable`: no call succeeded for days. */
    stoppedReason: z.enum(STOP_REASONS).nullable(),
    createdAt: instant,
  })
  .meta({ id: "Webhook" });

/** A new webhook. Only this answer shows its secret. */
export const newWebhookView = webhookView.extend({ secret: z.string() }).meta({ id: "NewWebhook" });

/**
 * A webhook and its progress: `pending` deliveries on hand, and `unread` events of the log that it has not read yet.
 */
export const webhookStateView = webhookView
  .extend({
    pending: z.int().min(0),
    unread: z.int().min(0).nullable(),
    lastSuccessAt: instant.nullable(),
    failingSince: instant.nullable(),
    pausedUntil: instant.nullable(),
    previousSecretValidUntil: instant.nullable(),
  })
  .meta({ id: "WebhookState" });

export const rotatedView = z
  .object({ secret: z.string(), previousSecretValidUntil: instant })
  .meta({ id: "RotatedSecret" });

const attemptView = z
  .object({ at: instant, durationMs: z.int().min(0), status: z.int().nullable(), error: z.string().nullable() })
  .meta({ id: "DeliveryAttempt" });

export const deliveryView = z
  .object({
    id: z.string(),
    event: z.string(),
    type: eventType,
    stream: z.string(),
    sequence: z.int().min(1),
    status: z.enum(DELIVERY_STATUSES),
    attempts: z.int().min(0),
    nextAttemptAt: instant.nullable(),
    lastAttempt: orNull(attemptView),
  })
  .meta({ id: "Delivery" });

export const webhookPageQuery = z.strictObject({ cursor, limit: limit(PAGE_LIMIT_MAX) });
export const deliveryPageQuery = z.strictObject({
  status: z.enum(DELIVERY_STATUSES).optional(),
  cursor,
  limit: limit(PAGE_LIMIT_MAX),
});
export const webhookPage = page(webhookView).meta({ id: "WebhookPage" });
export const deliveryPage = page(deliveryView).meta({ id: "DeliveryPage" });
