import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LIVE_SKUS_MAX } from "../../src/domain/bounds.ts";
import { UNKNOWN_NAME_MS, UNKNOWN_NAMES_MAX } from "../../src/domain/isolate-memory.ts";
import { relayOf } from "../../src/domain/relay-placement.ts";
import { UnknownNames } from "../../src/http/unknown-names.ts";
import { admin, call, newSku, storefront } from "../client.ts";
import { upgrade, upgradeOver } from "../live/watcher.ts";
import { stopClock } from "../objects/object-sale.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const newName = () => `none-${crypto.randomUUID()}`;

/** Counts the calls that reach objects of SKUs, whoever makes them. */
async function callsOf(method: "look" | "watch" | "fetch") {
  return runInDurableObject(env.SKU.getByName("any"), (instance) =>
    vi.spyOn(Object.getPrototypeOf(instance) as typeof instance, method),
  );
}

const join = async (skus: readonly string[], as?: string) => {
  const response = await upgradeOver(skus, as === undefined ? {} : { as });
  response.webSocket?.accept();
  response.webSocket?.close();
  return response.status;
};

describe("many names on one socket", () => {
  it("[LIV12] arm nothing where one is turned away from a Relay that nobody watches", async () => {
    expect(await join([newName()])).toBe(404);
    // An anonymous socket is offered to the one Relay of the first tier.
    await runInDurableObject(env.RELAY.getByName(relayOf(0, 0)), async (_instance, { storage }) => {
      expect(await storage.getAlarm()).toBeNull();
    });
  });

  it("[LIV12] cost one call when the first does not exist, and none for the next ten seconds", async () => {
    const watch = await callsOf("watch");
    const names = Array.from({ length: LIVE_SKUS_MAX }, newName);
    expect(await join(names)).toBe(404);
    expect(watch).toHaveBeenCalledTimes(1);
    for (let again = 0; again < 5; again++) expect(await join(names)).toBe(404);
    expect(await join([await newSku(1), names[0] ?? ""])).toBe(404);
    expect(watch).toHaveBeenCalledTimes(1);
  });

  it("[LIV12] cost no more than four for each that exists, and one", async () => {
    const known = [await newSku(1), await newSku(1), await newSku(1)];
    const watch = await callsOf("watch");
    expect(await join([...known, ...Array.from({ length: LIVE_SKUS_MAX - 3 }, newName)])).toBe(404);
    expect(watch.mock.calls.length).toBeLessThanOrEqual(4 * known.length + 1);
  });

  it("[LIV8] are all asked when all exist", async () => {
    const known = await Promise.all(Array.from({ length: 8 }, () => newSku(1)));
    const watch = await callsOf("watch");
    expect(await join(known)).toBe(101);
    expect(watch).toHaveBeenCalledTimes(8);
  });
});

describe("a name that does not exist", () => {
  it("[LIV12] is looked for once in ten seconds by all who have no token", async () => {
    stopClock(Date.now());
    const [look, fetched] = [await callsOf("look"), await callsOf("fetch")];
    const name = newName();
    for (let again = 0; again < 3; again++) expectProblem(await call("GET", `/v1/skus/${name}`), "not-found");
    expect((await upgrade(name)).status).toBe(404);
    expect([look.mock.calls.length, fetched.mock.calls.length]).toEqual([1, 0]);
    expectProblem(await call("GET", `/v1/skus/${name}`, { as: storefront }), "not-found");
    expect(look).toHaveBeenCalledTimes(2);
    stopClock(Date.now() + UNKNOWN_NAME_MS);
    expectProblem(await call("GET", `/v1/skus/${name}`), "not-found");
    expect(look).toHaveBeenCalledTimes(3);
  });

  it("[LIV12] is there for everybody as soon as it was made here, a drop like a SKU", async () => {
    const [sku, drop] = [newName(), newName()];
    for (const path of [`/v1/skus/${sku}`, `/v1/drops/${drop}`]) expectProblem(await call("GET", path), "not-found");
    await call("POST", "/v1/skus", { as: admin, body: { sku, name: "Shoe", stock: 1 } });
    await call("POST", "/v1/drops", { as: admin, body: { drop, name: "Drop", skus: [sku] } });
    expect((await call("GET", `/v1/skus/${sku}`)).status).toBe(200);
    expect((await call("GET", `/v1/drops/${drop}`)).status).toBe(200);
    expect((await upgrade(sku)).status).toBe(101);
  });
});

describe("what an isolate remembers of unknown names", () => {
  it("[LIV12] is bounded: the oldest goes first", () => {
    const names = new UnknownNames();
    for (let index = 0; index <= UNKNOWN_NAMES_MAX; index++) names.add(`name-${index}`, 1000);
    expect(names.has("name-0", 1000)).toBe(false);
    expect([names.has("name-1", 1000), names.has(`name-${UNKNOWN_NAMES_MAX}`, 1000)]).toEqual([true, true]);
  });

  it("[LIV12] ends after ten seconds, and when the clock is set back", () => {
    const names = new UnknownNames();
    names.add("shoe", 100_000);
    expect(names.has("shoe", 100_000 + UNKNOWN_NAME_MS - 1)).toBe(true);
    expect(names.has("shoe", 100_000 + UNKNOWN_NAME_MS)).toBe(false);
    expect(names.has("shoe", 100_000 - UNKNOWN_NAME_MS)).toBe(false);
  });
});
