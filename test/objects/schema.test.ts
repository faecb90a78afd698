import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../src/domain/model.ts";
import { migrate, SKU_SCHEMA, schemaVersion } from "../../src/storage/sku-schema.ts";
import { only, reservationOf, STOREFRONT, verdictOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { ObjectSale } from "./object-sale.ts";

const HELD = "00000000-0000-7000-8000-000000000001";
const SOLD = "00000000-0000-7000-8000-000000000002";

/** What an object wrote that last woke with schema `version`: a SKU of 10, one hold of 2, one sale of 3. */
async function asOf(version: number): Promise<ObjectSale> {
  const sale = new ObjectSale();
  await runInDurableObject(sale.stub, (_instance, state) => {
    const { sql } = state.storage;
    const now = Date.now();
    migrate(sql, now, version);
    sql.exec(
      `INSERT INTO sku (only_row, sku, name, stock, held, sold, policy, version, revision, phase, updated_at)
      VALUES (1, ?, 'Shoe', 10, 2, 3, ?, 4, 1, 'open', ?)`,
      sale.name,
      JSON.stringify(DEFAULT_POLICY),
      now,
    );
    for (const [id, status, quantity, confirmed, at] of [
      [HELD, "held", 2, 0, 2],
      [SOLD, "confirmed", 3, 3, 4],
    ] as const) {
      sql.exec(
        `INSERT INTO reservation (id, customer, quantity, status, created_at, expires_at, extendable_until,
          confirmed_quantity, returned_quantity, rescued, metadata, version)
        VALUES (?, 'ann', ?, ?, ?, ?, ?, ?, 0, 0, '{}', ?)`,
        id,
        quantity,
        status,
        now,
        now + 600_000,
        now + 1_800_000,
        confirmed,
        at,
      );
    }
    const moves = [
      ["sku.created", 10, 0, 0],
      ["reservation.held", 0, 2, 0],
      ["reservation.held", 0, 3, 0],
      ["reservation.confirmed", 0, -3, 3],
    ] as const;
    for (const [index, [type, dStock, dHeld, dSold]] of moves.entries()) {
      sql.exec(
        "INSERT INTO event (sequence, type, time, d_stock, d_held, d_sold) VALUES (?, ?, ?, ?, ?, ?)",
        index + 1,
        type,
        now,
        dStock,
        dHeld,
        dSold,
      );
    }
    sql.exec(
      "INSERT INTO command (key, sequence, at, content, outcome) VALUES ('old-key', 2, ?, 'old', ?)",
      now,
      JSON.stringify({ ok: true, type: "batch", outcomes: [], commands: [] }),
    );
  });
  await evictDurableObject(sale.stub);
  return sale;
}

describe("an object that slept through releases", () => {
  for (const version of SKU_SCHEMA.map((_step, index) => index + 1)) {
    it(`takes the steps it misses from schema ${version} on, and finds everything`, async () => {
      const sale = await asOf(version);
      expect(await sale.look()).toMatchObject({ stock: 10, held: 2, sold: 3, available: 5, version: 4 });
      expect(await sale.stub.own("ann")).toMatchObject({ units: 5, reservations: [{ id: SOLD }, { id: HELD }] });
      expect(await sale.stub.find(HELD, STOREFRONT)).toMatchObject({ status: "held", quantity: 2 });
      expect(await runInDurableObject(sale.stub, (_one, state) => schemaVersion(state.storage.sql))).toBe(
        SKU_SCHEMA.length,
      );
      const again = { key: "old-key", content: "old" };
      expect(await sale.run({ type: "batch", requests: [] }, again)).toMatchObject({ ok: true, replayed: true });
      expect(reservationOf(await sale.confirm(HELD))).toMatchObject({ status: "confirmed", version: 5 });
      expect(verdictOf(await sale.reserve({ customer: "bob", quantity: 6 }))).toBe("insufficient-stock");
      await sale.audit();
      await sale.recorded();
    });
  }

  it("knows its version step by step", async () => {
    const sale = await ObjectSale.open(1);
    const steps = await sale.rows<{ version: number }>("SELECT version FROM schema_version ORDER BY version");
    expect(steps.map(({ version }) => version)).toEqual(SKU_SCHEMA.map((_step, index) => index + 1));
  });

  it("refuses to wake on what a newer release has written", async () => {
    const sale = await ObjectSale.open(1);
    await sale.rows("INSERT INTO schema_version (version, applied_at) VALUES (?, 0)", SKU_SCHEMA.length + 1);
    await evictDurableObject(sale.stub);
    let refusal = "";
    try {
      await sale.look();
    } catch (error) {
      refusal = String(error);
    }
    expect(refusal).toContain(`schema ${SKU_SCHEMA.length + 1}`);
  });

  it("refuses to migrate what a newer release has written", async () => {
    const sale = await ObjectSale.open(1);
    await sale.rows("INSERT INTO schema_version (version, applied_at) VALUES (?, 0)", SKU_SCHEMA.length + 1);
    const refuses = await runInDurableObject(sale.stub, (_instance, state) => {
      try {
        migrate(state.storage.sql, Date.now());
        return false;
      } catch {
        return true;
      }
    });
    expect(refuses).toBe(true);
    expect(only(await sale.rows("SELECT COUNT(*) AS steps FROM schema_version"))).toEqual({
      steps: SKU_SCHEMA.length + 1,
    });
  });
});
