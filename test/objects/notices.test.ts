import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { TRY_MS } from "../../src/domain/bounds.ts";
import type { SkuEvent } from "../../src/domain/model.ts";
import { NOTICED, noticesOf } from "../../src/events/notices.ts";
import { EVENT_TABLE, type EventRow, eventFromRow } from "../../src/storage/rows.ts";
import { SkuStore } from "../../src/storage/sku-store.ts";
import { LimitCase } from "./limit-case.ts";
import { stopClock } from "./object-sale.ts";

afterEach(() => vi.useRealTimers());

it("[ALW3] [CRT6] finds every event that others have to be told of, and of a rush nothing else", async () => {
  const made = await LimitCase.make(1);
  const sale = made.size(0);
  // Held and declined, offered to the next, tried in vain, sold, given back, lapsed.
  const held = await made.hold(0);
  const join = { type: "join" as const, entry: "bobs", offer: "offer", customer: made.neighbour(1), quantity: 1 };
  await sale.run(join);
  await sale.release(held.id);
  const bobs = async () => (await sale.stub.findEntry("bobs", { role: "storefront" }))?.entry;
  await expect.poll(bobs).toMatchObject({ status: "offered" });
  await sale.run({ type: "leave", entry: "bobs" });
  const sold = await made.hold(0);
  await sale.confirm(sold.id);
  await sale.giveBack(sold.id);
  await made.line(0);
  stopClock(Date.now() + TRY_MS);
  await sale.ring();
  const { all, some } = await runInDurableObject(sale.stub, (_instance, { storage: { sql } }) => ({
    all: Array.from(sql.exec<EventRow>(`SELECT ${EVENT_TABLE.columns} FROM event ORDER BY sequence`), eventFromRow),
    some: new SkuStore(sql).eventsForOthers(0, NOTICED, 1_000),
  }));
  const sku = await sale.look();
  const told = (events: SkuEvent[]) => noticesOf(sku, events);
  expect(told(some)).toEqual(told(all));
  expect(new Set(told(all).map(({ to }) => to))).toEqual(new Set(["allowance", "limit"]));
  // Only a sale of all that was held is looked at for nothing.
  expect(some.filter((event) => told([event]).length === 0).map(({ type }) => type)).toEqual(["reservation.confirmed"]);
});
