import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

function create(drop: string, skus: string[], members: object = {}, headers = {}): Promise<Answer> {
  return call("POST", "/v1/drops", { as: admin, body: { drop, name: "Noon", skus, ...members }, headers });
}

async function newDrop(skus: string[], members: object = {}): Promise<string> {
  const drop = `drop-${crypto.randomUUID()}`;
  expect((await create(drop, skus, members)).status).toBe(201);
  return drop;
}

function patch(drop: string, body: object, headers = {}): Promise<Answer> {
  return call("PATCH", `/v1/drops/${drop}`, { as: admin, body, headers });
}

function read(drop: string): Promise<Answer> {
  return call("GET", `/v1/drops/${drop}`);
}

async function skuNow(sku: string): Promise<Answer["body"]> {
  return (await call("GET", `/v1/skus/${sku}`, { as: admin })).body;
}

function on({ body }: Answer, action: string, members: object = {}): Promise<Answer> {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const path = `/v1/skus/${body.sku}/reservations/${body.id}/${action}`;
  return call("POST", path, { as: storefront, body: members, headers });
}

describe("a change of a drop that is refused", () => {
  it.each([
    ["a SKU that there is not", () => ({ skus: ["no-such-sku"] }), "invalid-request"],
    ["a SKU of another drop", (other: string) => ({ skus: [other] }), "drop-in-use"],
    ["a closing before its opening", () => ({ opensAt: inSeconds(60), closesAt: inSeconds(30) }), "invalid-request"],
    ["no SKU", () => ({ skus: [] }), "invalid-request"],
    ["no name", () => ({ name: null }), "invalid-request"],
    ["another name of its own", () => ({ drop: "other" }), "invalid-request"],
  ] as const)("[DRP6] for %s leaves all as it was", async (_name, change, code) => {
    const [a, b, other] = [await newSku(5), await newSku(5), await newSku(5)];
    const [drop, another] = [await newDrop([a, b], { perCustomerLimit: 2 }), await newDrop([other])];
    const before = (await read(drop)).body;
    expectProblem(await patch(drop, { paused: true, ...change(other) }), code);
    expect((await read(drop)).body).toEqual(before);
    for (const sku of [a, b]) expect(await skuNow(sku)).toMatchObject({ drop, state: "open" });
    expect(await skuNow(other)).toMatchObject({ drop: another, state: "open" });
    expect((await patch(drop, { paused: true })).body).toMatchObject({ revision: 2, paused: true });
  });

  it("[DRP8] [DRP2] names the SKU that is at fault", async () => {
    const [a, taken] = [await newSku(5), await newSku(5)];
    const drop = await newDrop([a]);
    await newDrop([taken]);
    expectInvalid(await patch(drop, { skus: [a, "no-such-sku"] }), "no-such-sku");
    expectProblem(await patch(drop, { skus: [a, taken] }), "drop-in-use", { sku: taken });
  });

  it("[DRP9] [IDM6] leaves a new drop's name and key free", async () => {
    const [busy, fine] = [await newSku(5), await newSku(5)];
    const held = await reserve(busy, "ann");
    const drop = `drop-${crypto.randomUUID()}`;
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    expectProblem(await create(drop, [fine, busy], {}, headers), "drop-in-use", { sku: busy });
    expectProblem(await read(drop), "not-found");
    expectProblem(await patch(drop, { paused: true }), "not-found");
    await on(held, "release");
    const created = await create(drop, [fine, busy], {}, headers);
    expect([created.status, created.headers.get("Idempotency-Replayed")]).toEqual([201, null]);
    expectProblem(await create(drop, [fine], {}, headers), "idempotency-key-reused");
  });
});

