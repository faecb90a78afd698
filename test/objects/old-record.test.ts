import { applyD1Migrations, createScheduledController, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cartIdOf, cartObjectOf } from "../../src/domain/cart-placement.ts";
import { RETENTION_EVENTS_MAX, RETENTION_RUN_MS } from "../../src/domain/retention.ts";
import { removeOld } from "../../src/scheduled/retention.ts";
import { runScheduled } from "../../src/scheduled/scheduled.ts";
import { positionBefore } from "../../src/storage/d1-log.ts";
import { readRolledUp, rollUp } from "../../src/storage/d1-rollup.ts";
import { call, tokenFor } from "../client.ts";
import { STOREFRONT } from "../domain/sale.ts";
import { Endpoint } from "../receiver/endpoint.ts";
import { breakD1, d1Count, d1Rows } from "./d1-state.ts";
import { log, positions, rows } from "./made-up-log.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";
import { prototypeOf } from "./prototype.ts";

const DAY_MS = 24 * 3_600_000;
const KEPT_MS = 400 * DAY_MS;

let start = 0;
let admin = "";
beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.MIGRATIONS);
  start = Math.floor(Date.now() / 60_000) * 60_000;
  stopClock(start);
  admin = await tokenFor("admin", "root", "1000d");
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const cartObject = (id: string) => env.CART.getByName(cartObjectOf(id) ?? "");
const run = () => removeOld(env, async () => {});
const feed = (query: string) => call("GET", `/v1/events?${query}`, { as: admin });

