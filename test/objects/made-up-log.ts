import { env } from "cloudflare:workers";

/** The rows of a query to D1. */
export const rows = async <Row>(query: string) => (await env.DB.prepare(query).all<Row>()).results;

/** The positions of all events that D1 has. */
export const positions = async () =>
  (await rows<{ position: number }>("SELECT position FROM event ORDER BY position")).map(({ position }) => position);

/** Adds events of a SKU that no object has, one a second from `time` on. */
export async function log(count: number, time: number, sku = "made-up"): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO event (stream, sku, sequence, type, time)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
    SELECT 'sku/' || ?1, ?1, i + (SELECT COUNT(*) FROM event), 'sku.updated', ?3 + i * 1000 FROM n`,
  )
    .bind(sku, count, time)
    .run();
}
