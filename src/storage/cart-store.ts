import { CARTS_RETIRED_MAX, RECORD_EVENTS_MAX, RETENTION_ROWS_MAX } from "../domain/bounds.ts";
import type { Cart } from "../domain/cart.ts";
import type { CartOutcome } from "../domain/cart-requests.ts";
import { refused } from "../domain/command.ts";
import { hasTable } from "./has-table.ts";
import { KEY_TABLE, KeyStore } from "./key-store.ts";

/** One committed change of a cart; `body` is the whole of it right after, `position` its place among all changes of the object. */
export type CartEvent = { position: number; cart: string; sequence: number; type: string; time: number; body: string };

/** A stretch of the object's events on its way to D1. */
export interface CartBatch {
  upTo: number;
  events: CartEvent[];
}

/**
 * `opened_at` and `position` are the positions of a cart's first and last event. An opening takes six pages in two transactions:
 * the pages that a transaction writes are what it costs.
 */
const SAVE_CART = `INSERT INTO cart (id, content, body, next_at, ended_at, opened_at, position) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET body = excluded.body, next_at = excluded.next_at, ended_at = excluded.ended_at,
    opened_at = COALESCE(opened_at, excluded.opened_at), position = COALESCE(excluded.position, position)`;
const ADD_EVENT = "INSERT INTO event (position, cart, sequence, type, time, body) VALUES (?, ?, ?, ?, ?, ?)";

