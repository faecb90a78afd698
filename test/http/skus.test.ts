import { describe, expect, it } from "vitest";
import { policyView, publicSku, trustedSku } from "../../src/contracts/sku.ts";
import { DEFAULT_POLICY } from "../../src/domain/model.ts";
import { type Answer, admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

const read = (sku: string, as?: string, headers: Record<string, string> = {}): Promise<Answer> =>
  call("GET", `/v1/skus/${sku}`, { ...(as === undefined ? {} : { as }), headers });
const edit = (sku: string, body: unknown, headers: Record<string, string> = {}) =>
  call("PATCH", `/v1/skus/${sku}`, { as: admin, body, headers });
const adjust = (sku: string, delta: number) =>
  call("POST", `/v1/skus/${sku}/adjustments`, {
    as: admin,
    body: { delta, reason: "counted again" },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });

describe("creating a SKU", () => {
  it("[POL2] answers 201 with the SKU, its place and the defaults", async () => {
    const sku = `made-${crypto.randomUUID()}`;
    const answer = await call("POST", "/v1/skus", { as: admin, body: { sku, name: "Shoe 42", stock: 7 } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Location")).toBe(`/v1/skus/${sku}`);
    expect(trustedSku.strict().parse(answer.body)).toEqual(answer.body);
    expect(answer.body).toMatchObject({ sku, name: "Shoe 42", drop: null, state: "open", policy: DEFAULT_POLICY });
    expect(answer.body).toMatchObject({
      stock: 7,
      available: 7,
      held: 0,
      sold: 0,
      waiting: 0,
      version: 1,
      revision: 1,
    });
    expect((await read(sku, admin)).body).toEqual(answer.body);
  });

  it("[POL1] refuses a name that is taken, and changes nothing", async () => {
    const sku = await newSku(3);
    const before = await read(sku, admin);
    expectProblem(await call("POST", "/v1/skus", { as: admin, body: { sku, name: "Other", stock: 9 } }), "sku-exists");
    expect((await read(sku, admin)).body).toEqual(before.body);
  });

  it("[API10] takes names that differ in case for two", async () => {
    const sku = await newSku(3);
    expectProblem(await read(sku.toUpperCase()), "not-found");
  });

  it("[POL6] refuses a closing that is not after the opening", async () => {
    const at = "2030-01-01T00:00:00Z";
    const sku = `made-${crypto.randomUUID()}`;
    const body = { sku, name: "Shoe", stock: 1, policy: { opensAt: at, closesAt: at } };
    expectInvalid(await call("POST", "/v1/skus", { as: admin, body }), "closesAt");
    expectProblem(await read(sku), "not-found");
  });

  it.each(["sku", "name", "stock"])("[API2] needs %s", async (member) => {
    const { [member]: _left, ...body } = { sku: `made-${crypto.randomUUID()}`, name: "Shoe", stock: 1 } as Record<
      string,
      unknown
    >;
    expectInvalid(await call("POST", "/v1/skus", { as: admin, body }), member);
  });
});

describe("reading a SKU", () => {
  it("[API5] shows the public no stock, held or sold, and the trusted all", async () => {
    const sku = await newSku(5);
    await reserve(sku, "ann", 2);
    const views = {
      anonymous: (await read(sku)).body,
      shopper: (await read(sku, await tokenFor("shopper", "ann"))).body,
      storefront: (await read(sku, storefront)).body,
      admin: (await read(sku, admin)).body,
    };
    expect(views.shopper).toEqual(views.anonymous);
    expect(views.storefront).toEqual(views.admin);
    expect(publicSku.strict().parse(views.anonymous)).toEqual(views.anonymous);
    for (const member of ["stock", "held", "sold"]) expect(views.anonymous).not.toHaveProperty(member);
    expect(views.admin).toEqual({ ...views.anonymous, stock: 5, held: 2, sold: 0 });
  });

  it("[API6] may be cached for a second by the public only", async () => {
    const sku = await newSku(5);
    const [open, trusted] = [await read(sku), await read(sku, storefront)];
    expect(open.headers.get("Cache-Control")).toBe("public, max-age=1");
    expect(trusted.headers.get("Cache-Control")).toBe("private, no-store");
    for (const { headers } of [open, trusted]) expect(headers.get("Vary")).toMatch(/\bAuthorization\b/);
    expect(open.headers.get("ETag")).not.toBe(trusted.headers.get("ETag"));
  });

  it.each([undefined, storefront])("[API6] answers 304 to its own tag until something has changed", async (as) => {
    const sku = await newSku(5);
    const first = await read(sku, as);
    const tag = { "If-None-Match": String(first.headers.get("ETag")) };
    expect(tag["If-None-Match"]).toMatch(/^"[^"]+"$/);
    const same = await read(sku, as, tag);
    expect(same).toMatchObject({ status: 304, body: { text: "" } });
    for (const name of ["ETag", "Cache-Control", "Vary"]) expect(same.headers.get(name)).toBe(first.headers.get(name));
    await reserve(sku, "ann");
    const changed = await read(sku, as, tag);
    expect(changed).toMatchObject({ status: 200, body: { available: 4 } });
    expect(changed.headers.get("ETag")).not.toBe(tag["If-None-Match"]);
  });

  it("[API6] never takes the public's tag for a storefront's", async () => {
    const sku = await newSku(5);
    const tag = { "If-None-Match": String((await read(sku)).headers.get("ETag")) };
    expect(await read(sku, storefront, tag)).toMatchObject({ status: 200, body: { stock: 5 } });
  });

  it("[TXN5] of a name that there is not is not found, and makes none", async () => {
    const sku = `none-${crypto.randomUUID()}`;
    for (const as of [undefined, storefront, admin]) expectProblem(await read(sku, as), "not-found");
    expectProblem(await reserve(sku, "ann"), "not-found");
    expectProblem(await edit(sku, { name: "x" }), "not-found");
    expectProblem(await adjust(sku, 1), "not-found");
    for (const path of ["me?customer=ann", `reservations/${crypto.randomUUID()}`]) {
      expectProblem(await call("GET", `/v1/skus/${sku}/${path}`, { as: storefront }), "not-found");
    }
    expectProblem(await call("GET", `/v1/skus/${sku}/movements`, { as: admin }), "not-found");
    const live = { headers: { Upgrade: "websocket" } };
    expectProblem(await call("GET", `/v1/skus/${sku}/live`, live), "not-found");
    const body = { commands: [{ type: "reserve", customer: "ann", quantity: 1 }] };
    expectProblem(await call("POST", `/v1/skus/${sku}/batch`, { as: storefront, body }), "not-found");
    expectProblem(await read(sku, admin), "not-found");
  });
});

describe("editing a SKU", () => {
  it("[POL3] merges member by member, and null sets null", async () => {
    const sku = await newSku(5, { perCustomerLimit: 3, displayCap: 4, closesAt: "2099-01-01T00:00:00Z" });
    const before = policyView.parse((await read(sku)).body.policy);
    const policy = { holdTtlSeconds: 60, perCustomerLimit: null, closesAt: null };
    const { status, body } = await edit(sku, { policy });
    expect(status).toBe(200);
    expect(body).toMatchObject({ policy: { ...before, ...policy }, revision: 2, version: 2 });
    expect((await edit(sku, { name: "Renamed" })).body).toMatchObject({
      name: "Renamed",
      policy: { ...before, ...policy },
    });
  });

  it("[POL3] refuses null where it means nothing", async () => {
    const sku = await newSku(5);
    expectInvalid(await edit(sku, { name: null }), "name");
    expectInvalid(await edit(sku, { policy: null }), "policy");
    expectInvalid(await edit(sku, { policy: { paused: null } }), "policy.paused");
    expectInvalid(await edit(sku, { policy: { holdTtlSeconds: null } }), "policy.holdTtlSeconds");
    expectInvalid(await edit(sku, { policy: { colour: "red" } }), "policy.colour");
    expectInvalid(await edit(sku, { stock: 9 }), "stock");
  });

  it("[POL4] that changes nothing keeps the revision", async () => {
    const sku = await newSku(5);
    for (const body of [{}, { policy: {} }, { policy: { holdTtlSeconds: 900 } }]) {
      expect(await edit(sku, body)).toMatchObject({ status: 200, body: { revision: 1, version: 1 } });
    }
  });

  it("[POL5] with If-Match goes by the revision, whatever else has happened to the SKU", async () => {
    const sku = await newSku(5);
    const tags = [(await read(sku, admin)).headers.get("ETag"), (await read(sku)).headers.get("ETag"), '"1"', "*"];
    await reserve(sku, "ann");
    for (const tag of tags) {
      const answer = await edit(sku, { policy: { holdTtlSeconds: 900 } }, { "If-Match": String(tag) });
      expect([tag, answer.status]).toEqual([tag, 200]);
    }
    const answer = await edit(sku, { name: "Renamed" }, { "If-Match": String(tags[0]) });
    expect(answer).toMatchObject({ status: 200, body: { revision: 2 } });
  });

  it("[POL5] with the tag of an older revision is refused and names the current one", async () => {
    const sku = await newSku(5);
    const tag = { "If-Match": String((await read(sku, admin)).headers.get("ETag")) };
    await edit(sku, { name: "Renamed" });
    expectProblem(await edit(sku, { name: "Mine" }, tag), "version-mismatch", { revision: 2 });
    expect((await read(sku)).body).toMatchObject({ name: "Renamed", revision: 2 });
  });

  it("[POL5] lets one of two win who have seen the same", async () => {
    const sku = await newSku(5);
    const tag = { "If-Match": '"1"' };
    const answers = await Promise.all(["One", "Two"].map((name) => edit(sku, { name }, tag)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it("[POL6] judges opening and closing after merging", async () => {
    const sku = await newSku(5, { opensAt: "2098-01-01T00:00:00Z" });
    expectInvalid(await edit(sku, { policy: { closesAt: "2097-01-01T00:00:00Z" } }), "closesAt");
    const answer = await edit(sku, { policy: { opensAt: null, closesAt: "2097-01-01T00:00:00Z" } });
    expect(answer).toMatchObject({ status: 200, body: { state: "open" } });
  });

  it("[STK5] shows its effect as the state", async () => {
    const sku = await newSku(1);
    const stateAfter = async (policy: Record<string, unknown>) => (await edit(sku, { policy })).body.state;
    expect(await stateAfter({ opensAt: "2098-01-01T00:00:00Z" })).toBe("scheduled");
    expect(await stateAfter({ paused: true })).toBe("paused");
    expect(await stateAfter({ paused: false, opensAt: null })).toBe("open");
    const { id } = (await reserve(sku, "ann")).body;
    expect((await read(sku)).body.state).toBe("held_elsewhere");
    await call("POST", `/v1/skus/${sku}/reservations/${id}/confirm`, { as: storefront });
    expect((await read(sku)).body).toMatchObject({ state: "sold_out", available: 0, low: true });
    expect(await stateAfter({ closesAt: "2020-01-01T00:00:00Z" })).toBe("closed");
  });
});

describe("adjusting the stock", () => {
  it("[ADJ1] adds units and takes them out", async () => {
    const sku = await newSku(5);
    expect(await adjust(sku, 3)).toMatchObject({ status: 200, body: { stock: 8, available: 8, version: 2 } });
    expect(await adjust(sku, -8)).toMatchObject({ status: 200, body: { stock: 0, available: 0, state: "sold_out" } });
  });

  it("[ADJ2] takes nothing that is in use", async () => {
    const sku = await newSku(5);
    await reserve(sku, "ann", 3);
    expectProblem(await adjust(sku, -3), "stock-in-use", { available: 2 });
    expect((await adjust(sku, -2)).body).toMatchObject({ stock: 3, held: 3, available: 0 });
  });

  it("[ADJ3] stops at a million units", async () => {
    const sku = await newSku(999_999);
    expectInvalid(await adjust(sku, 2), "delta");
    expect((await adjust(sku, 1)).body).toMatchObject({ stock: 1_000_000 });
  });

  it("[ADJ1] needs a reason and a delta", async () => {
    const sku = await newSku(5);
    const headers = { "Idempotency-Key": "k" };
    const path = `/v1/skus/${sku}/adjustments`;
    expectInvalid(await call("POST", path, { as: admin, body: { delta: 1 }, headers }), "reason");
    expectInvalid(await call("POST", path, { as: admin, body: { reason: "x" }, headers }), "delta");
    expectInvalid(await adjust(sku, 0), "delta");
  });
});
