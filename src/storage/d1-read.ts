import type { Cart } from "../domain/cart.ts";
import type { Recalled } from "../domain/command.ts";
import type { Reservation, Sku, WaitlistEntry } from "../domain/model.ts";
import { SKU_TABLE, type SkuRow, skuFromRow } from "./rows.ts";

/** A page of data in D1, which may lag behind the objects. */
export interface Page<Item> {
  items: Item[];
  /** Whether more items follow. */
  more: boolean;
  /** Time of the newest change in D1 of what was asked about, in milliseconds; null if there is none. */
  asOf: number | null;
}

/** SKUs by name, after `after`. */
export async function readSkus(db: D1Database, after: string, limit: number): Promise<Page<Sku>> {
  const [rows, newest] = await db.batch<SkuRow | AsOfRow>([
    db.prepare(`SELECT ${SKU_TABLE.columns} FROM sku WHERE sku > ? ORDER BY sku LIMIT ?`).bind(after, limit + 1),
    db.prepare("SELECT MAX(updated_at) AS as_of FROM sku"),
  ]);
  return pageOf((rows?.results ?? []) as SkuRow[], limit, newest, skuFromRow);
}

export interface ReservationFilter {
  customer?: string | undefined;
  sku?: string | undefined;
  status?: string | undefined;
}

/** Reservations, newest first, before the id `before`. */
export async function readReservations(
  db: D1Database,
  filter: ReservationFilter,
  before: string | null,
  limit: number,
): Promise<Page<Reservation>> {
  const { customer = null, sku = null, status = null } = filter;
  // The `+` keeps SQLite from using an index that does not narrow: a customer has few rows, a SKU many.
  const conditions = [
    customer !== null && "customer = ?1",
    sku !== null && (customer === null ? "sku = ?2" : "+sku = ?2"),
    status !== null && "status = ?3",
    before !== null && "id < ?4",
  ].filter((condition) => condition !== false);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
  const [rows, newest] = await db.batch<{ body: string } | AsOfRow>([
    db
      .prepare(`SELECT body, ?1, ?2, ?3, ?4 FROM reservation ${where} ORDER BY id DESC LIMIT ?5`)
      .bind(customer, sku, status, before, limit + 1),
    db.prepare("SELECT MAX(updated_at) AS as_of FROM sku WHERE ?1 IS NULL OR sku = ?1").bind(sku),
  ]);
  return pageOf(
    (rows?.results ?? []) as { body: string }[],
    limit,
    newest,
    ({ body }) => JSON.parse(body) as Reservation,
  );
}

/** Those of these reservations and waitlist entries of a SKU that ended without a sale: only these ever leave their object. */
export async function readEnded(
  db: D1Database,
  sku: string,
  ids: { reservations: readonly string[]; entries: readonly string[] },
): Promise<Recalled> {
  const [reservations, entries] = await db.batch<{ body: string }>([
    db
      .prepare(`${ENDED.reservation} AND status IN ('released', 'expired')`)
      .bind(JSON.stringify(ids.reservations), sku),
    db.prepare(`${ENDED.waitlist} AND status NOT IN ('waiting', 'offered')`).bind(JSON.stringify(ids.entries), sku),
  ]);
  return {
    reservations: (reservations?.results ?? []).map(({ body }) => JSON.parse(body) as Reservation),
    entries: (entries?.results ?? []).map(({ body }) => JSON.parse(body) as WaitlistEntry),
  };
}

/** A cart as its last event left it, or null. */
export async function readCart(db: D1Database, id: string): Promise<Cart | null> {
  const [rows] = await db.batch<{ body: string }>([db.prepare("SELECT body FROM cart WHERE id = ?").bind(id)]);
  const row = rows?.results[0];
  return row === undefined ? null : (JSON.parse(row.body) as Cart);
}

const ENDED = {
  reservation: "SELECT body FROM reservation WHERE id IN (SELECT value FROM json_each(?1)) AND sku = ?2",
  waitlist: "SELECT body FROM waitlist WHERE id IN (SELECT value FROM json_each(?1)) AND sku = ?2",
};

/** The SKUs that changed last. */
export async function readBusySkus(db: D1Database, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare("SELECT sku FROM sku ORDER BY updated_at DESC LIMIT ?")
    .bind(limit)
    .all<{ sku: string }>();
  return results.map(({ sku }) => sku);
}

/** Time of the newest change of what was asked about. */
export type AsOfRow = { as_of: number | null };

/** A page, from one row more than fits on it. */
export function pageOf<Row, Item>(
  rows: Row[],
  limit: number,
  newest: D1Result<unknown> | undefined,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const asOf = (newest?.results[0] as AsOfRow | undefined)?.as_of ?? null;
  return { items: rows.slice(0, limit).map(itemOf), more: rows.length > limit, asOf };
}
