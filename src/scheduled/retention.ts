import { OBJECT_CALL_MS } from "../domain/bounds.ts";
import { hasPassed } from "../domain/elapsed.ts";
import { RETENTION_RUN_MS, retentionMs } from "../domain/retention.ts";
import { withTimeout } from "../objects/shared/timeout.ts";
import { lastOld, removeEvents } from "../storage/d1-retention.ts";
import { readWebhookIds } from "../storage/d1-webhooks.ts";

/**
 * Removes from D1 what is older than RETENTION_DAYS, portion by portion, until nothing is left or RETENTION_RUN_MS are over: the
 * next run continues. An event stays until the counts have it and every active webhook has read it. Rejects if that is not
 * known, and has then removed nothing that is needed.
 */
export async function removeOld(env: Env, pause: (ms: number) => Promise<void>): Promise<void> {
  const begunAt = Date.now();
  const before = begunAt - retentionMs(env.RETENTION_DAYS);
  let read: number | null = null;
  while (!hasPassed(begunAt, RETENTION_RUN_MS, Date.now())) {
    const startedAt = Date.now();
    const old = await lastOld(env.DB, before, startedAt);
    if (old === 0) return;
    read ??= await readByWebhooks(env);
    if (read < old) {
      // What they have not read yet stays for another run.
      if (read > 0) await removeEvents(env.DB, read, before);
      return;
    }
    await removeEvents(env.DB, old, before);
    await pause(Date.now() - startedAt);
  }
}

/** Position up to which every active webhook has read the log. */
async function readByWebhooks(env: Env): Promise<number> {
  const ids = await readWebhookIds(env.DB);
  const read = await Promise.all(
    ids.map((id) => withTimeout(env.WEBHOOK.getByName(id).readUpTo(), OBJECT_CALL_MS, `the webhook ${id}`)),
  );
  return Math.min(...read.map((position) => position ?? Number.POSITIVE_INFINITY));
}
