import type { CallResult, Delivery } from "../../src/domain/delivery.ts";
import type { LoggedEvent, LoggedType } from "../../src/domain/log.ts";
import { openWebhook, rotate, type Webhook, type WebhookPlan } from "../../src/domain/webhook.ts";

export const T0 = Date.UTC(2026, 10, 24, 12);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A webhook for everything, made at `T0` before the log had anything. */
export function hook(plan: Partial<WebhookPlan> = {}, extra: Partial<Webhook> = {}): Webhook {
  const whole: WebhookPlan = { url: "https://hooks.example/", events: ["*"], skus: null, ...plan };
  return { ...openWebhook("hook", whole, "whsec_first", 0, T0), ...extra };
}

/** The webhook after a rotation that is not refused. */
export function rotated(webhook: Webhook, secret: string, now: number): Webhook {
  const outcome = rotate(webhook, secret, now);
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.webhook;
}

/** An event of the log. */
export function logged(position: number, stream: string, sequence: number, type: LoggedType): LoggedEvent {
  const nothing = { dStock: 0, dHeld: 0, dSold: 0, reservation: null, entry: null, detail: null };
  return { position, stream, sequence, type, sku: null, time: T0, ...nothing };
}

/** What came of a call: its status, or none at all. */
export function result(status: number | null, retryAfterMs: number | null = null, at = T0): CallResult {
  return { at, durationMs: 1, status, error: status === null ? "no answer" : null, retryAfterMs };
}

/** A delivery that is due at `T0`. */
export function delivery(position: number, stream: string, extra: Partial<Delivery> = {}): Delivery {
  return {
    position,
    event: `${stream}:${position}`,
    type: "stock.low",
    stream,
    sequence: position,
    status: "pending",
    round: 1,
    tries: 0,
    triedSince: null,
    attempts: 0,
    aside: false,
    nextAttemptAt: T0,
    lastAttempt: null,
    ...extra,
  };
}
