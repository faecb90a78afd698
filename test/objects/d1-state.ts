import { env } from "cloudflare:workers";
import { expect, type MockInstance, vi } from "vitest";
import type { Reservation } from "../../src/domain/model.ts";
import { type ReservationRow, reservationFromRow } from "../../src/storage/rows.ts";
import type { ObjectSale } from "./object-sale.ts";

/** D1's one way in for the objects, to be spied on or broken: tests and objects share it. */
export function spyOnD1(): MockInstance<D1Database["batch"]> {
  return vi.spyOn(Object.getPrototypeOf(env.DB) as D1Database, "batch");
}

/** Breaks D1 for every object until the spy is restored. */
export function breakD1(): MockInstance<D1Database["batch"]> {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  return spyOnD1().mockImplementation(() => Promise.reject(new Error("D1 is down")));
}

/** Rows of a query to D1 about one SKU. */
export async function d1Rows<Row>(sale: ObjectSale, query: string): Promise<Row[]> {
  return (await env.DB.prepare(query).bind(sale.name).all<Row>()).results;
}

export async function d1Count(sale: ObjectSale, table: string): Promise<number> {
  return (await d1Rows(sale, `SELECT 1 FROM ${table} WHERE sku = ?`)).length;
}

/** Row for row, whatever D1 has of a SKU has to be what its object has. */
export async function expectSameInD1(sale: ObjectSale): Promise<void> {
  const sku = "sku, name, drop_name, stock, held, sold, policy, version, revision, phase, updated_at";
  expect(await d1Rows(sale, `SELECT ${sku} FROM sku WHERE sku = ?`)).toEqual(await sale.rows(`SELECT ${sku} FROM sku`));
  const event = "sequence, type, time, d_stock, d_held, d_sold, reservation, detail";
  expect(await d1Rows(sale, `SELECT ${event} FROM event WHERE stream = 'sku/' || ? ORDER BY sequence`)).toEqual(
    await sale.rows(`SELECT ${event} FROM event ORDER BY sequence`),
  );
  const command = "key, sequence, at, content, outcome";
  expect(await d1Rows(sale, `SELECT ${command} FROM command WHERE sku = ? ORDER BY key`)).toEqual(
    await sale.rows(`SELECT ${command} FROM command ORDER BY key`),
  );
  await expectSameReservations(sale);
}

async function expectSameReservations(sale: ObjectSale): Promise<void> {
  const inObject = (await sale.rows<ReservationRow>("SELECT * FROM reservation ORDER BY id")).map((row) =>
    reservationFromRow(sale.name, row),
  );
  const inD1 = await d1Rows<{ id: string; customer: string; status: string; version: number; body: string }>(
    sale,
    "SELECT id, customer, status, version, body FROM reservation WHERE sku = ? ORDER BY id",
  );
  expect(inD1.map(({ body }) => JSON.parse(body) as Reservation)).toEqual(inObject);
  expect(inD1.map(({ body: _body, ...columns }) => columns)).toEqual(
    inObject.map(({ id, customer, status, version }) => ({ id, customer, status, version })),
  );
}
