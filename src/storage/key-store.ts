import { type Refused, refused } from "../domain/command.ts";

/** The table that keys are kept in. */
export const KEY_TABLE = `CREATE TABLE command (
  key TEXT PRIMARY KEY, content TEXT NOT NULL, answer TEXT, at INTEGER NOT NULL
) WITHOUT ROWID`;

/**
 * What an object of one thing answered to the keys of its callers; a key whose answer is not decided yet stands for its content
 * only. Everything is synchronous; callers own the transaction, and have made the table.
 */
export class KeyStore<Answer extends { ok: boolean }> {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The first answer to a key again, `idempotency-key-reused` when it stands for other content, or null when it has none yet. */
  again(key: string, content: string): (Answer & { replayed: true }) | Refused | null {
    const kept = this.#sql
      .exec<{ content: string; answer: string | null }>("SELECT content, answer FROM command WHERE key = ?", key)
      .toArray()[0];
    if (kept === undefined) return null;
    if (kept.content !== content) return refused({ code: "idempotency-key-reused" });
    const answer = kept.answer === null ? null : (JSON.parse(kept.answer) as Answer);
    return answer?.ok ? { ...answer, replayed: true } : null;
  }

  /** Keeps what a key stands for, null: its answer will be decided. */
  keep(key: string, content: string, answer: Answer | null, at: number): void {
    this.#sql.exec(
      `INSERT INTO command (key, content, answer, at) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT DO UPDATE SET answer = ?3, at = ?4`,
      key,
      content,
      answer === null ? null : JSON.stringify(answer),
      at,
    );
  }

  /** What the keys stand for of which that was not decided; with null it came to nothing, and they are free again. */
  decide(answer: Answer | null): void {
    if (answer === null) this.#sql.exec("DELETE FROM command WHERE answer IS NULL");
    else this.#sql.exec("UPDATE command SET answer = ? WHERE answer IS NULL", JSON.stringify(answer));
  }

  /** Removes keys from before `before`, but for this one. */
  retire(before: number, but: string): void {
    this.#sql.exec("DELETE FROM command WHERE at < ? AND key <> ?", before, but);
  }

  clear(): void {
    this.#sql.exec("DELETE FROM command");
  }
}
