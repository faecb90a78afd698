import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cartToWire } from "../../src/contracts/present.ts";
import { RECORD_BACKOFF_MS_MAX } from "../../src/domain/bounds.ts";
import type { Cart } from "../../src/domain/cart.ts";
import type { Outcome } from "../../src/domain/command.ts";
import type { WaitlistEntry } from "../../src/domain/model.ts";
import { type EntryRow, entryFromRow } from "../../src/storage/rows.ts";
import { evictDurableObject } from "../eviction.ts";
import { CartCase } from "./cart-case.ts";
import { breakD1, d1Rows, expectSameInD1, spyOnD1 } from "./d1-state.ts";
import { DropCase } from "./drop-case.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type EventRow = { sequence: number; type: string; time: number; detail: string };

async function eventsOf(stream: string): Promise<EventRow[]> {
  const query = "SELECT sequence, type, time, detail FROM event WHERE stream = ? ORDER BY sequence";
  return (await env.DB.prepare(query).bind(stream).all<EventRow>()).results;
}

async function typesOf(stream: string): Promise<string[]> {
  return (await eventsOf(stream)).map(({ type }) => type);
}

/** A cart's events without gaps, of which the last, like the row, tells everybody what the object tells. */
async function expectRecorded(made: CartCase, types: string[]): Promise<void> {
  await expect.poll(() => typesOf(`cart/${made.id}`), { timeout: 5000 }).toEqual(types);
  const events = await eventsOf(`cart/${made.id}`);
  expect(events.map(({ sequence }) => sequence)).toEqual(types.map((_type, index) => index + 1));
  const row = await env.DB.prepare("SELECT version, status, body FROM cart WHERE id = ?")
    .bind(made.id)
    .first<{ version: number; status: string; body: string }>();
  const cart = await made.look();
  if (cart === null) throw new Error("there is no cart any more");
  expect(row).toMatchObject({ version: types.length, status: cart.status });
  for (const body of [row?.body, events.at(-1)?.detail]) {
    expect(cartToWire(JSON.parse(body ?? "null") as Cart, "trusted")).toEqual(cartToWire(cart, "trusted"));
  }
}

