import { typesOf, type Webhook } from "../domain/webhook.ts";
import { lastPosition } from "./d1-log.ts";
import { type AsOfRow, type Page, pageOf } from "./d1-read.ts";

/** The public data of a webhook: its secrets stay in its object, and its position changes too often. */
export type ListedWebhook = Pick<
  Webhook,
  "id" | "url" | "events" | "skus" | "status" | "stoppedReason" | "createdAt" | "updatedAt"
>;

const SAVE = `INSERT INTO webhook (id, version, body) VALUES (?1, ?2, ?3)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body
    WHERE excluded.version > webhook.version`;

/** Writes the listed data of a webhook; an older version changes nothing. */
export async function saveWebhook(db: D1Database, webhook: Webhook): Promise<void> {
  const { id, url, events, skus, status, stoppedReason, createdAt, updatedAt } = webhook;
  const listed: ListedWebhook = { id, url, events, skus, status, stoppedReason, createdAt, updatedAt };
  await db.prepare(SAVE).bind(id, webhook.version, JSON.stringify(listed)).run();
}

/** Removes the row of a deleted webhook. */
export async function eraseWebhook(db: D1Database, id: string): Promise<void> {
  await db.prepare("DELETE FROM webhook WHERE id = ?").bind(id).run();
}

/** Webhooks by id, after `after`. */
export async function readWebhooks(db: D1Database, after: string, limit: number): Promise<Page<ListedWebhook>> {
  const [rows, newest] = await db.batch<{ body: string } | AsOfRow>([
    db
      .prepare("SELECT body FROM webhook WHERE id > ? AND body ->> '$.status' <> 'deleted' ORDER BY id LIMIT ?")
      .bind(after, limit + 1),
    db.prepare("SELECT MAX(body ->> '$.updatedAt') AS as_of FROM webhook"),
  ]);
  const found = (rows?.results ?? []) as { body: string }[];
  return pageOf(found, limit, newest, ({ body }) => JSON.parse(body) as ListedWebhook);
}

/** Webhooks to wake when the log has grown. */
export async function readWebhookIds(db: D1Database): Promise<string[]> {
  const { results } = await db
    .prepare("SELECT id FROM webhook WHERE body ->> '$.status' = 'active' ORDER BY id")
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** Number of webhooks. */
export async function countWebhooks(db: D1Database): Promise<number> {
  const counted = db.prepare("SELECT COUNT(*) AS count FROM webhook WHERE body ->> '$.status' <> 'deleted'");
  return (await counted.first<{ count: number }>())?.count ?? 0;
}

/** Number of log positions after a cursor. */
export async function unreadAfter(db: D1Database, cursor: number): Promise<number> {
  return Math.max(0, (await lastPosition(db)) - cursor);
}

/** Only the last matching event of a stream is looked at: if that is too old, all earlier ones are. */
const PREVIOUS = `WITH last AS (
    SELECT one.value ->> 0 AS stream, (
      SELECT sequence FROM event WHERE stream = one.value ->> 0 AND sequence < one.value ->> 1
        AND (?3 IS NULL OR type IN (SELECT value FROM json_each(?3)))
      ORDER BY sequence DESC LIMIT 1
    ) AS sequence FROM json_each(?1) AS one
  )
  SELECT stream, sequence FROM last JOIN event USING (stream, sequence) WHERE position > ?2`;

/**
 * For each of these streams the last event before a sequence that the webhook was sent, or would have been sent. Streams
 * without one are left out.
 */
export async function readPrevious(
  db: D1Database,
  webhook: Webhook,
  firsts: readonly { stream: string; sequence: number }[],
): Promise<Map<string, number>> {
  if (firsts.length === 0) return new Map();
  const asked = JSON.stringify(firsts.map(({ stream, sequence }) => [stream, sequence]));
  const types = typesOf(webhook);
  const { results } = await db
    .prepare(PREVIOUS)
    .bind(asked, webhook.start, types === null ? null : JSON.stringify(types))
    .all<{ stream: string; sequence: number }>();
  return new Map(results.map(({ stream, sequence }) => [stream, sequence]));
}
