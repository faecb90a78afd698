import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

let drops = 0;

function createDrop(skus: string[], members: Record<string, unknown> = {}, headers = {}): Promise<Answer> {
  drops += 1;
  const body = { drop: `drop-${drops}-${skus[0]}`, name: "Noon", skus, ...members };
  return call("POST", "/v1/drops", { as: admin, body, headers });
}

async function newDrop(skus: string[], members: Record<string, unknown> = {}): Promise<string> {
  const answer = await createDrop(skus, members);
  expect(answer.status).toBe(201);
  return String(answer.body.drop);
}

function patch(drop: string, body: Record<string, unknown>): Promise<Answer> {
  return call("PATCH", `/v1/drops/${drop}`, { as: admin, body });
}

async function skuNow(sku: string): Promise<Answer["body"]> {
  return (await call("GET", `/v1/skus/${sku}`, { as: admin })).body;
}

async function statesOf(skus: string[]): Promise<unknown[]> {
  return Promise.all(skus.map(async (sku) => (await skuNow(sku)).state));
}

describe("a drop", () => {
  it("[DRP9] is created over its SKUs, shown, and named by each of them", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const opensAt = inSeconds(3600);
    const answer = await createDrop(skus, { opensAt, perCustomerLimit: 2 });
    expect(answer.status).toBe(201);
    const { drop, updatedAt } = answer.body;
    expect(answer.headers.get("Location")).toBe(`/v1/drops/${drop}`);
    const plan = { drop, name: "Noon", skus, opensAt, closesAt: null, perCustomerLimit: 2, paused: false, revision: 1 };
    expect(answer.body).toEqual({ ...plan, updatedAt });
    expect((await call("GET", `/v1/drops/${drop}`)).body).toEqual(answer.body);
    for (const sku of skus) expect(await skuNow(sku)).toMatchObject({ drop, state: "scheduled" });
  });

  it("[DRP10] is changed member by member, and answers when all SKUs know", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const drop = await newDrop(skus);
    expect((await patch(drop, { paused: true })).body).toMatchObject({ paused: true, name: "Noon", revision: 2 });
    expect(await statesOf(skus)).toEqual(["paused", "paused"]);
    expect((await patch(drop, { paused: false, name: "Evening" })).body).toMatchObject({
      name: "Evening",
      revision: 3,
    });
    expect(await statesOf(skus)).toEqual(["open", "open"]);
    expect((await patch(drop, {})).body).toMatchObject({ revision: 3 });
    expect((await patch(drop, { opensAt: inSeconds(60) })).status).toBe(200);
    expect(await statesOf(skus)).toEqual(["scheduled", "scheduled"]);
    expect((await patch(drop, { opensAt: null })).body).toMatchObject({ opensAt: null });
    expect(await statesOf(skus)).toEqual(["open", "open"]);
  });

  it("[DRP4] opens at the later and closes at the earlier of its own and the SKU's times", async () => {
    const [early, late] = [await newSku(5, { opensAt: inSeconds(60) }), await newSku(5, { opensAt: inSeconds(180) })];
    const opensAt = inSeconds(120);
    await newDrop([early, late], { opensAt, closesAt: inSeconds(300) });
    expectProblem(await reserve(early, "ann"), "not-open", { opensAt });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 121_000 });
    expect((await reserve(early, "ann")).status).toBe(201);
    expectProblem(await reserve(late, "ann"), "not-open");
    vi.setSystemTime(Date.now() + 180_000);
    expect(await statesOf([early, late])).toEqual(["closed", "closed"]);
  });

  it.each([
    ["that closes before it opens", { opensAt: inSeconds(60), closesAt: inSeconds(59) }, "closesAt"],
    ["that closes when it opens", { opensAt: "2030-01-01T00:00:00Z", closesAt: "2030-01-01T00:00:00Z" }, "closesAt"],
    ["of no SKU", { skus: [] }, "skus"],
    ["of a SKU that there is not", { skus: ["no-such-sku"] }, "no-such-sku"],
    ["of one SKU twice", { skus: ["twice", "twice"] }, "skus"],
    ["of 101 SKUs", { skus: Array.from({ length: 101 }, (_none, index) => `s${index}`) }, "skus"],
    ["with a limit of 0", { perCustomerLimit: 0 }, "perCustomerLimit"],
    ["that is paused from the start", { paused: true }, "paused"],
    ["with a bad name", { drop: "no spaces" }, "drop"],
  ])("[DRP8] %s is refused", async (_name, members, member) => {
    const sku = await newSku(5);
    expectInvalid(await createDrop([sku], members), member);
    expect(await skuNow(sku)).toMatchObject({ drop: null, state: "open" });
  });

  it("[DRP8] cannot be changed into one that closes before it opens", async () => {
    const drop = await newDrop([await newSku(5)], { opensAt: inSeconds(60) });
    expectInvalid(await patch(drop, { closesAt: inSeconds(30) }), "closesAt");
    expect((await call("GET", `/v1/drops/${drop}`)).body).toMatchObject({ closesAt: null, revision: 1 });
  });

  it("[DRP2] takes no SKU that is in another, and leaves the others as they were", async () => {
    const [taken, free] = [await newSku(5), await newSku(5)];
    const first = await newDrop([taken]);
    const answer = await createDrop([free, taken]);
    expectProblem(answer, "drop-in-use", { sku: taken });
    expect([await skuNow(taken), await skuNow(free)]).toMatchObject([
      { drop: first, state: "open" },
      { drop: null, state: "open" },
    ]);
  });

  it("[DRP1] takes no SKU of which a unit is held or sold", async () => {
    const [held, sold] = [await newSku(5), await newSku(5)];
    await reserve(held, "ann");
    const { id } = (await reserve(sold, "ann")).body;
    await call("POST", `/v1/skus/${sold}/reservations/${id}/confirm`, { as: storefront });
    for (const sku of [held, sold]) {
      expectProblem(await createDrop([await newSku(5), sku]), "drop-in-use", { sku });
      expect(await skuNow(sku)).toMatchObject({ drop: null, state: "open" });
    }
  });

  it("[DRP1] takes and loses SKUs, and switches its limit, only while no unit of them is in use", async () => {
    const [a, b, c] = [await newSku(5), await newSku(5), await newSku(5)];
    const drop = await newDrop([a, b]);
    await reserve(a, "ann");
    expectProblem(await patch(drop, { perCustomerLimit: 1 }), "drop-in-use", { sku: a });
    expectProblem(await patch(drop, { skus: [b, c] }), "drop-in-use", { sku: a });
    expect((await patch(drop, { skus: [a, c] })).body).toMatchObject({ skus: [a, c] });
    expect([await skuNow(a), await skuNow(b), await skuNow(c)]).toMatchObject([
      { drop, state: "open" },
      { drop: null, state: "open" },
      { drop, state: "open" },
    ]);
  });

  it("[DRP5] changes the number of its limit at any time", async () => {
    const sku = await newSku(5);
    const drop = await newDrop([sku], { perCustomerLimit: 1 });
    await reserve(sku, "ann");
    expectProblem(await reserve(sku, "ann"), "limit-exceeded", { scope: "drop" });
    expect((await patch(drop, { perCustomerLimit: 2 })).status).toBe(200);
    expect((await reserve(sku, "ann")).status).toBe(201);
    expectProblem(await patch(drop, { perCustomerLimit: null }), "drop-in-use");
  });

  it("[DRP9] exists once, and is unknown by any other name", async () => {
    const drop = await newDrop([await newSku(5)]);
    expectProblem(await createDrop([await newSku(5)], { drop }), "drop-exists");
    expectProblem(await patch("no-such-drop", { paused: true }), "not-found");
    expectProblem(await call("GET", "/v1/drops/no-such-drop"), "not-found");
  });

  it("[DRP9] with the same key is the same drop", async () => {
    const sku = await newSku(5);
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const drop = `keyed-${sku}`;
    const [first, again] = [await createDrop([sku], { drop }, headers), await createDrop([sku], { drop }, headers)];
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  });
});
