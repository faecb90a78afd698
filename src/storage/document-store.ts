import { RECORD_EVENTS_MAX, RETENTION_ROWS_MAX } from "../domain/bounds.ts";
import { hasTable } from "./has-table.ts";
import { KEY_TABLE, KeyStore } from "./key-store.ts";

/** One committed change of a drop; `body` is its full state right after. */
export type DocumentEvent = { sequence: number; type: string; time: number; body: string };

/** A range of a document's events on its way to D1. */
export interface DocumentBatch {
  upTo: number;
  events: DocumentEvent[];
}

/** The document of a Drop object, its events and its keys. Synchronous; callers own the transaction. */
export class DocumentStore<Document extends { version: number; updatedAt: number }, Answer extends { ok: boolean }> {
  readonly #sql: SqlStorage;
  readonly #keys: KeyStore<Answer>;
  /** Whether the tables exist; an object that was only read has none. */
  #isCreated: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#keys = new KeyStore(sql);
    this.#isCreated = hasTable(this.#sql, "document");
  }

  /** The transaction that may have created the tables was rolled back. */
  forget(): void {
    this.#isCreated = hasTable(this.#sql, "document");
  }

  /** The document, or null. */
  load(): Document | null {
    if (!this.#isCreated) return null;
    const row = this.#sql.exec<{ body: string }>("SELECT body FROM document").toArray()[0];
    return row === undefined ? null : (JSON.parse(row.body) as Document);
  }

  /** Writes the document and its new events; its version is the sequence of the last event. */
  save(document: Document, types: readonly string[]): Document {
    this.#create();
    const saved = { ...document, version: document.version + types.length };
    const body = JSON.stringify(saved);
    this.#sql.exec("INSERT INTO document (only_row, body) VALUES (1, ?1) ON CONFLICT DO UPDATE SET body = ?1", body);
    for (const [index, type] of types.entries()) {
      this.#sql.exec(
        "INSERT INTO event (sequence, type, time, body) VALUES (?, ?, ?, ?)",
        document.version + index + 1,
        type,
        document.updatedAt,
        body,
      );
    }
    return saved;
  }

  /** The first answer to a key again, as `KeyStore.again` says. */
  again(key: string, content: string): ReturnType<KeyStore<Answer>["again"]> {
    return this.#isCreated ? this.#keys.again(key, content) : null;
  }

  /** Keeps what a key stands for; null: that will be decided with the document. */
  keepAnswer(key: string, content: string, answer: Answer | null, at: number): void {
    this.#create();
    this.#keys.keep(key, content, answer, at);
  }

  /** Sets the answer of all undecided keys; null frees them again. */
  decideAnswers(answer: Answer | null): void {
    this.#keys.decide(answer);
  }

  /** Sequence of the last event that D1 is known to have. */
  recorded(): number {
    if (!this.#isCreated) return 0;
    const row = this.#sql.exec<{ recorded: number }>("SELECT recorded FROM document").toArray()[0];
    return row?.recorded ?? 0;
  }

  /** Stores the acknowledgment of D1. */
  saveRecorded(sequence: number): void {
    if (this.#isCreated) this.#sql.exec("UPDATE document SET recorded = ?1 WHERE recorded < ?1", sequence);
  }

  /** Sequence of its last event, 0 if there is none. */
  newest(): number {
    if (!this.#isCreated) return 0;
    // Events that were removed had been recorded.
    const newest = this.#sql.exec<{ newest: number | null }>("SELECT MAX(sequence) AS newest FROM event").one().newest;
    return newest ?? this.recorded();
  }

  /** Time of its first event that is still here, or null. */
  oldestEventAt(): number | null {
    if (!this.#isCreated) return null;
    const query = "SELECT time FROM event ORDER BY sequence LIMIT 1";
    return this.#sql.exec<{ time: number }>(query).toArray()[0]?.time ?? null;
  }

  /** Removes events from before `before` that were recorded, at most RETENTION_ROWS_MAX, and keys from before `before`. */
  retire(before: number): void {
    if (!this.#isCreated) return;
    this.#keys.retire(before, "");
    this.#sql.exec(
      `DELETE FROM event WHERE time < ?1 AND sequence IN (
        SELECT sequence FROM event WHERE sequence <= ?2 ORDER BY sequence LIMIT ?3)`,
      before,
      this.recorded(),
      RETENTION_ROWS_MAX,
    );
  }

  /** The next range of events after a sequence, which is not the newest; bounded in events. */
  next(after: number): DocumentBatch {
    const events = this.#sql
      .exec<DocumentEvent>(
        "SELECT sequence, type, time, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",
        after,
        RECORD_EVENTS_MAX,
      )
      .toArray();
    const upTo = events.at(-1)?.sequence;
    if (upTo === undefined) throw new Error(`events after ${after} are missing`);
    return { upTo, events };
  }

  #create(): void {
    if (this.#isCreated) return;
    this.#isCreated = true;
    this.#sql.exec(`
      CREATE TABLE document (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1), body TEXT NOT NULL, recorded INTEGER NOT NULL DEFAULT 0
      );
      CREATE TABLE event (sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, time INTEGER NOT NULL, body TEXT NOT NULL);
      ${KEY_TABLE};
    `);
  }
}
