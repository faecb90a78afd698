/** Ids of the webhooks that follow the log. */
export async function readWebhookIds(db: D1Database): Promise<string[]> {
  const { results } = await db
    .prepare("SELECT id FROM webhook WHERE body ->> '$.status' = 'active'")
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}
