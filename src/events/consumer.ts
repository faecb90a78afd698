import { backoff } from "../domain/backoff.ts";
import { DEAD_LETTER_RETRY_SECONDS, NEWS_RETRY_SECONDS_MAX, NEWS_RETRY_SECONDS_MIN } from "../domain/bounds.ts";
import type { News } from "../domain/log.ts";
import { workerLogger } from "../logger.ts";
import { addDeadLetters } from "../storage/d1-dead-letters.ts";
import { rollUp } from "../storage/d1-rollup.ts";
import { readWebhookIds } from "../storage/d1-webhooks.ts";

/** How the queue of what could not be worked off is called. */
const DEAD = /-dead$/;

/** Takes what a queue brings. */
export function consume(batch: MessageBatch<News>, env: Env): Promise<void> {
  return DEAD.test(batch.queue) ? recordDead(batch, env) : workOff(batch, env);
}

/**
 * The log has grown: counts what is new in it, and wakes those who follow it. What a message says does not matter, for
 * each of them knows how far it is: news may be lost, doubled or in any order.
 */
async function workOff(batch: MessageBatch<News>, env: Env): Promise<void> {
  try {
    const [ids] = await Promise.all([readWebhookIds(env.DB), rollUp(env.DB)]);
    // One that cannot be woken looks by itself within a minute, and holds up nobody.
    await Promise.all(ids.map((id) => wake(env, id)));
    batch.ackAll();
  } catch (error) {
    workerLogger.log("queue_batch_failed", { messages: batch.messages.length, error });
    for (const message of batch.messages) {
      message.retry({ delaySeconds: backoff(message.attempts, NEWS_RETRY_SECONDS_MIN, NEWS_RETRY_SECONDS_MAX) });
    }
  }
}

async function wake(env: Env, webhook: string): Promise<void> {
  try {
    await env.WEBHOOK.getByName(webhook).wake();
  } catch (error) {
    workerLogger.log("webhook_wake_failed", { webhook, error });
  }
}

/** Nothing that was sent is lost without a trace: what failed too often is kept for somebody to look at. */
async function recordDead(batch: MessageBatch<News>, env: Env): Promise<void> {
  try {
    workerLogger.log("dead_letters_received", { messages: batch.messages.length });
    await addDeadLetters(
      env.DB,
      batch.messages.map(({ id, body, timestamp }) => ({ id, body, time: timestamp.getTime() })),
    );
    batch.ackAll();
  } catch (error) {
    workerLogger.log("dead_letters_write_failed", { messages: batch.messages.length, error });
    batch.retryAll({ delaySeconds: DEAD_LETTER_RETRY_SECONDS });
  }
}
