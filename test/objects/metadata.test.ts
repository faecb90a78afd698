import { describe, expect, it } from "vitest";
import { METADATA_BYTES_MAX } from "../../src/domain/bounds.ts";
import { call, newSku, storefront } from "../client.ts";
import { reservationOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { d1Rows } from "./d1-state.ts";
import { keyed, ObjectSale, wish } from "./object-sale.ts";

const MARK = "a-mark-that-stands-in-metadata-only";
const metadata = { m: MARK.padEnd(METADATA_BYTES_MAX - '{"m":""}'.length, "x") };

interface Kept {
  /** How often metadata stands there, by table. */
  marks: Record<string, number>;
  bytes: number;
}

function keptIn(tables: Record<string, Record<string, unknown>[]>): Kept {
  const texts = Object.entries(tables).map(([table, rows]) => [table, JSON.stringify(rows)] as const);
  const marks = texts.map(([table, text]) => [table, text.split(MARK).length - 1] as const);
  return {
    marks: Object.fromEntries(marks.filter(([, count]) => count > 0)),
    bytes: texts.reduce((sum, [, text]) => sum + text.length, 0),
  };
}

async function keptInObject(sale: ObjectSale): Promise<Kept> {
  const tables = ["reservation", "event", "command", "waitlist", "abandon"] as const;
  const rows = await Promise.all(
    tables.map(async (table) => [table, await sale.rows(`SELECT * FROM ${table}`)] as const),
  );
  return keptIn(Object.fromEntries(rows));
}

async function keptInD1(sale: ObjectSale): Promise<Kept> {
  const tables = ["reservation", "event", "command", "waitlist"] as const;
  const rows = await Promise.all(
    tables.map(
      async (table) =>
        [table, await d1Rows<Record<string, unknown>>(sale, `SELECT * FROM ${table} WHERE sku = ?`)] as const,
    ),
  );
  return keptIn(Object.fromEntries(rows));
}

const ONCE = { reservation: 1, event: 1 };

describe("metadata of two kilobytes", () => {
  it("[EVT3] stands in the reservation and in the event that sets it, here and in D1, and nowhere else", async () => {
    const sale = new ObjectSale(await newSku(5));
    const [object, d1] = [await keptInObject(sale), await keptInD1(sale)];
    const path = `/v1/skus/${sale.name}/reservations`;
    const headers = { "Idempotency-Key": "key" };
    const body = { quantity: 1, customer: "ann", metadata };
    const held = await call("POST", path, { as: storefront, body, headers });
    expect(held.status).toBe(201);
    const one = `${path}/${held.body.id}`;
    const release = { as: storefront, body: {}, headers };
    expect((await call("POST", `${one}/release`, release)).body).toMatchObject({ status: "released", metadata });
    await sale.recorded();
    const kept = [await keptInObject(sale), await keptInD1(sale)];
    expect(kept.map(({ marks }) => marks)).toEqual([ONCE, ONCE]);
    expect((kept[0]?.bytes ?? 0) - object.bytes).toBeLessThan(2 * METADATA_BYTES_MAX + 3000);
    expect((kept[1]?.bytes ?? 0) - d1.bytes).toBeLessThan(2 * METADATA_BYTES_MAX + 3000);

    await evictDurableObject(sale.stub);
    expect((await call("POST", path, { as: storefront, body, headers })).body).toEqual(held.body);
    expect((await call("POST", `${one}/release`, release)).body).toMatchObject({ status: "released", metadata });
    const other = { ...body, metadata: { m: `${metadata.m.slice(1)}y` } };
    expect((await call("POST", path, { as: storefront, body: other, headers })).status).toBe(422);
    expect((await call("GET", one, { as: storefront })).body).toMatchObject({ metadata });
    const { body: page } = await call("GET", `/v1/reservations?sku=${sale.name}`, { as: storefront });
    expect(page).toMatchObject({ items: [{ status: "released", metadata }] });
    const { body: log } = await call("GET", `/v1/events?sku=${sale.name}`, { as: storefront });
    const told = (log.items as { type: string; data: { reservation?: object } }[]).map(({ type, data }) => [
      type,
      data.reservation === undefined ? null : "metadata" in data.reservation,
    ]);
    expect(told).toEqual([
      ["sku.created", null],
      ["reservation.held", true],
      ["reservation.released", false],
    ]);
  });

  it("[EVT3] stands in no answer to a batch either, which tells it again all the same", async () => {
    const sale = new ObjectSale(await newSku(5));
    const path = `/v1/skus/${sale.name}/batch`;
    const commands = [{ type: "reserve", quantity: 1, customer: "ann", metadata, idempotencyKey: "part" }];
    const options = { as: storefront, body: { commands }, headers: { "Idempotency-Key": "batch" } };
    const first = await call("POST", path, options);
    await sale.recorded();
    expect([(await keptInObject(sale)).marks, (await keptInD1(sale)).marks]).toEqual([ONCE, ONCE]);
    await evictDurableObject(sale.stub);
    const again = await call("POST", path, options);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(JSON.stringify(again.body)).toContain(MARK);
  });

  it("[EVT3] of a try stands in the event with which that is held", async () => {
    const sale = await ObjectSale.open(5);
    const reserve = wish({ metadata });
    const id = "id" in reserve ? reserve.id : "";
    await sale.run({ ...reserve, cart: "cart-1" } as typeof reserve, { content: "" });
    expect((await keptInObject(sale)).marks).toEqual({ reservation: 1 });
    const settle = keyed({ type: "settle", id, granted: true, of: "reserve" }, { actor: { role: "service" } });
    const { outcomes } = await sale.execute([settle]);
    expect(reservationOf(outcomes[0]).metadata).toEqual(metadata);
    await sale.recorded();
    expect([(await keptInObject(sale)).marks, (await keptInD1(sale)).marks]).toEqual([ONCE, ONCE]);
  });
});
