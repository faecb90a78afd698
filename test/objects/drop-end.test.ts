import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEY_KEPT_MS, RETENTION_MARGIN_MS } from "../../src/domain/bounds.ts";
import { evictDurableObject } from "../eviction.ts";
import { breakD1 } from "./d1-state.ts";
import { DropCase } from "./drop-case.ts";
import { stopClock } from "./object-sale.ts";

const KEPT_MS = KEY_KEPT_MS + 2 * RETENTION_MARGIN_MS;

let start = 0;
beforeEach(() => {
  start = Date.now();
  stopClock(start);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What the object has of its drop: recorded up to, sequences of its events, keys. */
const kept = (made: DropCase) =>
  runInDurableObject(made.stub, (_instance, { storage: { sql } }) => ({
    recorded: sql.exec("SELECT recorded FROM document").one().recorded,
    events: Array.from(sql.exec("SELECT sequence FROM event"), ({ sequence }) => sequence),
    keys: Array.from(sql.exec("SELECT key FROM command"), ({ key }) => key),
  }));

async function create(made: DropCase): Promise<void> {
  const change = { type: "create" as const, plan: made.plan };
  await made.stub.change({ change, key: "key", content: "content" }, 5000);
}

describe("what a drop's object keeps of what has happened", () => {
  it("[DRP14] leaves it after three days, not a millisecond before, and the drop goes on", async () => {
    const made = await DropCase.make();
    await create(made);
    await vi.waitFor(async () => expect(await kept(made)).toEqual({ recorded: 1, events: [1], keys: ["key"] }));
    stopClock(start + KEPT_MS);
    await made.ring();
    expect(await kept(made)).toEqual({ recorded: 1, events: [1], keys: ["key"] });
    expect(await runInDurableObject(made.stub, (_one, state) => state.storage.getAlarm())).toBeLessThanOrEqual(
      start + KEPT_MS + 100,
    );
    stopClock(start + KEPT_MS + 1);
    await made.ring();
    expect(await kept(made)).toEqual({ recorded: 1, events: [], keys: [] });
    await evictDurableObject(made.stub);
    expect(await made.look()).toMatchObject({ name: "Noon", version: 1 });
    expect(await made.patch({ name: "One" })).toMatchObject({ ok: true, drop: { name: "One", version: 2 } });
    await vi.waitFor(async () => expect(await kept(made)).toMatchObject({ recorded: 2, events: [2] }));
    const { results } = await env.DB.prepare("SELECT sequence FROM event WHERE stream = ? ORDER BY sequence")
      .bind(`drop/${made.name}`)
      .all();
    expect(results).toEqual([{ sequence: 1 }, { sequence: 2 }]);
  });

  it("[DRP14] stays while D1 does not have it", async () => {
    const made = await DropCase.make();
    const outage = breakD1();
    await create(made);
    stopClock(start + 2 * KEPT_MS);
    await made.ring();
    expect(await kept(made)).toMatchObject({ recorded: 0, events: [1] });
    outage.mockRestore();
    stopClock(start + 3 * KEPT_MS);
    await made.ring();
    await vi.waitFor(async () => expect(await kept(made)).toMatchObject({ recorded: 1 }));
    await made.ring();
    expect(await kept(made)).toMatchObject({ events: [] });
  });
});
