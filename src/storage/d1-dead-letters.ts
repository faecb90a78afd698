import type { News } from "../domain/log.ts";

/** Stores dead queue messages. The same message again is the same row. */
export async function addDeadLetters(
  db: D1Database,
  letters: readonly { id: string; body: News; time: number }[],
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO dead_letter (id, body, time) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
      ON CONFLICT DO NOTHING`,
    )
    .bind(JSON.stringify(letters.map(({ id, body, time }) => [id, body, time])))
    .run();
}
