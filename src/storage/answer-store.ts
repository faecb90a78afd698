import type { Outcome } from "../domain/command.ts";
import type { LoggedReservation } from "../domain/log.ts";
import type { Reservation } from "../domain/model.ts";
import type { StoredAnswer } from "../domain/unit-of-work.ts";
import type { CommandRow } from "./rows.ts";

/** The stored answers to idempotency keys of one SKU object. Synchronous; callers own the transaction. */
export class AnswerStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The stored answers to these keys. */
  of(keys: readonly string[]): Map<string, StoredAnswer> {
    const rows = this.#sql.exec<AnswerRow>(
      `SELECT command.key, command.content, command.outcome, event.reservation, reservation.metadata
      FROM command LEFT JOIN event USING (sequence)
        LEFT JOIN reservation ON reservation.id = event.reservation ->> '$.id'
      WHERE key IN (SELECT value FROM json_each(?))`,
      JSON.stringify(keys),
    );
    const answers = new Map(Array.from(rows, (row) => [row.key, answerFromRow(row)]));
    this.#addMetadata([...answers.values()].flatMap(batchedReservations));
    return answers;
  }

  /** Stores the answer to a key, or replaces it, in the transaction that ends at `sequence`. */
  save(key: string, answer: StoredAnswer, sequence: number, at: number): void {
    const kept = keptOutcome(answer.outcome, sequence);
    this.#sql.exec(
      `INSERT INTO command (key, sequence, at, content, outcome) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT DO UPDATE SET sequence = ?2, at = ?3, content = ?4, outcome = ?5`,
      key,
      kept.sequence,
      at,
      answer.content,
      kept.outcome,
    );
  }

  /** Removes the answer to a key: what it stood for was cancelled. */
  remove(key: string): void {
    this.#sql.exec("DELETE FROM command WHERE key = ?", key);
  }

  /** Adds the metadata, which is stored with the reservations only. */
  #addMetadata(reservations: readonly Reservation[]): void {
    if (reservations.length === 0) return;
    const rows = this.#sql.exec<{ id: string; metadata: string }>(
      "SELECT id, metadata FROM reservation WHERE id IN (SELECT value FROM json_each(?))",
      JSON.stringify(reservations.map(({ id }) => id)),
    );
    const metadata = new Map(Array.from(rows, (row) => [row.id, row.metadata]));
    for (const one of reservations) one.metadata = JSON.parse(metadata.get(one.id) ?? "{}");
  }
}

/** A key's answer with the reservation of its event, if any, and the reservation's metadata. */
type AnswerRow = Pick<CommandRow, "key" | "content" | "outcome"> & {
  reservation: string | null;
  metadata: string | null;
};

/**
 * The stored form of an outcome, and the event that it belongs to. The reservation is not stored twice: it is in the event of
 * the command, which is kept as long as the key. Metadata is never stored with an answer.
 */
function keptOutcome(outcome: Outcome, sequence: number): { outcome: string; sequence: number } {
  if (isAboutReservation(outcome)) {
    const { reservation, ...rest } = outcome;
    return { outcome: JSON.stringify(rest), sequence: reservation.version };
  }
  const parts =
    outcome.ok && outcome.type === "batch" ? { ...outcome, outcomes: outcome.outcomes.map(withoutMetadata) } : outcome;
  return { outcome: JSON.stringify(parts), sequence };
}

/** The outcome from its stored form. Parts of a batch have no metadata. */
function answerFromRow(row: AnswerRow): StoredAnswer {
  const outcome = JSON.parse(row.outcome) as Outcome;
  if (isAboutReservation(outcome)) {
    if (row.reservation === null) throw new Error("the event of this answer is missing");
    const metadata = JSON.parse(row.metadata ?? "{}") as Reservation["metadata"];
    outcome.reservation = { metadata, ...(JSON.parse(row.reservation) as LoggedReservation) };
  }
  return { content: row.content, outcome };
}

/** The reservations in the parts of a batch. */
function batchedReservations({ outcome }: StoredAnswer): Reservation[] {
  if (!outcome.ok || outcome.type !== "batch") return [];
  return outcome.outcomes.flatMap((part) => (isAboutReservation(part) ? [part.reservation] : []));
}

type AboutReservation = Extract<Outcome, { type: "reservation" | "try" }>;

function isAboutReservation(outcome: Outcome): outcome is AboutReservation {
  return outcome.ok && (outcome.type === "reservation" || outcome.type === "try");
}

function withoutMetadata(part: Outcome): unknown {
  if (!isAboutReservation(part)) return part;
  const { metadata: _kept, ...reservation } = part.reservation;
  return { ...part, reservation };
}