describe("what is older than RETENTION_DAYS", () => {
  it("[REC10] leaves D1, not a millisecond before, and sales, SKUs and counts stay", async () => {
    const sale = await ObjectSale.open(2, { lateConfirmSeconds: 60, perCustomerLimit: null });
    const [sold, returned] = await sale.holds(2);
    const entry = crypto.randomUUID();
    expect(await sale.run({ type: "join", entry, offer: entry, customer: "w", quantity: 1 })).toMatchObject({
      ok: true,
    });
    await sale.run({ type: "leave", entry });
    await sale.confirm(sold?.id ?? "");
    await sale.confirm(returned?.id ?? "");
    await sale.giveBack(returned?.id ?? "");
    const released = await sale.hold();
    await sale.release(released.id);
    await sale.recorded();
    stopClock(start + 5 * DAY_MS);
    await sale.ring();
    expect(await sale.count("event")).toBe(0);
    stopClock(start + KEPT_MS - 1);
    const later = await ObjectSale.open(1);
    await later.recorded();
    await rollUp(env.DB);
    const span = { fromMinute: start / 60_000, toMinute: start / 60_000 + 1, bucketMinutes: 1 };
    const counted = await readRolledUp(env.DB, [sale.name], span);
    expect(counted.sellOuts).toEqual([{ openedAt: start, soldOutAt: start }]);

    stopClock(start + KEPT_MS);
    await run();
    expect(await d1Count(sale, "event")).toBeGreaterThan(8);
    expect(await sale.stub.find(released.id, STOREFRONT)).toMatchObject({ status: "released" });

    stopClock(start + KEPT_MS + 1);
    await run();
    expect(await d1Count(sale, "event")).toBe(0);
    expect(await d1Count(sale, "command")).toBe(0);
    expect(await d1Count(sale, "waitlist")).toBe(0);
    expect(await d1Rows(sale, "SELECT status FROM reservation WHERE sku = ? ORDER BY status")).toEqual([
      { status: "confirmed" },
      { status: "returned" },
    ]);
    expect(await d1Count(sale, "sku")).toBe(1);
    expect(await readRolledUp(env.DB, [sale.name], span)).toEqual(counted);
    expect(await sale.stub.find(released.id, STOREFRONT)).toBeNull();
    expect(await sale.stub.find(sold?.id ?? "", STOREFRONT)).toMatchObject({ status: "confirmed" });
    expect(await sale.confirm(released.id)).toMatchObject({ ok: false, refusal: { code: "not-found" } });
    expect(await d1Count(later, "event")).toBe(1);
  });

  it("[REC10] leaves with carts that have ended, and not with others", async () => {
    const sale = await ObjectSale.open(9, { holdTtlSeconds: 60, lateConfirmSeconds: 60 });
    const ids = ["sold", "lapsed"].map((name) => cartIdOf(`${name}-${crypto.randomUUID()}`));
    const [sold = "", lapsed = ""] = ids;
    for (const id of ids) {
      const lines = [{ sku: sale.name, quantity: 1, reservation: `${id}-line` }];
      const wanted = {
        id,
        customer: id,
        role: "storefront" as const,
        mode: "all_or_nothing" as const,
        ttlSeconds: null,
      };
      const { outcome } = await cartObject(id).open({ ...wanted, lines, content: "c" }, 5000);
      expect(outcome.ok).toBe(true);
    }
    await env.DB.prepare("UPDATE event SET time = time - ?")
      .bind(500 * DAY_MS)
      .run();
    await rollUp(env.DB);
    const carts = () => rows("SELECT id FROM cart ORDER BY status");
    // Nothing has ended yet, however old it looks.
    await log(1, start);
    await run();
    expect(await carts()).toHaveLength(2);
    const ask = { type: "confirm" as const, orderId: "o" };
    await cartObject(sold).act(sold, { ask, actor: STOREFRONT, key: null, content: "" }, 5000);
    stopClock(start + 901_000);
    await cartObject(lapsed).look(lapsed, STOREFRONT);
    await vi.waitFor(async () =>
      expect(await rows("SELECT status FROM cart ORDER BY status")).toEqual([
        { status: "confirmed" },
        { status: "expired" },
      ]),
    );
    await sale.recorded();
    await rollUp(env.DB);
    stopClock(start + KEPT_MS);
    await run();
    expect(await carts()).toHaveLength(2);
    stopClock(start + KEPT_MS + 1_000_000);
    await log(1, Date.now());
    await rollUp(env.DB);
    await run();
    expect(await carts()).toEqual([]);
  });

  it("[REC12] is `gone` for a feed that asks for it, and goes on from `oldest`", async () => {
    const sale = await ObjectSale.open(5);
    await sale.release((await sale.hold()).id);
    await sale.recorded();
    stopClock(start + 1000);
    await sale.hold({ customer: "bob" });
    const other = await ObjectSale.open(1);
    await Promise.all([sale.recorded(), other.recorded()]);
    await rollUp(env.DB);
    stopClock(start + KEPT_MS + 1);
    await run();
    const [first = 0, ...further] = await positions();
    expect([first, ...further]).toEqual([4, 5]);
    const movements = (after: number) => call("GET", `/v1/skus/${sale.name}/movements?after=${after}`, { as: admin });
    for (const answer of [
      await feed(`sku=${sale.name}&after=2`),
      await feed(`sku=${sale.name}`),
      await feed("after=2"),
      await feed(""),
      await movements(2),
    ]) {
      expect([answer.status, answer.body]).toMatchObject([410, { code: "gone", oldest: 4 }]);
    }
    for (const answer of [await feed(`sku=${sale.name}&after=3`), await movements(3)]) {
      expect([answer.status, answer.body]).toMatchObject([200, { items: [{ sequence: 4 }] }]);
    }
    expect((await feed("after=3")).body).toMatchObject({ items: [{ position: 4 }, { position: 5 }] });

    // When nothing of a SKU is left, its next event is the oldest.
    stopClock(start + KEPT_MS + 2000);
    await log(1, Date.now());
    await rollUp(env.DB);
    await run();
    expect(await positions()).toEqual([6]);
    expect((await feed(`sku=${sale.name}&after=3`)).body).toMatchObject({ code: "gone", oldest: 5 });
    expect((await feed(`sku=${sale.name}&after=4`)).body).toEqual({ items: [], nextCursor: null });
    expect((await feed(`sku=${sale.name}&after=9`)).status).toBe(200);
    expect((await feed("sku=never-made&after=0")).status).toBe(404);
  });

  it("[REC10] leaves the last event of all where it is: positions go on from it", async () => {
    await log(3, start - 500 * DAY_MS);
    await rollUp(env.DB);
    await run();
    expect(await positions()).toEqual([3]);
    await log(1, start);
    expect(await positions()).toEqual([3, 4]);
  });

  it("[REC11] stays while it is not counted", async () => {
    await log(10, start - 500 * DAY_MS);
    const countedUpTo = (position: number) =>
      env.DB.prepare("INSERT INTO rollup_cursor (only_row, position) VALUES (1, ?)").bind(position).run();
    // Nobody counts meanwhile: news from elsewhere may be on their way.
    await env.DB.prepare("DELETE FROM rollup_cursor").run();
    await run();
    expect(await positions()).toHaveLength(10);
    await countedUpTo(6);
    await run();
    // It may be all by now, but for the last one, which stays.
    expect([7, 10]).toContain((await positions())[0]);
  });

  it("[REC11] stays until every active webhook has read it", async () => {
    await log(5, start - 500 * DAY_MS);
    const endpoint = await Endpoint.register();
    await log(5, start - 500 * DAY_MS);
    await rollUp(env.DB);
    await run();
    expect(await positions()).toEqual([6, 7, 8, 9, 10]);
    await endpoint.wake();
    await endpoint.calledTimes(5);
    await run();
    expect(await positions()).toEqual([10]);
    expect((await endpoint.received()).map(({ data }) => data.position)).toEqual([6, 7, 8, 9, 10]);
  });

  it("[REC11] stays while a webhook cannot be asked what it has read; the log says so", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await log(5, start - 500 * DAY_MS);
    const endpoint = await Endpoint.register();
    const prototype = await prototypeOf(endpoint.stub, "readUpTo");
    const away = vi.spyOn(prototype, "readUpTo").mockRejectedValue(new Error("away"));
    await runScheduled(createScheduledController(), env);
    expect(await positions()).toHaveLength(5);
    expect(warn.mock.calls.join()).toContain("retention_failed");
    away.mockRestore();
    await runScheduled(createScheduledController(), env);
    expect(await positions()).toHaveLength(1);
  });

  it("[REC11] does not wait for a webhook that was stopped", async () => {
    const endpoint = await Endpoint.register({ answers: [{ status: 410 }] });
    await log(1, start - 500 * DAY_MS);
    await endpoint.wake();
    await vi.waitFor(async () => expect(await endpoint.state()).toMatchObject({ status: "stopped" }));
    await log(5, start - 500 * DAY_MS);
    await rollUp(env.DB);
    await run();
    expect(await positions()).toEqual([6]);
  });

  it("[REC10] leaves in portions: a run that dies, or two at once, leave a log without a gap", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const count = 2 * RETENTION_EVENTS_MAX + 200;
    await log(count, start - 500 * DAY_MS);
    await rollUp(env.DB);
    const dies = async () => {
      breakD1();
    };
    await expect(removeOld(env, dies)).rejects.toThrow("D1 is down");
    expect(await positions()).toHaveLength(count - RETENTION_EVENTS_MAX);
    expect((await positions())[0]).toBe(RETENTION_EVENTS_MAX + 1);
    vi.restoreAllMocks();
    await Promise.all([run(), run()]);
    expect(await positions()).toEqual([count]);
    await run();
    expect(await positions()).toEqual([count]);
  });

  it("[REC10] stops when its time is over, and the next run goes on", async () => {
    await log(3 * RETENTION_EVENTS_MAX, start - 500 * DAY_MS);
    await rollUp(env.DB);
    const slowly = async () => stopClock(Date.now() + RETENTION_RUN_MS / 2);
    await removeOld(env, slowly);
    expect(await positions()).toHaveLength(RETENTION_EVENTS_MAX);
    await removeOld(env, slowly);
    expect(await positions()).toHaveLength(1);
  });

  it("[REC10] [CLK6] is what stands before the first young event, where a clock was wrong too", async () => {
    await log(2, start - 500 * DAY_MS);
    await log(1, start + 500 * DAY_MS);
    await log(1, start - 450 * DAY_MS);
    await log(1, start - 2000);
    await log(3, start - 450 * DAY_MS);
    await rollUp(env.DB);
    await run();
    expect(await positions()).toEqual([5, 6, 7, 8]);
  });

  it("[REC10] is not missed by who asks for everything since a time", async () => {
    const minute = start - KEPT_MS;
    await log(5, minute - 3 * 60_000);
    await log(5, minute - 2500);
    await log(5, minute + 10 * 60_000);
    await rollUp(env.DB);
    await run();
    // Of its minute the one before is removed.
    expect(await positions()).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    const minutes = await rows<{ minute: number }>("SELECT minute FROM log_minute ORDER BY minute");
    expect(minutes[0]?.minute).toBe(Math.floor((minute + 500) / 60_000));
    expect(await positionBefore(env.DB, 0)).toBe(7);
    expect(await positionBefore(env.DB, minute - 1000)).toBeLessThanOrEqual(7);
    expect(await positionBefore(env.DB, minute + 1500)).toBe(8);
    expect(await positionBefore(env.DB, minute + 5 * 60_000)).toBe(10);
  });
});
