import { DEAD_LETTER_RETRY_SECONDS, NEWS_RETRY_SECONDS_MAX, NEWS_RETRY_SECONDS_MIN } from "../domain/bounds.ts";
import type { News } from "../domain/log.ts";
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
    await Promise.allSettled(ids.map((id) => env.WEBHOOK.getByName(id).wake()));
    batch.ackAll();
  } catch (error) {
    console.warn(
      JSON.stringify({ event: "news-not-worked-off", messages: batch.messages.length, error: String(error) }),
    );
    for (const message of batch.messages) message.retry({ delaySeconds: retrySeconds(message.attempts) });
  }
}

function retrySeconds(attempts: number): number {
  return Math.min(NEWS_RETRY_SECONDS_MAX, NEWS_RETRY_SECONDS_MIN * 2 ** (attempts - 1));
}

/** Nothing that was sent is lost without a trace: what failed too often is kept for somebody to look at. */
async function recordDead(batch: MessageBatch<News>, env: Env): Promise<void> {
  try {
    console.error(JSON.stringify({ event: "news-dead", messages: batch.messages.length }));
    await addDeadLetters(
      env.DB,
      batch.messages.map(({ id, body, timestamp }) => ({ id, body, time: timestamp.getTime() })),
    );
    batch.ackAll();
  } catch (error) {
    console.error(JSON.stringify({ event: "dead-letters-not-recorded", error: String(error) }));
    batch.retryAll({ delaySeconds: DEAD_LETTER_RETRY_SECONDS });
  }
}
