import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { lastPosition } from "../../src/storage/d1-log.ts";
import { WaitlistStore } from "../../src/storage/waitlist-store.ts";
import { scansOf, unboundedQueries } from "../query-plans.ts";
import { ObjectSale } from "./object-sale.ts";

// Every file of this project ends with a look at the plans of all statements that its tests had objects and D1 execute.

it("[REC9] sees the plans of statements, and finds one that scans", async () => {
  const sale = await ObjectSale.open(3);
  await sale.hold();
  await lastPosition(env.DB);
  expect(await unboundedQueries()).toEqual([]);
  await runInDurableObject(sale.stub, (_instance, { storage: { sql } }) => {
    const plan = (query: string) => scansOf(query, sql.exec(`EXPLAIN QUERY PLAN ${query}`).toArray());
    expect(plan("SELECT id FROM reservation WHERE order_id = 'o'")).toEqual(["SCAN reservation"]);
    expect(plan("SELECT id FROM reservation WHERE id = 'r'")).toEqual([]);
    expect(plan("SELECT time FROM event WHERE type = 'x' ORDER BY sequence LIMIT 1")).toEqual(["SCAN event"]);
  });
});

/** Storage that counts the rows that are read through it. */
function counting(sql: SqlStorage): { sql: SqlStorage; rowsReadBy(read: () => unknown): number } {
  let rows = 0;
  const exec = (...given: Parameters<SqlStorage["exec"]>) => {
    const cursor = sql.exec(...given);
    const all = cursor.toArray();
    rows += cursor.rowsRead;
    return Object.assign(all, { toArray: () => all, one: () => all[0] });
  };
  return {
    sql: { exec } as unknown as SqlStorage,
    rowsReadBy(read) {
      rows = 0;
      read();
      return rows;
    },
  };
}

it("[REC9] [WTL12] finds who can be served, and a position, without reading the whole line", async () => {
  const sale = await ObjectSale.open(1);
  await runInDurableObject(sale.stub, (_instance, { storage: { sql } }) => {
    sql.exec(`INSERT INTO waitlist (id, customer, quantity, status, rank, created_at, version)
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      SELECT 'entry-' || i, 'customer-' || i, 2 + i % 3, 'waiting', i * 3, 0, 1 FROM n`);
    const counted = counting(sql);
    const line = new WaitlistStore(counted.sql);
    const ranks = (units: number, limit: number) => line.line(sale.name, units, limit).map(({ rank }) => rank);
    expect(counted.rowsReadBy(() => expect(ranks(1, 10)).toEqual([]))).toBeLessThan(10);
    expect(counted.rowsReadBy(() => expect(ranks(2, 2)).toEqual([9, 18]))).toBeLessThan(50);
    expect(counted.rowsReadBy(() => expect(ranks(9, 4)).toEqual([3, 6, 9, 12]))).toBeLessThan(100);
    expect(counted.rowsReadBy(() => expect(line.position(60_000)).toBe(20_000))).toBeLessThan(1_000);
    expect([line.position(3), line.position(512 * 3)]).toEqual([1, 512]);
    sql.exec("UPDATE waitlist SET status = 'withdrawn' WHERE rank <= 30000");
    expect(line.position(60_000)).toBe(10_000);
    sql.exec("UPDATE waitlist SET status = 'waiting' WHERE rank <= 30000");
    expect(line.position(60_000)).toBe(20_000);
    sql.exec("UPDATE waitlist SET status = 'offered', reservation = 'r' WHERE rank > 3");
    expect([line.position(60_000), ranks(9, 4)]).toEqual([1, [3]]);
    sql.exec("UPDATE waitlist SET status = 'accepted'");
    expect(sql.exec("SELECT * FROM waitlist_stretch").toArray()).toEqual([]);
  });
});
