import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { WEBHOOKS_MAX } from "../../src/domain/bounds.ts";
import { admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { Endpoint } from "../receiver/endpoint.ts";

const PLAN = { url: "https://hooks.example/in?tenant=1", events: ["reservation.held", "stock.low"] };

function create(body: unknown = PLAN, key?: string) {
  return call("POST", "/v1/webhooks", { as: admin, body, ...(key ? { headers: { "Idempotency-Key": key } } : {}) });
}

async function remove(id: unknown): Promise<void> {
  await call("DELETE", `/v1/webhooks/${id}`, { as: admin });
}

describe("registering a webhook", () => {
  it("[WHK1] answers it with a secret, which nothing else shows", async () => {
    const made = await create({ ...PLAN, skus: ["air"] });
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...PLAN,
        skus: ["air"],
        status: "active",
        stoppedReason: null,
        secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      },
    });
    const { secret, ...shown } = made.body;
    expect(made.headers.get("Location")).toBe(`/v1/webhooks/${made.body.id}`);
    expect(made.headers.get("Holdfast-Recorded")).toBe("d1");
    const read = await call("GET", `/v1/webhooks/${made.body.id}`, { as: admin });
    expect(read).toMatchObject({ status: 200, body: { ...shown, pending: 0, lastSuccessAt: null } });
    const listed = await call("GET", "/v1/webhooks", { as: admin });
    expect(listed.body.items).toContainEqual(shown);
    expect(listed.headers.get("Holdfast-As-Of")).not.toBeNull();
    expect(JSON.stringify([read.body, listed.body])).not.toContain(String(secret).slice(6));
    const kept = await env.DB.prepare("SELECT body FROM webhook").all();
    expect(JSON.stringify(kept.results)).not.toContain(String(secret).slice(6));
    await remove(made.body.id);
  });

  it("[WHK1] with a key again, also at the same time, meets the same webhook with its secret", async () => {
    const key = crypto.randomUUID();
    const all = await Promise.all([create(PLAN, key), create(PLAN, key), create(PLAN, key)]);
    for (const answer of all) expect(answer).toMatchObject({ status: 201, body: all[0]?.body });
    const again = await create(PLAN, key);
    expect(again).toMatchObject({ status: 201, body: all[0]?.body });
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    const other = await create({ ...PLAN, events: ["*"] }, key);
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency-key-reused" } });
    await remove(all[0]?.body.id);
  });

  it("[WHK1] without a key makes another each time", async () => {
    const [one, other] = await Promise.all([create(), create()]);
    expect(one.body.id).not.toBe(other.body.id);
    expect(one.body.secret).not.toBe(other.body.secret);
    await remove(one.body.id);
    await remove(other.body.id);
  });

  it.each([
    ["no URL", { events: ["*"] }, "url"],
    ["no events", { url: PLAN.url }, "events"],
    ["an empty list of events", { ...PLAN, events: [] }, "events"],
    ["an unknown event", { ...PLAN, events: ["sku.exploded"] }, "events.0"],
    ["an event twice", { ...PLAN, events: ["*", "*"] }, "events"],
    ["an empty list of SKUs", { ...PLAN, skus: [] }, "skus"],
    ["a SKU twice", { ...PLAN, skus: ["air", "air"] }, "skus"],
    ["no name of a SKU", { ...PLAN, skus: ["a/b"] }, "skus.0"],
    ["more than 100 SKUs", { ...PLAN, skus: Array.from({ length: 101 }, (_none, index) => `s${index}`) }, "skus"],
    ["an unknown member", { ...PLAN, secret: "whsec_mine" }, "secret"],
    ["a URL that is too long", { ...PLAN, url: `https://hooks.example/${"x".repeat(2048)}` }, "url"],
  ])("[WHK1] is refused with %s", async (_what, body, member) => {
    const answer = await create(body);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-request" } });
    expect(answer.body.detail).toContain(`${member}:`);
  });

  it.each([
    "http://hooks.example/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://0x7f.1/",
    "https://[::ffff:10.0.0.1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://metadata.google.internal/",
    "https://ann:secret@hooks.example/",
    "https://hooks.example/#part",
    "nonsense",
  ])("[WHK15] is refused with the URL %s", async (url) => {
    const answer = await create({ ...PLAN, url });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-request" } });
    expect(answer.body.detail).toMatch(/^url: /);
  });

  it("[WHK1] is refused past 50 webhooks, and allowed again after one was deleted", async () => {
    const count = await env.DB.prepare(
      "SELECT COUNT(*) AS count FROM webhook WHERE body ->> '$.status' <> 'deleted'",
    ).first<{ count: number }>();
    const made = await Promise.all(Array.from({ length: WEBHOOKS_MAX - (count?.count ?? 0) }, () => create()));
    expect(made.map(({ status }) => status)).toEqual(made.map(() => 201));
    const key = crypto.randomUUID();
    const refused = await create(PLAN, key);
    expect(refused).toMatchObject({ status: 409, body: { code: "too-many-webhooks", limit: WEBHOOKS_MAX } });
    await remove(made[0]?.body.id);
    const allowed = await create(PLAN, key);
    expect(allowed).toMatchObject({ status: 201 });
    for (const { body } of [...made, allowed]) await remove(body.id);
  });
});

