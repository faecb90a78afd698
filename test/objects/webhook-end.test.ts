import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KEY_KEPT_MS } from "../../src/domain/bounds.ts";
import { DeliveryStore } from "../../src/storage/delivery-store.ts";
import { admin, call } from "../client.ts";
import { Endpoint } from "../receiver/endpoint.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What an object of our own has stored, but for what the platform keeps. */
function tables(endpoint: Endpoint): Promise<unknown[]> {
  return runInDurableObject(endpoint.stub, (_instance, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray(),
  );
}

async function inD1(endpoint: Endpoint): Promise<string | null> {
  const found = env.DB.prepare("SELECT body ->> '$.status' AS status FROM webhook WHERE id = ?").bind(endpoint.id);
  return (await found.first<{ status: string }>())?.status ?? null;
}

describe("a webhook that was deleted", () => {
  it("[WHK14] leaves nothing once the key of its creation is forgotten", async () => {
    const endpoint = await Endpoint.register();
    await call("DELETE", `/v1/webhooks/${endpoint.id}`, { as: admin });
    expect(await inD1(endpoint)).toBe("deleted");
    await endpoint.ring();
    expect(await inD1(endpoint)).toBe("deleted");
    stopClock(Date.now() + KEY_KEPT_MS);
    await endpoint.ring();
    expect(await inD1(endpoint)).toBeNull();
    expect(await tables(endpoint)).toEqual([]);
    expect(await endpoint.alarmAt()).toBeNull();
  });

  it("[WHK14] is deleted although D1 is down, which hears of it later", async () => {
    const endpoint = await Endpoint.register();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const statement = Object.getPrototypeOf(env.DB.prepare("SELECT 1")) as D1PreparedStatement;
    const broken = vi.spyOn(statement, "run").mockImplementation(() => Promise.reject(new Error("D1 is down")));
    expect(await call("DELETE", `/v1/webhooks/${endpoint.id}`, { as: admin })).toMatchObject({ status: 204 });
    expect(await inD1(endpoint)).toBe("active");
    broken.mockRestore();
    await endpoint.ring();
    expect(await inD1(endpoint)).toBe("deleted");
  });

  it("[WHK14] is sent nothing more by a call that was just about to leave", async () => {
    const sale = await ObjectSale.open(9);
    await sale.recorded();
    const endpoint = await Endpoint.register({ skus: [sale.name], answers: [{ status: 204, hang: 200 }] });
    await sale.holds(3);
    await sale.recorded();
    await endpoint.wake();
    await vi.waitFor(async () => expect(await endpoint.calls()).toHaveLength(1));
    await call("DELETE", `/v1/webhooks/${endpoint.id}`, { as: admin });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await endpoint.calls()).toHaveLength(1);
  });
});

describe("what a webhook remembers", () => {
  it("[WHK17] is what is pending, and of the rest the newest", async () => {
    const sale = await ObjectSale.open(50);
    await sale.recorded();
    const endpoint = await Endpoint.register({ skus: [sale.name] });
    await sale.holds(4);
    await sale.recorded();
    await endpoint.wake();
    await endpoint.calledTimes(4);
    await endpoint.answers({ status: 500 });
    const [first] = await endpoint.deliveries();
    await endpoint.post(`/deliveries/${first?.id}/redeliver`);
    await endpoint.calledTimes(5);
    const left = await runInDurableObject(endpoint.stub, (_instance, { storage }) => {
      const store = new DeliveryStore(storage.sql);
      store.trim(2, 2);
      const before = store.page({}, null, 100).length;
      store.trim(2, 1);
      store.trim(2, 1);
      return { before, after: store.page({}, null, 100).map(({ sequence, status }) => [sequence, status]) };
    });
    expect(left).toEqual({
      before: 4,
      after: [
        [5, "delivered"],
        [4, "delivered"],
        [2, "pending"],
      ],
    });
  });
});