/** The carts of one Cart object, their events and keys. Everything is synchronous; callers own the transaction. */
export class CartStore {
  readonly #sql: SqlStorage;
  /** Whether the tables are there; an object that was only asked has none. */
  #isCreated: boolean;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#isCreated = hasTable(this.#sql, "cart");
  }

  /** The transaction in which the tables may have been made was rolled back. */
  forget(): void {
    this.#isCreated = hasTable(this.#sql, "cart");
  }

  /** A cart as it was last written, or null. */
  load(id: string): Cart | null {
    if (!this.#isCreated) return null;
    const row = this.#sql.exec<{ body: string }>("SELECT body FROM cart WHERE id = ?", id).toArray()[0];
    return row === undefined ? null : (JSON.parse(row.body) as Cart);
  }

  /**
   * Writes a cart with what happened to it: its version is the sequence of the last of these events. `nextAt`: when to look at it
   * again. `content` of its opening, the first time.
   */
  save(cart: Cart, types: readonly string[], nextAt: number | null, content: string | null = null): Cart {
    this.#create();
    const saved = { ...cart, version: cart.version + types.length };
    const body = JSON.stringify(saved);
    const endedAt = cart.phase === "ended" ? cart.updatedAt : null;
    const first = types.length === 0 ? null : this.newest() + 1;
    const openedAt = cart.version === 0 ? first : null;
    const last = first === null ? null : first + types.length - 1;
    this.#sql.exec(SAVE_CART, cart.id, content, body, nextAt, endedAt, openedAt, last);
    for (const [index, type] of types.entries()) {
      const [position, sequence] = [(first ?? 0) + index, cart.version + index + 1];
      this.#sql.exec(ADD_EVENT, position, cart.id, sequence, type, cart.updatedAt, body);
    }
    return saved;
  }

  /** What the same opening of a cart again is answered, as KeyStore says; null while it is undecided. */
  opened(id: string, content: string): ReturnType<KeyStore<CartOutcome>["again"]> {
    if (!this.#isCreated) return null;
    const query = `SELECT content, (SELECT body FROM event WHERE position = opened_at) AS body FROM cart WHERE id = ?
      AND content IS NOT NULL`;
    const kept = this.#sql.exec<{ content: string; body: string | null }>(query, id).toArray()[0];
    if (kept === undefined) return null;
    if (kept.content !== content) return refused({ code: "idempotency-key-reused" });
    return kept.body === null ? null : { ok: true, cart: JSON.parse(kept.body) as Cart, replayed: true };
  }

  /** Removes a cart, of which nobody was told, with the keys that stand for it. */
  remove(id: string): void {
    if (!this.#isCreated) return;
    this.#sql.exec("DELETE FROM cart WHERE id = ?", id);
    this.keys(id).clear();
  }

  /** The keys of this cart's callers. */
  keys(id: string): KeyStore<CartOutcome> {
    this.#create();
    return new KeyStore(this.#sql, id);
  }

  /** The first answer to a key of this cart again, as KeyStore says. */
  again(id: string, key: string, content: string): ReturnType<KeyStore<CartOutcome>["again"]> {
    return this.#isCreated ? new KeyStore<CartOutcome>(this.#sql, id).again(key, content) : null;
  }

  /** Ids of the carts that are to be looked at by now, the longest overdue first. */
  due(now: number, limit: number): string[] {
    if (!this.#isCreated) return [];
    const query = "SELECT id FROM cart WHERE next_at <= ? ORDER BY next_at LIMIT ?";
    return Array.from(this.#sql.exec<{ id: string }>(query, now, limit), ({ id }) => id);
  }

  /** When a cart is to be looked at next. */
  lookAgainAt(id: string, at: number | null): void {
    if (this.#isCreated) this.#sql.exec("UPDATE cart SET next_at = ? WHERE id = ?", at, id);
  }

  /** When the first of all carts is to be looked at, or null. */
  nextAt(): number | null {
    if (!this.#isCreated) return null;
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(next_at) AS at FROM cart").one().at;
  }

  /** Position of the last event, 0 when there was none: only what D1 has is removed. */
  newest(): number {
    if (!this.#isCreated) return 0;
    const query = "SELECT MAX(recorded, COALESCE((SELECT MAX(position) FROM event), 0)) AS newest FROM progress";
    return this.#sql.exec<{ newest: number }>(query).one().newest;
  }

  /** Position of a cart's last event; 0 when it is not here any more, and then D1 has it. */
  positionOf(id: string): number {
    if (!this.#isCreated) return 0;
    const query = "SELECT position FROM cart WHERE id = ?";
    return this.#sql.exec<{ position: number | null }>(query, id).toArray()[0]?.position ?? 0;
  }

  /** When something was committed last, or null. */
  committedAt(): number | null {
    if (!this.#isCreated) return null;
    const query = "SELECT time FROM event ORDER BY position DESC LIMIT 1";
    return this.#sql.exec<{ time: number }>(query).toArray()[0]?.time ?? null;
  }

  /** The next stretch of events after a position, which is not the newest, bounded in events. */
  next(after: number): CartBatch {
    const events = this.#sql
      .exec<CartEvent>(
        "SELECT position, cart, sequence, type, time, body FROM event WHERE position > ? ORDER BY position LIMIT ?",
        after,
        RECORD_EVENTS_MAX,
      )
      .toArray();
    // What was removed after it was recorded leaves gaps, and nothing to be told.
    return { upTo: events.at(-1)?.position ?? this.newest(), events };
  }

  /** Position of the last event that D1 is known to have, and of which the queue was told. */
  recorded(): number {
    if (!this.#isCreated) return 0;
    return this.#sql.exec<{ recorded: number }>("SELECT recorded FROM progress").one().recorded;
  }

  /** Remembers what D1 has acknowledged. */
  saveRecorded(position: number): void {
    if (this.#isCreated) this.#sql.exec("UPDATE progress SET recorded = ?1 WHERE recorded < ?1", position);
  }

  /**
   * Removes carts that ended before `before` and whose events were recorded up to `recorded`, with their keys, the first in front,
   * at most CARTS_RETIRED_MAX; that they were here stays. Returns how many.
   */
  retire(before: number, recorded: number): number {
    if (!this.#isCreated) return 0;
    const rows = this.#sql.exec<{ id: string; ended_at: number }>(
      "SELECT id, ended_at FROM cart WHERE ended_at < ?1 AND COALESCE(position, 0) <= ?2 ORDER BY ended_at LIMIT ?3",
      before,
      recorded,
      CARTS_RETIRED_MAX,
    );
    const leaving = rows.toArray();
    for (const { id, ended_at } of leaving) {
      this.remove(id);
      this.#sql.exec("INSERT OR REPLACE INTO departed (id, at) VALUES (?, ?)", id, ended_at);
    }
    return leaving.length;
  }

  /** Removes events from before `before` that were recorded up to `recorded`, at most RETENTION_ROWS_MAX; returns how many. */
  retireEvents(before: number, recorded: number): number {
    if (!this.#isCreated) return 0;
    const query = `DELETE FROM event WHERE time < ?1 AND position IN
      (SELECT position FROM event WHERE position <= ?2 ORDER BY position LIMIT ?3)`;
    return this.#sql.exec(query, before, recorded, RETENTION_ROWS_MAX).rowsWritten;
  }

  /** Whether a cart was here and has left: then D1 has it. */
  hasLeft(id: string): boolean {
    return this.#isCreated && this.#sql.exec("SELECT 1 FROM departed WHERE id = ?", id).toArray().length > 0;
  }

  /** Forgets carts that left before `before`: D1 has forgotten them too. At most CARTS_RETIRED_MAX; returns how many. */
  forgetDeparted(before: number): number {
    if (!this.#isCreated) return 0;
    const query = "DELETE FROM departed WHERE id IN (SELECT id FROM departed WHERE at < ? ORDER BY at LIMIT ?)";
    return this.#sql.exec(query, before, CARTS_RETIRED_MAX).rowsWritten;
  }

  /** When the cart that has ended for the longest did so, or null. */
  oldestEndAt(): number | null {
    if (!this.#isCreated) return null;
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(ended_at) AS at FROM cart").one().at;
  }

  #create(): void {
    if (this.#isCreated) return;
    this.#isCreated = true;
    this.#sql.exec(`
      CREATE TABLE cart (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, content TEXT, body TEXT NOT NULL, next_at INTEGER,
        ended_at INTEGER, opened_at INTEGER, position INTEGER
      );
      CREATE INDEX cart_next_at ON cart (next_at) WHERE next_at IS NOT NULL;
      CREATE INDEX cart_ended_at ON cart (ended_at) WHERE ended_at IS NOT NULL;
      CREATE TABLE event (
        position INTEGER PRIMARY KEY, cart TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL, time INTEGER NOT NULL,
        body TEXT NOT NULL
      );
      ${KEY_TABLE};
      CREATE TABLE departed (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
      CREATE INDEX departed_at ON departed (at);
      CREATE TABLE progress (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), recorded INTEGER NOT NULL);
      INSERT INTO progress VALUES (1, 0);
    `);
  }
}