describe("webhooks in a list", () => {
  it("[WHK17] come page by page, without those that were deleted", async () => {
    const ids = (await Promise.all([create(), create(), create()])).map(({ body }) => String(body.id));
    const [first] = ids;
    await remove(first);
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await call("GET", `/v1/webhooks?limit=1${cursor}`, { as: admin });
      seen.push(...(page.body.items as { id: string }[]).map(({ id }) => id));
      cursor = page.body.nextCursor === null ? "" : `&cursor=${page.body.nextCursor}`;
    } while (cursor !== "");
    expect(seen).toEqual(ids.slice(1).sort());
    for (const id of ids) await remove(id);
  });
});

describe("the deliveries of a webhook", () => {
  let endpoint: Endpoint;
  let sku: string;
  beforeAll(async () => {
    sku = await newSku(50);
    endpoint = await Endpoint.register({ skus: [sku], events: ["reservation.held"], answers: [{ status: 204 }] });
    for (const customer of ["ann", "bob", "cid"]) await reserve(sku, customer, 1, { Prefer: "wait=5" });
    await endpoint.wake();
    await endpoint.calledTimes(3);
    await endpoint.answers({ status: 500 });
    await reserve(sku, "dan", 1, { Prefer: "wait=5" });
    await endpoint.wake();
    await endpoint.calledTimes(4);
  });

  it("[WHK17] come newest first, page by page, and by status", async () => {
    const all = await endpoint.get("/deliveries");
    const items = all.body.items as Record<string, unknown>[];
    expect(items).toHaveLength(4);
    expect(items[0]).toMatchObject({
      event: `${items[0]?.stream}:${items[0]?.sequence}`,
      type: "reservation.held",
      stream: `sku/${sku}`,
      status: "pending",
      attempts: 1,
      nextAttemptAt: expect.any(String),
      lastAttempt: { at: expect.any(String), durationMs: expect.any(Number), status: 500, error: null },
    });
    expect(String(items[0]?.id)).toMatch(/^[A-Za-z0-9_-]+$/);
    const sequences = items.map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual([...sequences].sort((one, other) => other - one));
    const half = await endpoint.get("/deliveries?limit=2");
    expect(half.body.items).toEqual(items.slice(0, 2));
    const rest = await endpoint.get(`/deliveries?limit=2&cursor=${half.body.nextCursor}`);
    expect(rest.body).toEqual({ items: items.slice(2), nextCursor: null });
    expect((await endpoint.get("/deliveries?status=delivered")).body.items).toEqual(items.slice(1));
    expect((await endpoint.get("/deliveries?status=pending")).body.items).toEqual(items.slice(0, 1));
    expect((await endpoint.get("/deliveries?status=failed")).body.items).toEqual([]);
  });

  it("[WHK17] are refused with a cursor of other filters, a bad limit or status", async () => {
    const half = await endpoint.get("/deliveries?limit=2");
    const { nextCursor } = half.body;
    for (const query of [
      `status=failed&cursor=${nextCursor}`,
      "limit=0",
      "limit=201",
      "status=lost",
      "cursor=x",
      "a=b",
    ]) {
      expect(await endpoint.get(`/deliveries?${query}`)).toMatchObject({ status: 400 });
    }
  });

  it("[WHK17] and how far it is show in the webhook", async () => {
    expect(await endpoint.state()).toMatchObject({
      pending: 1,
      unread: 0,
      lastSuccessAt: expect.any(String),
      failingSince: expect.any(String),
      pausedUntil: null,
    });
  });
});

