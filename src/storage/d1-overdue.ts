/** Objects that may have stopped: their alarm was lost, or what they committed last has not reached D1. */
export interface Suspects {
  skus: string[];
  carts: string[];
  drops: string[];
}

const OVERDUE_CARTS = `SELECT id AS name FROM cart WHERE status IN ('held', 'confirming') AND body ->> '$.expiresAt' < ?1
  ORDER BY body ->> '$.expiresAt' LIMIT ?2`;

/**
 * SKUs and carts for which something was due before `dueBefore`, the longest overdue first, and SKUs and drops that changed after
 * `changedAfter`, the newest first; at most `limit` of each.
 */
export async function readSuspects(
  db: D1Database,
  dueBefore: number,
  changedAfter: number,
  limit: number,
): Promise<Suspects> {
  const names = await db.batch<{ name: string }>([
    db.prepare("SELECT sku AS name FROM sku WHERE due_at < ? ORDER BY due_at LIMIT ?").bind(dueBefore, limit),
    db
      .prepare("SELECT sku AS name FROM sku WHERE updated_at > ? ORDER BY updated_at DESC LIMIT ?")
      .bind(changedAfter, limit),
    db.prepare(OVERDUE_CARTS).bind(dueBefore, limit),
    db
      .prepare(`SELECT name FROM "drop" WHERE body ->> '$.updatedAt' > ? ORDER BY body ->> '$.updatedAt' DESC LIMIT ?`)
      .bind(changedAfter, limit),
  ]);
  const [overdue = [], changed = [], carts = [], drops = []] = names.map(({ results }) =>
    results.map(({ name }) => name),
  );
  return { skus: [...new Set([...overdue, ...changed])], carts, drops };
}
