import type { Delivery, DeliveryAttempt } from "../domain/delivery.ts";

type DeliveryRow = {
  position: number;
  event: string;
  type: string;
  stream: string;
  sequence: number;
  status: string;
  round: number;
  tries: number;
  tried_since: number | null;
  attempts: number;
  aside: number;
  next_attempt_at: number | null;
  last_attempt: string | null;
};

const COLUMNS = `position, event, type, stream, sequence, status, round, tries, tried_since, attempts, aside,
  next_attempt_at, last_attempt`;

export interface DeliveryFilter {
  status?: Delivery["status"] | undefined;
}

/** The deliveries of one webhook, and the last event of each stream among them. Synchronous; callers own the transaction. */
export class DeliveryStore {
  readonly #sql: SqlStorage;
  /** The pending deliveries by position, cached: there is no other writer. */
  #pending: Map<number, Delivery> | null = null;
  #count: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The pending deliveries, in the order of the log. */
  pending(): ReadonlyMap<number, Delivery> {
    this.#pending ??= new Map(
      this.#sql
        .exec<DeliveryRow>(`SELECT ${COLUMNS} FROM delivery WHERE status = 'pending' ORDER BY position`)
        .toArray()
        .map((row) => [row.position, fromRow(row)]),
    );
    return this.#pending;
  }

  /** A delivery, or null. */
  find(position: number): Delivery | null {
    const row = this.#sql
      .exec<DeliveryRow>(`SELECT ${COLUMNS} FROM delivery WHERE position = ?`, position)
      .toArray()[0];
    return row === undefined ? null : fromRow(row);
  }

  /** The newest deliveries before a position: one more than `limit` if there are. */
  page({ status }: DeliveryFilter, before: number | null, limit: number): Delivery[] {
    const where = status === undefined ? "(?1 IS NULL)" : "status = ?1";
    return this.#sql
      .exec<DeliveryRow>(
        `SELECT ${COLUMNS} FROM delivery WHERE ${where} AND position < ?2 ORDER BY position DESC LIMIT ?3`,
        status ?? null,
        before ?? Number.MAX_SAFE_INTEGER,
        limit + 1,
      )
      .toArray()
      .map(fromRow);
  }

  /** The body to send: the same bytes at every try. */
  bodyOf(position: number): string {
    return this.#sql.exec<{ body: string }>("SELECT body FROM delivery WHERE position = ?", position).one().body;
  }

  /** Adds deliveries with later positions than all others. */
  add(deliveries: readonly { delivery: Delivery; body: string }[]): void {
    const pending = this.pending() as Map<number, Delivery>;
    for (const { delivery, body } of deliveries) {
      const values = valuesOf(delivery);
      this.#sql.exec(
        `INSERT INTO delivery (${COLUMNS}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...values,
        body,
      );
      this.#sql.exec(
        "INSERT INTO stream (stream, sequence, position) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET sequence = ?2, position = ?3",
        delivery.stream,
        delivery.sequence,
        delivery.position,
      );
      pending.set(delivery.position, delivery);
    }
    if (this.#count !== null) this.#count += deliveries.length;
  }

  /** Writes the new state of a delivery. */
  save(delivery: Delivery): void {
    this.#sql.exec(
      `UPDATE delivery SET status = ?2, round = ?3, tries = ?4, tried_since = ?5, attempts = ?6, aside = ?7,
        next_attempt_at = ?8, last_attempt = ?9 WHERE position = ?1`,
      delivery.position,
      ...valuesOf(delivery).slice(5),
    );
    // A delivery that is sent again takes its place among the pending ones.
    const known = this.#pending?.has(delivery.position) === true;
    if (delivery.status !== "pending") this.#pending?.delete(delivery.position);
    else if (known) this.#pending?.set(delivery.position, delivery);
    else this.#pending = null;
  }

  /** Makes all pending deliveries due now. */
  hasten(now: number): void {
    this.#sql.exec("UPDATE delivery SET next_attempt_at = ?1 WHERE status = 'pending' AND next_attempt_at > ?1", now);
    this.#pending = null;
  }

  /** Removes all deliveries after a position, with the state of their streams: they are taken from the log again. */
  dropAfter(position: number): void {
    this.#sql.exec("DELETE FROM delivery WHERE position > ?", position);
    this.#sql.exec("DELETE FROM stream");
    this.forget();
  }

  /**
   * Removes the oldest ended deliveries, so that `most` remain beside the pending ones, and streams without deliveries; does
   * nothing if fewer than `least` would be removed.
   */
  trim(most: number, least: number): void {
    this.#count ??= this.#sql.exec<{ count: number }>("SELECT COUNT(*) AS count FROM delivery").one().count;
    const surplus = this.#count - this.pending().size - most;
    if (surplus < least) return;
    this.#sql.exec(
      `DELETE FROM delivery WHERE position IN (
        SELECT position FROM delivery WHERE status <> 'pending' ORDER BY position LIMIT ?)`,
      surplus,
    );
    this.#sql.exec("DELETE FROM stream WHERE position < (SELECT MIN(position) FROM delivery)");
    this.#count -= surplus;
  }

  /** Sequence of the last delivery of each of these streams, if known. */
  lastOf(streams: readonly string[]): Map<string, number> {
    const rows = this.#sql.exec<{ stream: string; sequence: number }>(
      "SELECT stream, sequence FROM stream WHERE stream IN (SELECT value FROM json_each(?))",
      JSON.stringify(streams),
    );
    return new Map(Array.from(rows, ({ stream, sequence }) => [stream, sequence]));
  }

  /** Clears the cache. */
  forget(): void {
    this.#pending = null;
    this.#count = null;
  }

  /** Creates the tables. */
  create(): void {
    this.#sql.exec(`
      CREATE TABLE delivery (
        position INTEGER PRIMARY KEY, event TEXT NOT NULL, type TEXT NOT NULL, stream TEXT NOT NULL,
        sequence INTEGER NOT NULL, status TEXT NOT NULL, round INTEGER NOT NULL, tries INTEGER NOT NULL,
        tried_since INTEGER, attempts INTEGER NOT NULL, aside INTEGER NOT NULL, next_attempt_at INTEGER,
        last_attempt TEXT, body TEXT NOT NULL
      );
      CREATE INDEX delivery_status ON delivery (status, position);
      CREATE TABLE stream (
        stream TEXT PRIMARY KEY, sequence INTEGER NOT NULL, position INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX stream_position ON stream (position);
    `);
  }
}

function valuesOf(delivery: Delivery): (string | number | null)[] {
  const { position, event, type, stream, sequence, lastAttempt } = delivery;
  const { status, round, tries, triedSince, attempts, aside, nextAttemptAt } = delivery;
  const last = lastAttempt === null ? null : JSON.stringify(lastAttempt);
  const progress = [status, round, tries, triedSince, attempts, aside ? 1 : 0, nextAttemptAt, last];
  return [position, event, type, stream, sequence, ...progress];
}

function fromRow(row: DeliveryRow): Delivery {
  const { tried_since, next_attempt_at, last_attempt, aside, type, status, ...rest } = row;
  return {
    ...rest,
    type: type as Delivery["type"],
    status: status as Delivery["status"],
    triedSince: tried_since,
    aside: aside === 1,
    nextAttemptAt: next_attempt_at,
    lastAttempt: last_attempt === null ? null : (JSON.parse(last_attempt) as DeliveryAttempt),
  };
}