describe("deleting a webhook", () => {
  it("[WHK14] ends it: nothing is sent, nothing is found, and nothing comes back with its key", async () => {
    const sku = await newSku(50);
    const endpoint = await Endpoint.register({ skus: [sku], answers: [{ status: 500 }] });
    await reserve(sku, "ann", 1, { Prefer: "wait=5" });
    await endpoint.wake();
    await endpoint.calledTimes(1);
    const path = `/v1/webhooks/${endpoint.id}`;
    expect(await call("DELETE", path, { as: admin })).toMatchObject({ status: 204 });
    await reserve(sku, "bob", 1, { Prefer: "wait=5" });
    await endpoint.wake();
    await endpoint.ring();
    expect(await endpoint.calls()).toHaveLength(1);
    expect(await call("DELETE", path, { as: admin })).toMatchObject({ status: 404 });
    for (const below of ["", "/deliveries"]) expect((await endpoint.get(below)).status).toBe(404);
    for (const below of ["/rotate", "/deliveries/1/redeliver"]) expect((await endpoint.post(below)).status).toBe(404);
    expect((await endpoint.post("/redeliver", { since: "2026-01-01T00:00:00Z" })).status).toBe(404);
  });

  it("[WHK14] leaves the answer to its creation's key, and no webhook", async () => {
    const key = crypto.randomUUID();
    const made = await create(PLAN, key);
    await remove(made.body.id);
    expect(await create(PLAN, key)).toMatchObject({ status: 201, body: made.body });
    expect((await call("GET", `/v1/webhooks/${made.body.id}`, { as: admin })).status).toBe(404);
  });
});

describe("who may", () => {
  const ROUTES = [
    ["POST", ""],
    ["GET", ""],
    ["GET", "/some"],
    ["DELETE", "/some"],
    ["GET", "/some/deliveries"],
    ["POST", "/some/rotate"],
    ["POST", "/some/redeliver"],
    ["POST", "/some/deliveries/1/redeliver"],
  ] as const;

  it.each(ROUTES)("[SEC3] %s /v1/webhooks%s is the admin's alone", async (method, below) => {
    const path = `/v1/webhooks${below}`;
    const body = method === "POST" ? { body: {} } : {};
    expect((await call(method, path, body)).status).toBe(401);
    for (const as of [storefront, await tokenFor("shopper", "ann")]) {
      expect((await call(method, path, { as, ...body })).status).toBe(403);
    }
    expect([400, 404, 200]).toContain((await call(method, path, { as: admin, ...body })).status);
  });

  it("[SEC1] asking for a webhook that does not exist writes nothing", async () => {
    const id = crypto.randomUUID();
    for (const [method, below] of ROUTES.filter(([, path]) => path !== "")) {
      const path = `/v1/webhooks${below.replace("some", id)}`;
      const body =
        below.endsWith("redeliver") && !below.includes("deliveries") ? { since: "2026-01-01T00:00:00Z" } : {};
      const answer = await call(method, path, { as: admin, ...(method === "POST" ? { body } : {}) });
      expect(answer).toMatchObject({ status: 404, body: { code: "not-found" } });
    }
    await env.WEBHOOK.getByName(id).wake();
    await runInDurableObject(env.WEBHOOK.getByName(id), async (_instance, { storage }) => {
      expect(
        storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray(),
      ).toEqual([]);
      expect(await storage.getAlarm()).toBeNull();
    });
  });
});