describe("what D1 has of a cart", () => {
  it("[CRT21] is everything that became of it, to its end", async () => {
    const made = await CartCase.make();
    await made.open();
    const [line] = (await made.look())?.lines ?? [];
    const sale = line?.sku === made.plain.name ? made.plain : made.limited;
    await sale.release(line?.reservation ?? "");
    await expect.poll(async () => (await made.look())?.lines[0]?.state).toBe("gone");
    await made.act({ type: "extend", ttlSeconds: 1500 });
    await made.pass(1_800_000);
    await made.limited.run({ type: "adjust", delta: -2, reason: "gone" });
    await made.plain.run({ type: "adjust", delta: -2, reason: "gone" });
    await made.act({ type: "confirm", orderId: "o" });
    await expectRecorded(made, [
      "cart.held",
      "cart.line_released",
      "cart.extended",
      "cart.expired",
      "cart.refund_required",
    ]);
  });

  it("[CRT21] [REC3] is written once though D1's answer got lost", async () => {
    const made = await CartCase.make();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const write = env.DB.batch.bind(env.DB);
    let lost = 0;
    spyOnD1().mockImplementation(async (statements: D1PreparedStatement[]) => {
      vi.restoreAllMocks();
      await write(statements);
      lost += 1;
      throw new Error("lost on the way back");
    });
    await made.open();
    await made.act({ type: "release" });
    expect(lost).toBe(1);
    await expectRecorded(made, ["cart.held", "cart.released"]);
  });

  it("[REC4] [CRT21] is whole though its object died while D1 was down", async () => {
    const made = await CartCase.make();
    const outage = breakD1();
    await made.open();
    await evictDurableObject(made.stub);
    await made.act({ type: "extend", ttlSeconds: 1500 });
    await made.crash();
    expect(await made.act({ type: "confirm", orderId: "o" })).toMatchObject({ ok: true });
    expect(await eventsOf(`cart/${made.id}`)).toEqual([]);
    outage.mockRestore();
    await made.pass(RECORD_BACKOFF_MS_MAX);
    await expectRecorded(made, ["cart.held", "cart.extended", "cart.confirmed"]);
  });

  it("[REC4] is tried again soon, though the cart's alarm met the outage too and its end is far", async () => {
    const made = await CartCase.make();
    const outage = breakD1();
    await made.open();
    await made.pass(RECORD_BACKOFF_MS_MAX);
    await vi.waitFor(() => expect(outage.mock.calls.length).toBeGreaterThan(1));
    const alarmAt = await runInDurableObject(made.stub, (_instance, state) => state.storage.getAlarm());
    expect(alarmAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(Date.now() + RECORD_BACKOFF_MS_MAX);
    outage.mockRestore();
    await made.pass(RECORD_BACKOFF_MS_MAX);
    await expectRecorded(made, ["cart.held"]);
  });
});

describe("a cart that has ended", () => {
  it("[CRT21] stays in its object, so that its id stays taken and its answer stays the same", async () => {
    const made = await CartCase.make();
    await made.open();
    await made.act({ type: "release" });
    await expect.poll(() => typesOf(`cart/${made.id}`)).toHaveLength(2);
    await made.pass(90 * 86_400_000);
    expect(await made.look()).toMatchObject({ status: "released" });
  });
});

describe("what D1 has of a drop", () => {
  it("[DRP12] [REC4] catches up by its alarm when D1 was down, which stops no change", async () => {
    const made = await DropCase.make();
    const outage = breakD1();
    expect((await made.create({ perCustomerLimit: 2 })).ok).toBe(true);
    await made.crash();
    expect((await made.patch({ paused: true })).ok).toBe(true);
    expect((await made.patch({ paused: true })).ok).toBe(true);
    expect((await made.patch({ paused: false, name: "Evening" })).ok).toBe(true);
    expect(await eventsOf(`drop/${made.name}`)).toEqual([]);
    outage.mockRestore();
    stopClock(Date.now() + RECORD_BACKOFF_MS_MAX);
    await made.ring();
    await expect.poll(() => typesOf(`drop/${made.name}`), { timeout: 5000 }).toEqual(Array(3).fill("drop.updated"));
    const events = await eventsOf(`drop/${made.name}`);
    const told = events.map(({ sequence, detail }) => [
      sequence,
      (JSON.parse(detail) as { revision: number }).revision,
    ]);
    expect(told).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(await made.look()).toMatchObject({ revision: 3, version: 3, name: "Evening" });
  });

  it("[DRP6] [DRP12] is nothing when it was refused", async () => {
    const made = await DropCase.make();
    await made.sales[2]?.hold();
    expect(await made.create()).toMatchObject({ ok: false, refusal: { code: "drop-in-use" } });
    expect(await made.look()).toBeNull();
    await made.ring();
    expect(await eventsOf(`drop/${made.name}`)).toEqual([]);
    expect(await env.DB.prepare('SELECT 1 FROM "drop" WHERE name = ?').bind(made.name).first()).toBeNull();
  });
});

describe("what D1 has of a waitlist", () => {
  async function entriesIn(sale: ObjectSale): Promise<[object: WaitlistEntry[], d1: WaitlistEntry[]]> {
    const object = await sale.rows<EntryRow>("SELECT * FROM waitlist ORDER BY id");
    const d1 = await d1Rows<{ id: string; customer: string; status: string; version: number; body: string }>(
      sale,
      "SELECT id, customer, status, version, body FROM waitlist WHERE sku = ? ORDER BY id",
    );
    const bodies = d1.map(({ body }) => JSON.parse(body) as WaitlistEntry);
    expect(d1.map(({ body: _body, ...columns }) => columns)).toEqual(
      bodies.map(({ id, customer, status, version }) => ({ id, customer, status, version })),
    );
    return [object.map((row) => entryFromRow(sale.name, row)), bodies];
  }

  it("[REC8] is every entry as its last event left it, and how many wait", async () => {
    const sale = await ObjectSale.open(3, { offerTtlSeconds: 60, perCustomerLimit: 3 });
    const bob = await sale.hold({ customer: "bob", quantity: 3 });
    const join = (entry: string): Promise<Outcome> =>
      sale.run({ type: "join", entry, offer: `offer of ${entry}`, customer: entry, quantity: 1 });
    for (const entry of ["accepts", "declines", "lapses", "leaves", "waits"]) await join(entry);
    const offerOf = async (id: string) => {
      const place = await sale.stub.findEntry(id, { role: "storefront" });
      return place?.entry.reservation ?? "";
    };
    await sale.run({ type: "leave", entry: "leaves" });
    await sale.release(bob.id);
    await sale.confirm(await offerOf("accepts"));
    await sale.release(await offerOf("declines"));
    await sale.recorded();
    stopClock(Date.now() + 61_000);
    await sale.ring();
    for (const entry of ["late", "later"]) await join(entry);
    await sale.recorded();
    const [object, d1] = await entriesIn(sale);
    expect(d1).toEqual(object);
    const statuses = Object.fromEntries(d1.map(({ id, status }) => [id, status]));
    expect(statuses).toMatchObject({
      accepts: "accepted",
      declines: "declined",
      lapses: "lapsed",
      leaves: "withdrawn",
    });
    const columns = "waiting, membership, closed_at, version, held, sold";
    expect(await d1Rows(sale, `SELECT ${columns} FROM sku WHERE sku = ?`)).toEqual(
      await sale.rows(`SELECT ${columns} FROM sku`),
    );
    await expectSameInD1(sale);
  });

  it("[REC8] [WTL8] is that all who waited were sent home after a closing, in one transaction", async () => {
    const sale = await ObjectSale.open(0, { waitlistKeptSeconds: 1 });
    for (let index = 0; index < 30; index++) {
      await sale.run({ type: "join", entry: `e${index}`, offer: `o${index}`, customer: `c${index}`, quantity: 1 });
    }
    await sale.run({ type: "update", policy: { closesAt: 1 } });
    await expect.poll(() => sale.count("waitlist", "status = 'withdrawn'")).toBe(30);
    await sale.recorded();
    const [object, d1] = await entriesIn(sale);
    expect(d1).toEqual(object);
    expect(new Set(d1.map(({ status, reason }) => `${status} ${reason}`))).toEqual(new Set(["withdrawn closed"]));
    await expectSameInD1(sale);
  });
});
