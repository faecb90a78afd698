import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { DropRequest } from "../../src/objects/rpc.ts";

import { AlarmClock } from "../../src/objects/shared/alarm-clock.ts";
import { DocumentStore } from "../../src/storage/document-store.ts";
import { DropCase } from "./drop-case.ts";

const HOUR_MS = 3_600_000;

describe("a transaction that is rolled back", () => {
  it("[TXN2] takes back what is known of the alarm, which is set when it is asked for again", async () => {
    const stub = env.DROP.getByName(crypto.randomUUID());
    await runInDurableObject(stub, async (_instance, ctx) => {
      const { storage } = ctx;
      const alarm = new AlarmClock(ctx, "DROP");
      const now = Date.now();
      const breaking = () =>
        alarm.transaction(() => {
          alarm.ensure(now + 60_000, now);
          throw new Error("broken");
        });
      expect(breaking).toThrow("broken");
      expect(await storage.getAlarm()).toBeNull();
      alarm.transaction(() => alarm.ensure(now + 90_000, now));
      expect(await storage.getAlarm()).toBe(now + 90_000);
      await storage.deleteAlarm();
    });
  });

  it("[TXN2] takes back the tables that were made in it", async () => {
    const stub = env.DROP.getByName(crypto.randomUUID());
    await runInDurableObject(stub, (_instance, ctx) => {
      const { storage } = ctx;
      const alarm = new AlarmClock(ctx, "DROP");
      const store = new DocumentStore<{ version: number; updatedAt: number }, never>(storage.sql);
      const save = (fails: boolean) =>
        alarm.transaction(
          () => {
            store.save({ version: 0, updatedAt: 0 }, []);
            if (fails) throw new Error("broken");
          },
          () => store.forget(),
        );
      expect(() => save(true)).toThrow("broken");
      expect(store.load()).toBeNull();
      save(false);
      expect(store.load()).toEqual({ version: 0, updatedAt: 0 });
    });
  });

  it("[TXN2] leaves a drop's next change an alarm", async () => {
    const made = await DropCase.make();
    await made.create();
    const stub = env.DROP.getByName(made.name);
    const change = (key: string) => {
      const request: DropRequest = {
        change: { type: "patch", plan: { paused: true }, ifRevisions: undefined },
        key,
        content: "",
      };
      return stub.change(request, 0);
    };
    await runInDurableObject(stub, (_instance, { storage }) => {
      storage.sql.exec(`CREATE TRIGGER poison BEFORE INSERT ON command BEGIN SELECT RAISE(ABORT, 'poisoned'); END`);
    });
    const alarmInMs = async () =>
      ((await runInDurableObject(stub, (_instance, { storage }) => storage.getAlarm())) ?? 0) - Date.now();
    // Once all is recorded, the alarm waits for the day on which its events leave.
    await expect
      .poll(async () => {
        await made.ring();
        return alarmInMs();
      })
      .toBeGreaterThan(HOUR_MS);
    await expect((async () => await change("k"))()).rejects.toThrow("poisoned");
    expect(await alarmInMs()).toBeGreaterThan(HOUR_MS);
    await runInDurableObject(stub, (_instance, { storage }) => {
      storage.sql.exec("DROP TRIGGER poison");
    });
    expect((await change("k")).outcome).toMatchObject({ ok: true, drop: { paused: true } });
    expect(await alarmInMs()).toBeLessThan(HOUR_MS);
  });
});
