import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ABANDON_HOUR_MS, KEY_KEPT_MS, RETENTION_MARGIN_MS } from "../../src/domain/bounds.ts";
import { refusalOf, verdictOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

const LATE_SECONDS = 3600;
const KEPT_MS = LATE_SECONDS * 1000 + KEY_KEPT_MS + RETENTION_MARGIN_MS;

let start = 0;
beforeEach(() => {
  start = Date.now();
  stopClock(start);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what a customer let go of", () => {
  it("[LGO1] [LGO2] is kept when the object sleeps; what others were refused is not", async () => {
    const sale = await ObjectSale.open(1, { abandonsPerHour: 10, lateConfirmSeconds: LATE_SECONDS });
    for (const used of [5, 10]) {
      const { id } = await sale.hold({ customer: "ann" });
      expect(verdictOf(await sale.reserve({ customer: "bob" }))).toBe("insufficient-stock");
      await sale.release(id);
      const scope = used < 10 ? "rehold" : "abandoned";
      expect(refusalOf(await sale.reserve({ customer: "ann" }))).toMatchObject({ scope, used });
      expect(await sale.stub.own("ann")).toMatchObject({ isTurn: false });
      expect(await sale.stub.own("bob")).toMatchObject({ isTurn: true });
      await evictDurableObject(sale.stub);
    }
    expect(refusalOf(await sale.reserve({ customer: "ann" }))).toMatchObject({ scope: "abandoned", used: 10 });
    stopClock(start + ABANDON_HOUR_MS);
    expect(verdictOf(await sale.reserve({ customer: "ann" }))).toBe("ok");
  });

  it("[REC7] leaves the object with the events that it was counted from", async () => {
    const sale = await ObjectSale.open(9, { lateConfirmSeconds: LATE_SECONDS });
    const [ann, bob] = [await sale.hold({ customer: "ann" }), await sale.hold({ customer: "bob" })];
    await sale.release(ann.id);
    await sale.release(bob.id);
    stopClock(start + 1000);
    await sale.release((await sale.hold({ customer: "bob" })).id);
    await sale.recorded();
    expect(await sale.rows("SELECT customer, count FROM abandon ORDER BY customer")).toEqual([
      { customer: "ann", count: 1 },
      { customer: "bob", count: 2 },
    ]);
    stopClock(start + KEPT_MS + 2000);
    await sale.ring();
    expect(await sale.count("event")).toBe(0);
    expect(await sale.count("abandon")).toBe(0);
  });
});
