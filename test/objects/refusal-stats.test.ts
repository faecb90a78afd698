import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { REFUSALS_PACE_MS } from "../../src/domain/bounds.ts";
import { recordRefusals } from "../../src/storage/d1-rollup.ts";
import { verdictOf } from "../domain/sale.ts";
import { evictDurableObject } from "../eviction.ts";
import { d1Count } from "./d1-state.ts";
import { ObjectSale, stopClock, wish } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What D1 has counted of a SKU's refusals, over all minutes and instances. */
async function refusals(sale: ObjectSale): Promise<Record<string, number>> {
  const query = "SELECT reason, SUM(count) AS count FROM refusal WHERE sku = ? GROUP BY reason";
  const { results } = await env.DB.prepare(query).bind(sale.name).all<{ reason: string; count: number }>();
  return Object.fromEntries(results.map(({ reason, count }) => [reason, count]));
}

const counted = (sale: ObjectSale, expected: Record<string, number>) =>
  vi.waitFor(async () => expect(await refusals(sale)).toEqual(expected), { timeout: REFUSALS_PACE_MS + 4000 });

describe("refusals", () => {
  it("[ANA3] are counted by reason and write no event", async () => {
    const sale = await ObjectSale.open(1, { perCustomerLimit: 1 });
    await sale.hold();
    const before = await sale.look();
    expect(verdictOf(await sale.reserve())).toBe("limit-exceeded");
    await counted(sale, { "limit-exceeded": 1 });
    await sale.recorded();
    const { version } = await sale.look();
    expect(version).toBe(before.version);
    expect(await d1Count(sale, "event")).toBe(version);
  });

  it("[ANA3] leave together after a pause, and each once", async () => {
    const sale = await ObjectSale.open(1);
    await sale.hold();
    for (let times = 0; times < 7; times++) await sale.reserve({ customer: `late-${times}` });
    await sale.run({
      type: "batch",
      requests: [{ actor: { role: "storefront" }, key: null, content: "", command: wish() }],
    });
    await counted(sale, { held_elsewhere: 8 });
  }, 20_000);

  it("[ANA3] of a SKU that does not exist are not counted, and nothing is written of it", async () => {
    const nobody = new ObjectSale();
    expect(verdictOf(await nobody.reserve())).toBe("not-found");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await refusals(nobody)).toEqual({});
  });

  it("[ANA3] of two instances of an object add up, and what D1 failed to take goes again", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const sale = await ObjectSale.open(1);
    await sale.hold();
    await sale.reserve({ customer: "bob" });
    await counted(sale, { held_elsewhere: 1 });
    await evictDurableObject(sale.stub);

    const statement = Object.getPrototypeOf(env.DB.prepare("SELECT 1")) as D1PreparedStatement;
    const outage = vi.spyOn(statement, "run").mockImplementation(() => Promise.reject(new Error("D1 is down")));
    await sale.reserve({ customer: "bob" });
    await vi.waitFor(() => expect(outage).toHaveBeenCalled());
    outage.mockRestore();
    stopClock(Date.now() + 60_000);
    await sale.reserve({ customer: "bob" });
    await counted(sale, { held_elsewhere: 3 });
  });

  it("[ANA3] sent again, or late, change nothing", async () => {
    const sale = new ObjectSale();
    const send = (count: number) => recordRefusals(env.DB, sale.name, "one", [{ minute: 5, reason: "paused", count }]);
    for (const count of [3, 3, 2]) await send(count);
    expect(await refusals(sale)).toEqual({ paused: 3 });
  });
});
