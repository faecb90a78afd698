import { afterEach, describe, expect, it, vi } from "vitest";
import { admin, call, newSku, reserve } from "../client.ts";
import { breakD1, d1Count, spyOnD1 } from "../objects/d1-state.ts";
import { keyed, ObjectSale, wish } from "../objects/object-sale.ts";
import { Endpoint } from "../receiver/endpoint.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the record", () => {
  it("[REC5] is waited for by those who prefer to, and the answer says where it is safe", async () => {
    const sale = await ObjectSale.open(5);
    expect(await sale.execute([keyed(wish())], 5000)).toMatchObject({ recorded: "d1" });
    expect(await d1Count(sale, "reservation")).toBe(1);

    vi.spyOn(console, "warn").mockImplementation(() => {});
    spyOnD1().mockImplementation(
      () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error("too slow")), 2000)),
    );
    const startedAt = Date.now();
    expect(await sale.execute([keyed(wish())], 300)).toMatchObject({ recorded: "object" });
    const waitedMs = Date.now() - startedAt;
    expect(waitedMs).toBeGreaterThanOrEqual(290);
    expect(waitedMs).toBeLessThan(1500);
  });

  it("[REC5] is waited for as long as it was asked to, once, under a drop's limit", async () => {
    const sku = await newSku(5, { holdTtlSeconds: 60 });
    const body = { drop: `drop-${sku}`, name: "Noon", skus: [sku], perCustomerLimit: 2 };
    await call("POST", "/v1/drops", { as: admin, body });
    breakD1();
    const startedAt = performance.now();
    const answer = await reserve(sku, "ann", 1, { Prefer: "wait=1" });
    const ms = performance.now() - startedAt;
    expect([answer.status, answer.headers.get("Holdfast-Recorded")]).toEqual([201, "object"]);
    expect(ms).toBeGreaterThan(900);
    expect(ms).toBeLessThan(1_900);
  });
});

describe("a webhook while others fail", () => {
  it("[WHK16] answers who wakes it at once, and gets its events while another endpoint hangs", async () => {
    const sale = await ObjectSale.open(9);
    await sale.recorded();
    const answers = [{ status: 204, hang: 2000 }, { status: 204 }];
    const hanging = await Endpoint.register({ skus: [sale.name], answers });
    const well = await Endpoint.register({ skus: [sale.name] });
    await sale.holds(2);
    await sale.recorded();
    const began = performance.now();
    await hanging.wake();
    await well.wake();
    expect(performance.now() - began).toBeLessThan(500);
    await well.calledTimes(2);
    expect(performance.now() - began).toBeLessThan(1900);
    expect(await hanging.deliveries("pending")).toHaveLength(2);
    await vi.waitFor(async () => expect(await hanging.deliveries("delivered")).toHaveLength(2), 5000);
  });
});
