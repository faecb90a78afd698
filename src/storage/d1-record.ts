import { RECORD_PARAMETER_CHARS_MAX } from "../domain/bounds.ts";
import type { CartBatch, CartEvent } from "./cart-store.ts";
import type { DocumentBatch, DocumentEvent } from "./document-store.ts";
import type { RecordBatch } from "./outbox.ts";
import { type CommandRow, EVENT_TABLE, type EventRow, SKU_TABLE } from "./rows.ts";

/** Where an event has this column in its JSON array. */
const at = (column: keyof EventRow) => `value ->> ${EVENT_TABLE.names.indexOf(column)}`;

const ADD_EVENTS = `INSERT INTO event (stream, sku, ${EVENT_TABLE.columns})
  SELECT 'sku/' || ?1, ?1, ${EVENT_TABLE.names.map((_, index) => `value ->> ${index}`).join(", ")}
  FROM json_each(?2) WHERE true
  ON CONFLICT DO NOTHING`;

/**
 * Several states of one reservation may come in one batch: they are applied in order, and the newest stays, with the metadata
 * of the state that set it. A try for a new claim is not written: it becomes a reservation when it is held, or is never
 * visible.
 */
const SAVE_RESERVATIONS = `INSERT INTO reservation (id, sku, customer, status, version, body)
  SELECT body ->> '$.id', ?1, body ->> '$.customer', body ->> '$.status', body ->> '$.version', body
  FROM (SELECT ${at("type")} AS type, ${at("reservation")} AS body FROM json_each(?2)) WHERE body IS NOT NULL
    AND NOT (type = 'reservation.tried' AND body ->> '$.attempt.purpose' <> 'rescue')
    AND NOT (type = 'reservation.cancelled' AND body ->> '$.status' = 'released')
  ON CONFLICT (id) DO UPDATE SET status = excluded.status, version = excluded.version, body =
      IIF(excluded.body -> '$.metadata' IS NULL,
        json_set(excluded.body, '$.metadata', json(reservation.body -> '$.metadata')), excluded.body)
    WHERE excluded.version > reservation.version`;

const SAVE_ENTRIES = `INSERT INTO waitlist (id, sku, customer, status, version, body)
  SELECT body ->> '$.id', ?1, body ->> '$.customer', body ->> '$.status', body ->> '$.version', body
  FROM (SELECT ${at("entry")} AS body FROM json_each(?2)) WHERE body IS NOT NULL
  ON CONFLICT (id) DO UPDATE SET status = excluded.status, version = excluded.version, body = excluded.body
    WHERE excluded.version > waitlist.version`;

const ADD_COMMANDS = `INSERT INTO command (sku, key, sequence, at, content, outcome)
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?2) WHERE true
  ON CONFLICT (sku, key) DO UPDATE SET sequence = excluded.sequence, at = excluded.at, content = excluded.content,
    outcome = excluded.outcome WHERE excluded.sequence > command.sequence`;

const SAVE_SKU = `${SKU_TABLE.insert}
  ON CONFLICT (sku) DO UPDATE SET ${SKU_TABLE.takeOver} WHERE excluded.version > sku.version`;

const SAVE_DUE = "UPDATE sku SET due_at = ?3 WHERE sku = ?1 AND version = ?2 AND due_at IS NOT ?3";

/**
 * Writes a range of events to D1 in one transaction: one statement per table, or a few if one parameter would be too large.
 * Idempotent. If it rejects, the write may or may not have happened.
 */
export async function recordInD1(db: D1Database, batch: RecordBatch): Promise<void> {
  const { sku, events, commands, dueAt } = batch;
  const hasEntries = events.some(({ entry }) => entry !== null);
  const statements: D1PreparedStatement[] = [];
  for (const parameter of jsonArrays(events.map(eventValues))) {
    statements.push(db.prepare(ADD_EVENTS).bind(sku.sku, parameter));
    statements.push(db.prepare(SAVE_RESERVATIONS).bind(sku.sku, parameter));
    if (hasEntries) statements.push(db.prepare(SAVE_ENTRIES).bind(sku.sku, parameter));
  }
  for (const parameter of jsonArrays(commands.map(commandValues))) {
    statements.push(db.prepare(ADD_COMMANDS).bind(sku.sku, parameter));
  }
  if (batch.complete) {
    statements.push(db.prepare(SAVE_SKU).bind(...SKU_TABLE.valuesOf(sku)));
    statements.push(db.prepare(SAVE_DUE).bind(sku.sku, sku.version, dueAt));
  }
  await db.batch(statements);
}

const ADD_DOCUMENT_EVENTS = `INSERT INTO event (stream, sequence, type, time, detail)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?) WHERE true
  ON CONFLICT DO NOTHING`;

const SAVE_CARTS = `INSERT INTO cart (id, customer, status, version, body)
  SELECT body ->> '$.id', body ->> '$.customer', body ->> '$.status', body ->> '$.version', body
  FROM (SELECT value ->> 4 AS body FROM json_each(?)) WHERE true
  ON CONFLICT DO UPDATE SET status = excluded.status, version = excluded.version, body = excluded.body
    WHERE excluded.version > cart.version`;

const SAVE_DROP = `INSERT INTO "drop" (name, version, body) VALUES (?1 ->> '$.drop', ?2, ?1)
  ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body WHERE excluded.version > "drop".version`;

/** Writes a stretch of the events of some carts to D1, and their state after each. Sent twice it changes nothing. */
export async function recordCartsInD1(db: D1Database, { events }: CartBatch): Promise<void> {
  const values = ({ cart, sequence, type, time, body }: CartEvent) => [`cart/${cart}`, sequence, type, time, body];
  const statements = jsonArrays(events.map(values)).flatMap((parameter) => [
    db.prepare(ADD_DOCUMENT_EVENTS).bind(parameter),
    db.prepare(SAVE_CARTS).bind(parameter),
  ]);
  if (statements.length > 0) await db.batch(statements);
}

/** Writes a stretch of a drop's events to D1, and its state after them. Sent twice it changes nothing. */
export async function recordDropInD1(db: D1Database, drop: string, { events }: DocumentBatch): Promise<void> {
  const last = events.at(-1);
  if (last === undefined) return;
  const values = ({ sequence, type, time, body }: DocumentEvent) => [`drop/${drop}`, sequence, type, time, body];
  const added = jsonArrays(events.map(values)).map((parameter) => db.prepare(ADD_DOCUMENT_EVENTS).bind(parameter));
  await db.batch([...added, db.prepare(SAVE_DROP).bind(last.body, last.sequence)]);
}

const EVENT_COLUMNS = EVENT_TABLE.names as readonly (keyof EventRow)[];

function eventValues(row: EventRow): unknown[] {
  return EVENT_COLUMNS.map((column) => row[column]);
}

function commandValues(row: CommandRow): unknown[] {
  return [row.key, row.sequence, row.at, row.content, row.outcome];
}

/** Rows as JSON arrays that each fit into one parameter. No single row is too large: a body has at most 64 KiB. */
function jsonArrays(rows: readonly unknown[]): string[] {
  const arrays: string[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const json = JSON.stringify(row);
    chars += json.length + 1;
    if (chars > RECORD_PARAMETER_CHARS_MAX) {
      arrays.push([]);
      chars = json.length;
    }
    arrays.at(-1)?.push(json);
  }
  return arrays.map((jsons) => `[${jsons.join(",")}]`);
}
