import { backoff } from "../domain/backoff.ts";
import { DEAD_LETTER_RETRY_SECONDS, NEWS_RETRY_SECONDS_MAX, NEWS_RETRY_SECONDS_MIN } from "../domain/bounds.ts";
import type { News } from "../domain/log.ts";
import { workerLogger } from "../logger.ts";
import { addDeadLetters } from "../storage/d1-dead-letters.ts";
import { rollUp } from "../storage/d1-rollup.ts";
import { readWebhookIds } from "../storage/d1-webhooks.ts";

/** The name of a dead-letter queue. */
const DEAD = /-dead$/;

/** Consumes a batch of either queue. */
export function consume(batch: MessageBatch<News>, env: Env): Promise<void> {
  return DEAD.test(batch.queue) ? recordDead(batch, env) : workOff(batch, env);
}

async function workOff(batch: MessageBatch<News>, env: Env): Promise<void> {
  try {
    await followLog(env);
    batch.ackAll();
  } catch (error) {
    workerLogger.log("queue_batch_failed", { messages: batch.messages.length, error });
    for (const message of batch.messages) {
      message.retry({ delaySeconds: backoff(message.attempts, NEWS_RETRY_SECONDS_MIN, NEWS_RETRY_SECONDS_MAX) });
    }
  }
}

/**
 * The log may have grown: rolls up the new events and wakes all webhooks. The content of a message does not matter, because
 * roll-up and webhooks each know their position: messages may be lost, repeated or reordered.
 */
export async function followLog(env: Env): Promise<void> {
  const [ids] = await Promise.all([readWebhookIds(env.DB), rollUp(env.DB)]);
  // A webhook that cannot be woken looks by itself within a minute; it does not delay the others.
  await Promise.all(ids.map((id) => wake(env, id)));
}

async function wake(env: Env, webhook: string): Promise<void> {
  try {
    await env.WEBHOOK.getByName(webhook).wake();
  } catch (error) {
    workerLogger.log("webhook_wake_failed", { webhook, error });
  }
}

/** Stores messages that failed too often, for an operator to look at. */
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
