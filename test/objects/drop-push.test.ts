import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LOCK_MS, WARM_UP_MS } from "../../src/domain/bounds.ts";
import { verdictOf } from "../domain/sale.ts";
import { d1Rows } from "./d1-state.ts";
import { DropCase } from "./drop-case.ts";
import { stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const none = { drop: null, state: "open", revision: null };

describe("a drop", () => {
  it("[DRP10] goes on telling a SKU that does not answer, and says so to its caller meanwhile", async () => {
    const made = await DropCase.make();
    expect((await made.create()).ok).toBe(true);
    await made.breakCalls("enroll");
    expect(await made.patch({ paused: true }, 1_000)).toEqual({
      ok: false,
      refusal: { code: "unavailable", outcome: "unknown" },
    });
    expect((await made.members()).map(({ state }) => state)).toEqual(["paused", "open", "paused"]);
    expect(await made.look()).toMatchObject({ paused: true, revision: 2 });
    vi.restoreAllMocks();
    await made.ring();
    const paused = [2, 2, 2].map((revision) => ({ drop: made.name, state: "paused", revision }));
    await expect.poll(() => made.members()).toEqual(paused);
  });

  it("[DRP7] that dies while it asks for agreement leaves all SKUs as they were", async () => {
    const made = await DropCase.make();
    await made.breakCalls("freeze", () => made.crash());
    await made.create({ perCustomerLimit: 1 }).catch(() => undefined);
    vi.restoreAllMocks();
    await made.ring();
    expect(await made.members()).toEqual([none, none, none]);
    expect(await made.look()).toBeNull();
  });

  it("[DRP7] that dies while it tells what is decided tells it when it is back", async () => {
    const made = await DropCase.make();
    await made.breakCalls("enroll", () => made.crash());
    await made.create({ perCustomerLimit: 1 }).catch(() => undefined);
    vi.restoreAllMocks();
    await made.ring();
    expect(await made.members()).toEqual([1, 1, 1].map((revision) => ({ drop: made.name, state: "open", revision })));
  });

  it("[DRP11] is asked by a SKU that it left frozen", async () => {
    const made = await DropCase.make();
    const [sale] = made.sales;
    await sale?.run({ type: "freeze", drop: made.name }, { actor: { role: "service" }, key: null });
    expect((await made.members())[0]).toMatchObject({ state: "paused" });
    stopClock(Date.now() + LOCK_MS);
    await sale?.ring();
    await expect.poll(async () => (await made.members())[0]).toEqual(none);
  });

  it("[DRP12] and its events reach D1", async () => {
    const made = await DropCase.make();
    await made.create();
    await made.patch({ paused: true });
    const stored = async () => {
      const { results } = await env.DB.prepare("SELECT sequence, type FROM event WHERE stream = ? ORDER BY sequence")
        .bind(`drop/${made.name}`)
        .all();
      return results;
    };
    await expect.poll(stored).toEqual([
      { sequence: 1, type: "drop.updated" },
      { sequence: 2, type: "drop.updated" },
    ]);
    const row = await env.DB.prepare('SELECT version, body FROM "drop" WHERE name = ?').bind(made.name).first();
    expect(row).toMatchObject({ version: 2 });
    expect(JSON.parse(String(row?.body))).toMatchObject({ drop: made.name, paused: true, revision: 2 });
    const [sale] = made.sales;
    if (sale) await sale.recorded();
    const [sku] = sale
      ? await d1Rows<{ drop_name: string; membership: string }>(sale, "SELECT * FROM sku WHERE sku = ?")
      : [];
    expect(sku).toMatchObject({ drop_name: made.name });
    expect(JSON.parse(sku?.membership ?? "null")).toMatchObject({ revision: 2, paused: true });
  });
});

describe("the opening of a drop", () => {
  it("[DRP13] comes from each SKU's own alarm, which wakes it a moment before", async () => {
    const made = await DropCase.make();
    const opensAt = Date.now() + 600_000;
    await made.create({ opensAt });
    for (const sale of made.sales) {
      await sale.recorded();
      await sale.ring();
      expect(await sale.alarmAt()).toBe(opensAt - WARM_UP_MS);
      expect(verdictOf(await sale.reserve())).toBe("not-open");
    }
    stopClock(opensAt - WARM_UP_MS);
    for (const sale of made.sales) {
      await sale.ring();
      expect(await sale.alarmAt()).toBe(opensAt);
    }
    stopClock(opensAt);
    for (const sale of made.sales) {
      await sale.ring();
      expect((await sale.eventTypes()).at(-1)).toBe("sale.opened");
      expect(verdictOf(await sale.reserve())).toBe("ok");
    }
  });
});