describe("changes at once", () => {
  it("[DRP2] [DRP6] of drops that want the same SKUs: at most one has them, whole, and nothing stays frozen", async () => {
    const skus = [await newSku(5), await newSku(5), await newSku(5)];
    const names = Array.from({ length: 5 }, () => `drop-${crypto.randomUUID()}`);
    const answers = await Promise.all(
      names.map((drop, index) => create(drop, index % 2 === 0 ? skus : skus.toReversed())),
    );
    const won = answers.filter(({ status }) => status === 201).map(({ body }) => body.drop);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectProblem(answer, "drop-in-use");
    for (const sku of skus) expect(await skuNow(sku)).toMatchObject({ drop: won[0] ?? null, state: "open" });
  });

  it("[DRP9] of one name are one drop", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const drop = `drop-${crypto.randomUUID()}`;
    const answers = await Promise.all([1, 2, 3, 4].map(() => create(drop, skus)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    for (const answer of answers.filter(({ status }) => status === 409)) expectProblem(answer, "drop-exists");
  });

  it("[DRP1] and a reserve: either the limit counts it, or the switch is refused", async () => {
    for (let round = 0; round < 8; round++) {
      const sku = await newSku(5);
      const drop = await newDrop([sku]);
      const [switched, held] = await Promise.all([patch(drop, { perCustomerLimit: 1 }), reserve(sku, "ann")]);
      if (switched.status === 200) {
        if (held.status === 409) expectProblem(held, "paused");
        const second = await reserve(sku, "ann");
        if (held.status === 201) expectProblem(second, "limit-exceeded", { scope: "drop", used: 1 });
        else expect(second.status).toBe(201);
      } else {
        expectProblem(switched, "drop-in-use", { sku });
        expect(held.status).toBe(201);
      }
      expect(await skuNow(sku)).toMatchObject({ drop, held: 1 });
    }
  });
});

describe("a SKU in a drop", () => {
  it("[DRP4] is paused when either says so", async () => {
    const sku = await newSku(5);
    const drop = await newDrop([sku]);
    const pause = (paused: boolean) => call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy: { paused } } });
    const states = [];
    for (const change of [() => pause(true), () => patch(drop, { paused: true }), () => pause(false)]) {
      await change();
      states.push((await skuNow(sku)).state);
    }
    expect(states).toEqual(["paused", "paused", "paused"]);
    await patch(drop, { paused: false });
    expect((await reserve(sku, "ann")).status).toBe(201);
  });

  it("[DRP4] [POL8] goes on with what is held while its drop is paused or over", async () => {
    const sku = await newSku(9);
    const drop = await newDrop([sku]);
    for (const change of [{ paused: true }, { paused: false, closesAt: "2020-01-01T00:00:00Z" }]) {
      await patch(drop, { paused: false, closesAt: null });
      const holds = await Promise.all([1, 2, 3].map((index) => reserve(sku, `c${index}`, 1)));
      expect((await patch(drop, change)).status).toBe(200);
      expectProblem(await reserve(sku, "dave"), change.paused ? "paused" : "closed");
      const [sold, extended, released] = holds;
      if (!sold || !extended || !released) throw new Error("there are three holds");
      expect((await on(sold, "confirm")).status).toBe(200);
      expect((await on(extended, "extend", { ttlSeconds: 1500 })).status).toBe(200);
      expect((await on(released, "release")).status).toBe(200);
      expect((await on(sold, "return")).status).toBe(200);
      expect((await on(extended, "release")).status).toBe(200);
    }
    expect(await skuNow(sku)).toMatchObject({ held: 0, sold: 0, stock: 9 });
  });

  it("[DRP4] is as before when its drop puts the opening off, but for what is held", async () => {
    const sku = await newSku(5);
    const drop = await newDrop([sku], { opensAt: "2020-01-01T00:00:00Z" });
    const held = await reserve(sku, "ann");
    const opensAt = inSeconds(600);
    expect((await patch(drop, { opensAt })).status).toBe(200);
    expectProblem(await reserve(sku, "bob"), "not-open", { opensAt });
    expect((await on(held, "confirm", { orderId: "o" })).body.status).toBe("confirmed");
    await patch(drop, { opensAt: null });
    expect((await reserve(sku, "bob")).status).toBe(201);
  });

  it("[DRP1] that leaves is free of it, and may join another", async () => {
    const [a, b] = [await newSku(5), await newSku(5)];
    const drop = await newDrop([a, b], { opensAt: inSeconds(600), perCustomerLimit: 1 });
    expect((await patch(drop, { skus: [b] })).body.skus).toEqual([b]);
    expect(await skuNow(a)).toMatchObject({ drop: null, state: "open" });
    expect((await reserve(a, "ann", 2)).status).toBe(201);
    await patch(drop, { paused: true });
    expect((await skuNow(a)).state).toBe("open");
    const c = await newSku(5);
    await patch(drop, { skus: [b, c] });
    const other = await newDrop([await newSku(5)]);
    expectProblem(await patch(other, { skus: [c] }), "drop-in-use", { sku: c });
    await patch(drop, { skus: [b] });
    expect((await patch(other, { skus: [c] })).body.skus).toEqual([c]);
    expect((await skuNow(c)).drop).toBe(other);
  });

  it("[DRP1] is not in use by dead holds, nor by what has come back", async () => {
    const sku = await newSku(5);
    const [dead, sold] = [await reserve(sku, "ann"), await reserve(sku, "bob")];
    await on(sold, "confirm");
    expectProblem(await create(`drop-${sku}`, [sku]), "drop-in-use", { sku });
    await on(sold, "return");
    expectProblem(await create(`drop-${sku}`, [sku]), "drop-in-use", { sku });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(dead.body.expiresAt)) });
    expect((await create(`drop-${sku}`, [sku], { perCustomerLimit: 1 })).status).toBe(201);
    expect((await reserve(sku, "ann")).status).toBe(201);
  });

  it("[DRP1] counts its limit from when it is switched on, and no more once it is off", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const [a = "", b = ""] = skus;
    const drop = await newDrop(skus);
    expect((await patch(drop, { perCustomerLimit: 1 })).status).toBe(200);
    const held = await reserve(a, "ann");
    expectProblem(await reserve(b, "ann"), "limit-exceeded", { scope: "drop" });
    expectProblem(await patch(drop, { perCustomerLimit: null }), "drop-in-use", { sku: a });
    await on(held, "release");
    expect((await patch(drop, { perCustomerLimit: null })).body).toMatchObject({ perCustomerLimit: null });
    for (const sku of skus) expect((await reserve(sku, "ann", 2)).status).toBe(201);
  });

  it("[DRP5] [POL7] loses nothing by a limit that falls below what a customer has", async () => {
    const skus = [await newSku(5), await newSku(5)];
    const [a = "", b = ""] = skus;
    const drop = await newDrop(skus, { perCustomerLimit: 3 });
    const held = await reserve(a, "ann", 3);
    await patch(drop, { perCustomerLimit: 1 });
    expectProblem(await reserve(b, "ann"), "limit-exceeded", { limit: 1, used: 3, remaining: 0, scope: "drop" });
    expect((await on(held, "confirm")).body).toMatchObject({ confirmedQuantity: 3 });
    await patch(drop, { perCustomerLimit: 4 });
    expect((await reserve(b, "ann")).status).toBe(201);
  });
});

