import {
  WEBHOOK_HOLDING_TRIES,
  WEBHOOK_OUTAGE_MS,
  WEBHOOK_PAUSES_MS,
  WEBHOOK_QUIET_MS,
  WEBHOOK_RETRY_AFTER_MS_MAX,
  WEBHOOK_STREAMS_MAX,
  WEBHOOK_TRIED_MS,
  WEBHOOK_UNREACHABLE_MS,
} from "./bounds.ts";
import type { Refused } from "./command.ts";
import type { LoggedEvent, LoggedType } from "./log.ts";
import { matches, stop, type Webhook } from "./webhook.ts";

export const DELIVERY_STATUSES = ["pending", "delivered", "failed"] as const;

/** One event on its way to a webhook, identified by its position in the log. */
export interface Delivery {
  position: number;
  event: string;
  type: LoggedType;
  stream: string;
  sequence: number;
  status: (typeof DELIVERY_STATUSES)[number];
  /** The webhook's round in which it was last requested. */
  round: number;
  /** Tries since then, and the time of the first of them; null before it. */
  tries: number;
  triedSince: number | null;
  /** All tries ever. */
  attempts: number;
  /** Delivered on its own: it neither blocks its stream nor waits for it. */
  aside: boolean;
  /** When to try next; null if it has ended. */
  nextAttemptAt: number | null;
  lastAttempt: DeliveryAttempt | null;
}

/** One call of the endpoint. */
export interface DeliveryAttempt {
  at: number;
  durationMs: number;
  /** The HTTP status; null if there was no answer, and then `error` says why. */
  status: number | null;
  error: string | null;
}

/** The result of a call, and how long the endpoint asked to be left alone. */
export interface CallResult extends DeliveryAttempt {
  retryAfterMs: number | null;
}

/** The events that a webhook is sent, as deliveries that are due. */
export function take(webhook: Webhook, events: readonly LoggedEvent[], now: number): Delivery[] {
  return events
    .filter((event) => matches(webhook, event))
    .map(({ position, stream, sequence, type }) => ({
      position,
      event: `${stream}:${sequence}`,
      type,
      stream,
      sequence,
      status: "pending",
      round: webhook.round,
      tries: 0,
      triedSince: null,
      attempts: 0,
      aside: false,
      nextAttemptAt: now,
      lastAttempt: null,
    }));
}

/** A delivery that is sent again on its own, due now, in the webhook's new round. */
export function sendAgain(delivery: Delivery, round: number, now: number): Delivery {
  const anew = { round, tries: 0, triedSince: null, nextAttemptAt: now };
  const aside = delivery.aside || delivery.status !== "pending";
  return { ...delivery, ...anew, status: "pending", aside };
}

/**
 * The pending deliveries to send now, in the order of the log: one at a time for each stream. A delivery blocks the following
 * ones of its stream until it is put aside.
 */
export function dueNow(
  webhook: Webhook,
  pending: Iterable<Delivery>,
  busy: ReadonlySet<string>,
  now: number,
): Delivery[] {
  if (webhook.status !== "active" || (webhook.pausedUntil ?? 0) > now) return [];
  const chosen = new Map<string, Delivery>();
  for (const delivery of free(pending, busy)) {
    if (busy.size + chosen.size >= WEBHOOK_STREAMS_MAX) break;
    if (dueAt(delivery) <= now && !chosen.has(delivery.stream)) chosen.set(delivery.stream, delivery);
  }
  return [...chosen.values()];
}

/** When the next delivery is due without any other change; null: never. */
export function nextDueAt(webhook: Webhook, pending: Iterable<Delivery>, busy: ReadonlySet<string>): number | null {
  if (webhook.status !== "active" || busy.size >= WEBHOOK_STREAMS_MAX) return null;
  let next: number | null = null;
  for (const delivery of free(pending, busy)) next = Math.min(next ?? Number.POSITIVE_INFINITY, dueAt(delivery));
  return next === null ? null : Math.max(next, webhook.pausedUntil ?? 0);
}

