import type { z } from "zod";
import type { Delivery } from "../domain/delivery.ts";
import type { Webhook } from "../domain/webhook.ts";
import { instantToWire, maybeInstant } from "./present.ts";
import type { deliveryView, webhookStateView, webhookView } from "./webhook.ts";

type Listed = Pick<Webhook, "id" | "url" | "events" | "skus" | "status" | "stoppedReason" | "createdAt">;

/** A webhook, without its secrets. */
export function webhookToWire(webhook: Listed): z.infer<typeof webhookView> {
  const { id, url, events, skus, status, stoppedReason, createdAt } = webhook;
  if (status === "deleted") throw new Error("a deleted webhook cannot be shown");
  return { id, url, events, skus, status, stoppedReason, createdAt: instantToWire(createdAt) };
}

/** A webhook and its progress at `now`. */
export function webhookStateToWire(
  webhook: Webhook,
  pending: number,
  unread: number | null,
  now: number,
): z.infer<typeof webhookStateView> {
  const { lastSuccessAt, failingSince, pausedUntil, previousSecrets } = webhook;
  const ahead = (time: number | null) => maybeInstant(time !== null && time > now ? time : null);
  return {
    ...webhookToWire(webhook),
    pending,
    unread,
    lastSuccessAt: maybeInstant(lastSuccessAt),
    failingSince: maybeInstant(failingSince),
    pausedUntil: ahead(pausedUntil),
    previousSecretValidUntil: ahead(previousSecrets[0]?.validUntil ?? null),
  };
}

/** A delivery. */
export function deliveryToWire(delivery: Delivery): z.infer<typeof deliveryView> {
  const { position, event, type, stream, sequence, status, attempts, lastAttempt } = delivery;
  return {
    id: String(position),
    event,
    type,
    stream,
    sequence,
    status,
    attempts,
    nextAttemptAt: maybeInstant(delivery.nextAttemptAt),
    lastAttempt: lastAttempt && { ...lastAttempt, at: instantToWire(lastAttempt.at) },
  };
}
