import { WEBHOOK_SECRETS_MAX, WEBHOOK_SECRETS_OVERLAP_MS } from "./bounds.ts";
import { type Refused, refused } from "./command.ts";
import type { LoggedEvent, LoggedType } from "./log.ts";

export const WEBHOOK_STATUSES = ["active", "stopped"] as const;
export const STOP_REASONS = ["gone", "unreachable"] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** What a webhook is registered for. */
export interface WebhookPlan {
  url: string;
  /** `*` stands for all types. */
  events: (LoggedType | "*")[];
  /** Only the streams of these SKUs; null: every stream. */
  skus: string[] | null;
}

export interface PreviousSecret {
  secret: string;
  validUntil: number;
}

/** A webhook as its object stores it: its registration, its position in the log, and the state of its endpoint. */
export interface Webhook extends WebhookPlan {
  id: string;
  /** A deleted webhook is kept for as long as the key of its creation. */
  status: (typeof WEBHOOK_STATUSES)[number] | "deleted";
  stoppedReason: StopReason | null;
  createdAt: number;
  updatedAt: number;
  /** Counts the changes that lists show. */
  version: number;
  secret: string;
  /** Replaced secrets that still sign, newest first. */
  previousSecrets: PreviousSecret[];
  /** The position in the log after which its events begin, and the position up to which they were taken. */
  start: number;
  cursor: number;
  /** Counts redelivery requests: the result of a call from an earlier round changes nothing. */
  round: number;
  /** The endpoint asked for no calls until then. */
  pausedUntil: number | null;
  lastSuccessAt: number | null;
  /** The first failure since the last success, and the last failure. */
  failingSince: number | null;
  lastFailureAt: number | null;
}

/** A new webhook, which gets the events after `position`. */
export function openWebhook(id: string, plan: WebhookPlan, secret: string, position: number, now: number): Webhook {
  return {
    ...plan,
    id,
    status: "active",
    stoppedReason: null,
    createdAt: now,
    updatedAt: now,
    version: 1,
    secret,
    previousSecrets: [],
    start: position,
    cursor: position,
    round: 1,
    pausedUntil: null,
    lastSuccessAt: null,
    failingSince: null,
    lastFailureAt: null,
  };
}

/** Whether a webhook is sent this event. */
export function matches(
  { events, skus }: WebhookPlan,
  { stream, type }: Pick<LoggedEvent, "stream" | "type">,
): boolean {
  if (!events.includes("*") && !events.includes(type)) return false;
  return skus === null || skus.some((sku) => stream === `sku/${sku}`);
}

/** The types that a webhook is sent; null: all. */
export function typesOf({ events }: WebhookPlan): LoggedType[] | null {
  return events.includes("*") ? null : events.filter((type) => type !== "*");
}

/** Signs with a new secret from now on, and with each replaced one for a day. Refused while so many sign that one would have to end early. */
export function rotate(webhook: Webhook, secret: string, now: number): { ok: true; webhook: Webhook } | Refused {
  const valid = validAt(webhook, now);
  const oldest = valid.at(-1);
  if (oldest !== undefined && valid.length + 2 > WEBHOOK_SECRETS_MAX) {
    const { validUntil } = oldest;
    return refused({ code: "too-many-secrets", limit: WEBHOOK_SECRETS_MAX, oldestValidUntil: validUntil });
  }
  const replaced = { secret: webhook.secret, validUntil: now + WEBHOOK_SECRETS_OVERLAP_MS };
  return { ok: true, webhook: { ...webhook, secret, previousSecrets: [replaced, ...valid] } };
}

/** The secrets to sign with, newest first. */
export function secretsAt(webhook: Webhook, now: number): string[] {
  return [webhook.secret, ...validAt(webhook, now).map(({ secret }) => secret)];
}

function validAt({ previousSecrets }: Webhook, now: number): PreviousSecret[] {
  return previousSecrets.filter(({ validUntil }) => now < validUntil);
}

/** Restarts after `position`, also if it was stopped; it never skips events that it has not reached yet. */
export function moveBack(webhook: Webhook, position: number, now: number): Webhook {
  const cursor = Math.min(webhook.cursor, position);
  const start = Math.min(webhook.start, position);
  const round = webhook.round + 1;
  const resumed = { ...webhook, cursor, start, round, pausedUntil: null, failingSince: null };
  return webhook.status === "active" ? resumed : changed(resumed, "active", null, now);
}

/** Sends nothing more, but keeps everything. */
export function stop(webhook: Webhook, reason: StopReason, now: number): Webhook {
  return webhook.status === "active" ? changed(webhook, "stopped", reason, now) : webhook;
}

/** Deletes it, except for the key of its creation. */
export function remove(webhook: Webhook, now: number): Webhook {
  return changed(webhook, "deleted", null, now);
}

function changed(webhook: Webhook, status: Webhook["status"], stoppedReason: StopReason | null, now: number): Webhook {
  return { ...webhook, status, stoppedReason, updatedAt: now, version: webhook.version + 1 };
}