/** Deliveries that no earlier delivery of their stream blocks. */
function* free(pending: Iterable<Delivery>, busy: ReadonlySet<string>): Generator<Delivery> {
  const held = new Set<string>();
  for (const delivery of pending) {
    const { stream, aside } = delivery;
    if (busy.has(stream) || (!aside && held.has(stream))) continue;
    if (!aside) held.add(stream);
    yield delivery;
  }
}

function dueAt({ nextAttemptAt }: Delivery): number {
  return nextAttemptAt ?? Number.POSITIVE_INFINITY;
}

export interface Answered {
  webhook: Webhook;
  /** Null if the call belongs to an earlier round. */
  delivery: Delivery | null;
  /** The endpoint works again: everything that waits is due. */
  isBack: boolean;
}

/**
 * Applies the result of a call. `sent` is the delivery as it was sent, `current` as it is now, null if it is gone. `jitter` is
 * between 0 and 1.
 */
export function answered(
  webhook: Webhook,
  sent: Delivery,
  current: Delivery | null,
  { retryAfterMs, ...attempt }: CallResult,
  now: number,
  jitter: number,
): Answered {
  if (webhook.status === "deleted") return { webhook, delivery: null, isBack: false };
  const isCurrent = current !== null && current.round === sent.round && current.status === "pending";
  const tried = isCurrent ? { ...current, attempts: current.attempts + 1, lastAttempt: attempt } : null;
  const { status } = attempt;
  if (status !== null && status >= 200 && status < 300) {
    const isBack = webhook.failingSince !== null && now - webhook.failingSince >= WEBHOOK_OUTAGE_MS;
    const delivery = tried && { ...tried, status: "delivered" as const, nextAttemptAt: null };
    return { webhook: { ...webhook, lastSuccessAt: now, failingSince: null }, delivery, isBack };
  }
  const failing = { ...webhook, failingSince: failingSince(webhook, now), lastFailureAt: now };
  // 410 means that it will never accept events again: the delivery stays as it is, in case it is requested again.
  if (status === 410) return { webhook: stop(failing, "gone", now), delivery: tried, isBack: false };
  const waitMs = Math.min(retryAfterMs ?? 0, WEBHOOK_RETRY_AFTER_MS_MAX);
  const isPaused = waitMs > 0 && (status === 429 || status === 503);
  const paused = isPaused ? { ...failing, pausedUntil: Math.max(failing.pausedUntil ?? 0, now + waitMs) } : failing;
  const isUnreachable = now - failing.failingSince >= WEBHOOK_UNREACHABLE_MS;
  return {
    webhook: isUnreachable ? stop(paused, "unreachable", now) : paused,
    delivery: tried && failed(tried, waitMs, now, jitter),
    isBack: false,
  };
}

/** The time since which everything has failed, given a failure now. After a long time without tries a new outage begins. */
function failingSince({ failingSince, lastFailureAt }: Webhook, now: number): number {
  return failingSince === null || now - (lastFailureAt ?? now) >= WEBHOOK_QUIET_MS ? now : failingSince;
}

/** A delivery after a failed try: it is retried for at least a day. */
function failed(delivery: Delivery, waitMs: number, now: number, jitter: number): Delivery {
  const tries = delivery.tries + 1;
  const triedSince = delivery.triedSince ?? now;
  const aside = delivery.aside || tries >= WEBHOOK_HOLDING_TRIES;
  const tried = { ...delivery, tries, triedSince, aside };
  if (now - triedSince >= WEBHOOK_TRIED_MS) return { ...tried, status: "failed", nextAttemptAt: null };
  const pauseMs = WEBHOOK_PAUSES_MS[Math.min(tries, WEBHOOK_PAUSES_MS.length) - 1] ?? 0;
  return { ...tried, nextAttemptAt: now + Math.max(waitMs, Math.round(pauseMs * (1 + jitter / 5))) };
}

/** The outcome of an operator's request for a webhook; `delivery` is the one that is sent again. */
export type WebhookOutcome = { ok: true; webhook: Webhook; delivery?: Delivery; replayed?: true } | Refused;
