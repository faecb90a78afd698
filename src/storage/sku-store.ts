import { LOCK_MS, OPEN_CLAIMS_MAX, OWN_RESERVATIONS_MAX } from "../domain/bounds.ts";
import type { Reservation, Sku, SkuEvent } from "../domain/model.ts";
import { retireRows } from "./retire.ts";
import {
  EVENT_TABLE,
  type EventRow,
  eventFromRow,
  RESERVATION_TABLE,
  type ReservationRow,
  reservationFromRow,
  SKU_TABLE,
  type SkuRow,
  skuFromRow,
} from "./rows.ts";

const COLUMNS = RESERVATION_TABLE.columns;

const SAVE_SKU = `INSERT INTO sku (only_row, ${SKU_TABLE.columns}) VALUES (1, ${SKU_TABLE.names.map(() => "?").join(", ")})
  ON CONFLICT DO UPDATE SET ${SKU_TABLE.takeOver}`;

/** Holds that can die, and when; the words are those of the index. */
const MORTAL = "status = 'held' AND locked_until IS NULL AND expires_at";

/** Units that count against limits: in holds and in purchases. */
const UNITS = "COALESCE(SUM(CASE status WHEN 'held' THEN quantity ELSE confirmed_quantity - returned_quantity END), 0)";

/** The rows of one SKU object whose schema exists. Synchronous; callers own the transaction. */
export class SkuStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The SKU as last committed. */
  sku(): Sku {
    return skuFromRow(this.#sql.exec<SkuRow>(`SELECT ${SKU_TABLE.columns} FROM sku`).one());
  }

  /** Dead holds, earliest end first, at most `limit`. */
  dueHolds(sku: string, now: number, limit: number): Reservation[] {
    const query = `SELECT ${COLUMNS} FROM reservation WHERE ${MORTAL} <= ? ORDER BY expires_at LIMIT ?`;
    return this.#reservations(sku, query, now, limit);
  }

  /** Those of these reservations that exist. */
  reservations(sku: string, ids: readonly string[]): Reservation[] {
    const query = `SELECT ${COLUMNS} FROM reservation WHERE id IN (SELECT value FROM json_each(?))`;
    return this.#reservations(sku, query, JSON.stringify(ids));
  }

  /** A customer's live holds and purchases, newest first. Excludes tries: they are internal. */
  ownReservations(sku: string, customer: string, now: number): Reservation[] {
    const query = `SELECT ${COLUMNS} FROM reservation WHERE customer = ? AND status IN ('held', 'confirmed')
      AND NOT (${MORTAL} <= ?) AND attempt IS NULL ORDER BY id DESC LIMIT ?`;
    return this.#reservations(sku, query, customer, now, OWN_RESERVATIONS_MAX);
  }

  /** Holds that die after `after` and by `until`, earliest first: their holders are to be warned. */
  holdsExpiringIn(sku: string, after: number, until: number, limit: number): Reservation[] {
    const query = `SELECT ${COLUMNS} FROM reservation WHERE ${MORTAL} > ? AND expires_at <= ? AND attempt IS NULL
      ORDER BY expires_at LIMIT ?`;
    return this.#reservations(sku, query, after, until, limit);
  }

  /** The customers of live claims and of what was given back lately, some more than once: any `limit` of each. */
  knownCustomers(limit: number): string[] {
    const queries = [
      "SELECT customer FROM reservation WHERE status IN ('held', 'confirmed') LIMIT ?",
      "SELECT customer FROM abandon LIMIT ?",
    ];
    return queries.flatMap((query) =>
      Array.from(this.#sql.exec<{ customer: string }>(query, limit), ({ customer }) => customer),
    );
  }

  /** Units per customer that count against limits: held and not dead, or bought and not returned. */
  liveUnits(customers: readonly string[], now: number): Map<string, number> {
    const units = new Map(customers.map((customer) => [customer, 0]));
    const rows = this.#sql.exec<{ customer: string; units: number }>(
      `SELECT customer, ${UNITS} AS units FROM reservation
      WHERE customer IN (SELECT value FROM json_each(?)) AND status IN ('held', 'confirmed')
        AND NOT (${MORTAL} <= ?)
      GROUP BY customer`,
      JSON.stringify(customers),
      now,
    );
    for (const row of rows) units.set(row.customer, row.units);
    return units;
  }

  /** A customer's units as shown to it: those that count against limits, without tries. */
  toldUnits(customer: string, now: number): number {
    const query = `SELECT ${UNITS} AS units FROM reservation WHERE customer = ? AND status IN ('held', 'confirmed')
      AND NOT (${MORTAL} <= ?) AND attempt IS NULL`;
    return this.#sql.exec<{ units: number }>(query, customer, now).one().units;
  }

  /** All claims of these customers, dead holds and tries included, newest first. */
  openClaims(sku: string, customers: readonly string[]): Reservation[] {
    const query = `SELECT ${COLUMNS} FROM reservation WHERE customer IN (SELECT value FROM json_each(?))
      AND status IN ('held', 'confirmed') AND status = 'held' ORDER BY id DESC LIMIT ?`;
    return this.#reservations(sku, query, JSON.stringify(customers), OPEN_CLAIMS_MAX);
  }

  /** Units of all dead holds that are not released yet. */
  overdueUnits(now: number): number {
    return this.#sql
      .exec<{ units: number }>(`SELECT COALESCE(SUM(quantity), 0) AS units FROM reservation WHERE ${MORTAL} <= ?`, now)
      .one().units;
  }

  /** When the next hold dies, or null. */
  nextExpiryAt(after = 0): number | null {
    return this.#sql
      .exec<{ at: number | null }>(`SELECT MIN(expires_at) AS at FROM reservation WHERE ${MORTAL} > ?`, after)
      .one().at;
  }

  /** Units in tries. */
  triedUnits(): number {
    return this.#sql
      .exec<{ units: number }>("SELECT COALESCE(SUM(quantity), 0) AS units FROM reservation WHERE attempt IS NOT NULL")
      .one().units;
  }

  /** Lines that are locked for their cart, earliest lock first, at most `limit`. */
  lockedLines(sku: string, now: number, limit: number): Reservation[] {
    const query = `SELECT ${COLUMNS} FROM reservation WHERE locked_until <= ?1 OR locked_until > ?2 ORDER BY locked_until LIMIT ?3`;
    return this.#reservations(sku, query, now, now + LOCK_MS, limit);
  }

  /** When the next lock has lasted too long, or null. */
  nextLockAt(): number | null {
    return this.#sql
      .exec<{ at: number | null }>("SELECT MIN(locked_until) AS at FROM reservation WHERE locked_until IS NOT NULL")
      .one().at;
  }

  /** Writes the SKU's row. */
  saveSku(sku: Sku): void {
    this.#sql.exec(SAVE_SKU, ...SKU_TABLE.valuesOf(sku));
  }

  /** Writes a new reservation. Throws if its id is taken. */
  addReservation(reservation: Reservation): void {
    this.#sql.exec(RESERVATION_TABLE.insert, ...RESERVATION_TABLE.valuesOf(reservation));
  }

  /** Writes the changeable columns of a reservation. */
  saveReservation(reservation: Reservation): void {
    this.#sql.exec(RESERVATION_TABLE.update, ...RESERVATION_TABLE.changesOf(reservation), reservation.id);
  }

  /** Removes a cancelled try. */
  removeReservation(id: string): void {
    this.#sql.exec("DELETE FROM reservation WHERE id = ?", id);
  }

  /** Appends an event, which is also its outbox entry. */
  addEvent(event: SkuEvent): void {
    this.#sql.exec(EVENT_TABLE.insert, ...EVENT_TABLE.valuesOf(event));
  }

  /**
   * Events of these types after a sequence that concern a cart's line, a counted claim, an offer or a loan; of tries only those
   * of offers.
   */
  eventsForOthers(after: number, types: readonly string[], limit: number): SkuEvent[] {
    const rows = this.#sql.exec<EventRow>(
      `SELECT ${EVENT_TABLE.columns} FROM event WHERE sequence > ? AND type IN (SELECT value FROM json_each(?))
        AND (reservation ->> '$.countedBy' IS NOT NULL OR reservation ->> '$.cart' IS NOT NULL
          OR detail ->> '$.superseded' IS NOT NULL OR detail ->> '$.restored' IS NOT NULL)
        AND (type <> 'reservation.tried' OR entry IS NOT NULL) ORDER BY sequence LIMIT ?`,
      after,
      JSON.stringify(types),
      limit,
    );
    return Array.from(rows, eventFromRow);
  }

  /** When the event of this sequence happened, or null. */
  eventAt(sequence: number): number | null {
    return (
      this.#sql.exec<{ time: number }>("SELECT time FROM event WHERE sequence = ?", sequence).toArray()[0]?.time ?? null
    );
  }

  /** When the oldest stored event happened, or null. */
  oldestEventAt(): number | null {
    return (
      this.#sql.exec<{ time: number }>("SELECT time FROM event ORDER BY sequence LIMIT 1").toArray()[0]?.time ?? null
    );
  }

  /** Removes rows older than `before` (see `retireRows`); returns the number of events. */
  retire(before: number, recorded: number, now: number): number {
    const oldest = this.oldestEventAt();
    // A time in the future was made by a wrong clock and says nothing.
    if (oldest === null || (oldest >= before && oldest <= now)) return 0;
    return retireRows(this.#sql, before, recorded, now);
  }

  #reservations(sku: string, query: string, ...bindings: (string | number)[]): Reservation[] {
    return Array.from(this.#sql.exec<ReservationRow>(query, ...bindings), (row) => reservationFromRow(sku, row));
  }
}
