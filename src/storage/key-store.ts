import { type Refused, refused } from "../domain/command.ts";

/** The table of idempotency keys. */
export const KEY_TABLE = `CREATE TABLE command (
  owner TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, answer TEXT, at INTEGER NOT NULL, PRIMARY KEY (owner, key)
) WITHOUT ROWID`;

/**
 * The stored answers to idempotency keys of an object; while an answer is undecided, only the content is stored. Synchronous;
 * callers own the transaction, and have created the table.
 */
export class KeyStore<Answer extends { ok: boolean }> {
  readonly #sql: SqlStorage;
  readonly #owner: string;

  /** `owner` separates the keys of several documents in one object. */
  constructor(sql: SqlStorage, owner = "") {
    this.#sql = sql;
    this.#owner = owner;
  }

  /** The stored answer to a key, `idempotency-key-reused` if it belongs to other content, or null if there is none yet. */
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

  /** Stores the content of a key and its answer; null: the answer is undecided. */
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

  /** Sets the answer of all undecided keys; null frees them again. */
  decide(answer: Answer | null): void {
    if (answer === null) this.#sql.exec("DELETE FROM command WHERE owner = ? AND answer IS NULL", this.#owner);
    else {
      const text = JSON.stringify(answer);
      this.#sql.exec("UPDATE command SET answer = ? WHERE owner = ? AND answer IS NULL", text, this.#owner);
    }
  }

  /** Removes all keys from before `before`, except this one. */
  retire(before: number, but: string): void {
    this.#sql.exec("DELETE FROM command WHERE owner = ? AND at < ? AND key <> ?", this.#owner, before, but);
  }

  clear(): void {
    this.#sql.exec("DELETE FROM command WHERE owner = ?", this.#owner);
  }
}
