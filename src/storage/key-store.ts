import { type Refused, refused } from "../domain/command.ts";

/** The table that keys are kept in. */
export const KEY_TABLE = `CREATE TABLE command (
  owner TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, answer TEXT, at INTEGER NOT NULL, PRIMARY KEY (owner, key)
) WITHOUT ROWID`;

/**
 * What an object answered to the keys of its callers; a key whose answer is not decided yet stands for its content
 * only. Everything is synchronous; callers own the transaction, and have made the table.
 */
export class KeyStore<Answer extends { ok: boolean }> {
  readonly #sql: SqlStorage;
  readonly #owner: string;

  /** `owner`: which of the things of an object the keys are about, where it has several. */
  constructor(sql: SqlStorage, owner = "") {
    this.#sql = sql;
    this.#owner = owner;
  }

  /** The first answer to a key again, `idempotency-key-reused` when it stands for other content, or null when it has none yet. */
  again(key: string, content: string): (Answer & { replayed: true }) | Refused | null {
    const kept = this.#sql
      .exec<{ content: string; answer: string | null }>(
        "SELECT content, answer FROM command WHERE owner = ? AND key = ?",
        this.#owner,
        key,
      )
      .toArray()[0];
    if (kept === undefined) return null;
    if (kept.content !== content) return refused({ code: "idempotency-key-reused" });
    const answer = kept.answer === null ? null : (JSON.parse(kept.answer) as Answer);
    return answer?.ok ? { ...answer, replayed: true } : null;
  }

  /** Keeps what a key stands for, null: its answer will be decided. */
  keep(key: string, content: string, answer: Answer | null, at: number): void {
    this.#sql.exec(
      `INSERT INTO command (owner, key, content, answer, at) VALUES (?5, ?1, ?2, ?3, ?4)
      ON CONFLICT DO UPDATE SET answer = ?3, at = ?4`,
      key,
      content,
      answer === null ? null : JSON.stringify(answer),
      at,
      this.#owner,
    );
  }

  /** What the keys stand for of which that was not decided; with null it came to nothing, and they are free again. */
  decide(answer: Answer | null): void {
    if (answer === null) this.#sql.exec("DELETE FROM command WHERE owner = ? AND answer IS NULL", this.#owner);
    else {
      const text = JSON.stringify(answer);
      this.#sql.exec("UPDATE command SET answer = ? WHERE owner = ? AND answer IS NULL", text, this.#owner);
    }
  }

  /** Removes keys from before `before`, but for this one. */
  retire(before: number, but: string): void {
    this.#sql.exec("DELETE FROM command WHERE owner = ? AND at < ? AND key <> ?", this.#owner, before, but);
  }

  clear(): void {
    this.#sql.exec("DELETE FROM command WHERE owner = ?", this.#owner);
  }
}