describe("a change of a drop that names a revision", () => {
  it("[DRP8] [POL5] is refused when somebody else has changed it since, and leaves all as it was", async () => {
    const [a, b, c] = [await newSku(5), await newSku(5), await newSku(5)];
    const drop = await newDrop([a]);
    const tag = { "If-Match": String((await read(drop)).headers.get("ETag")) };
    const answer = await patch(drop, { skus: [a, b] }, tag);
    expect([answer.status, answer.headers.get("ETag")]).toEqual([200, '"2"']);
    expectProblem(await patch(drop, { skus: [a, c] }, tag), "version-mismatch", { revision: 2 });
    expectProblem(await patch(drop, { skus: ["no-such-sku"] }, tag), "version-mismatch", { revision: 2 });
    expect((await read(drop)).body).toMatchObject({ skus: [a, b], revision: 2 });
  });

  it("[DRP8] [POL5] finds itself made when its first answer was lost", async () => {
    const drop = await newDrop([await newSku(5)]);
    const tag = { "If-Match": '"1"' };
    await patch(drop, { paused: true }, tag);
    const again = await patch(drop, { paused: true }, tag);
    expect([again.status, again.body.revision]).toEqual([200, 2]);
  });

  it("[DRP8] [POL5] lets one of two win who have seen the same", async () => {
    const drop = await newDrop([await newSku(5)]);
    const answers = await Promise.all(["One", "Two"].map((name) => patch(drop, { name }, { "If-Match": '"1"' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });
});
