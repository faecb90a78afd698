import { describe, expect, it } from "vitest";
import { admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { callerOf, newPlace, ROUTES } from "./routes.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

const POSTS = ROUTES.filter(({ method }) => method === "POST");
/** Another body that would be fine by itself. */
const OTHER_BODIES: Record<string, Record<string, unknown>> = {
  create: { name: "Another name" },
  adjust: { delta: 2 },
  reserve: { quantity: 2 },
  confirm: { orderId: "order-2" },
  extend: { ttlSeconds: 700 },
  return: { restock: false },
  batch: { commands: [{ type: "reserve", quantity: 2, customer: "ann" }] },
  "open a cart": { mode: "best_effort" },
  "extend a cart": { ttlSeconds: 700 },
  "confirm a cart": { orderId: "order-2" },
  "create a drop": { name: "Another name" },
  join: { quantity: 2 },
};
const withOther = POSTS.filter(({ name }) => name in OTHER_BODIES);
const key = (value = crypto.randomUUID() as string) => ({ "Idempotency-Key": value });

async function versionOf(sku: string): Promise<unknown> {
  return (await call("GET", `/v1/skus/${sku}`, { as: admin })).body.version;
}

describe("a key", () => {
  it.each(POSTS)("[IDM2] of $name gives the first answer again and does nothing", async (route) => {
    const place = await newPlace(route);
    const options = { as: callerOf(route), body: route.body?.(place), headers: key() };
    const first = await call("POST", route.path(place), options);
    const version = await versionOf(place.sku);
    const again = await call("POST", route.path(place), options);
    expect([first.status, again.status]).toEqual([route.ok, route.ok]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("Location")).toBe(first.headers.get("Location"));
    expect(first.headers.get("Idempotency-Replayed")).toBeNull();
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await versionOf(place.sku)).toBe(version);
  });

  it.each(withOther)("[IDM3] of $name with other content is refused", async (route) => {
    const place = await newPlace(route);
    const body = route.body?.(place);
    const headers = key();
    await call("POST", route.path(place), { as: callerOf(route), body, headers });
    const version = await versionOf(place.sku);
    const other = { ...body, ...OTHER_BODIES[route.name] };
    const answer = await call("POST", route.path(place), { as: callerOf(route), body: other, headers });
    expectProblem(answer, "idempotency-key-reused");
    expect(answer.headers.get("Idempotency-Replayed")).toBeNull();
    expect(await versionOf(place.sku)).toBe(version);
  });

  it.each(POSTS.filter(({ needsKey }) => needsKey))("[IDM1] is required to $name", async (route) => {
    const place = await newPlace(route);
    const body = route.body?.(place);
    expectInvalid(await call("POST", route.path(place), { as: callerOf(route), body }), "Idempotency-Key");
  });

  it.each(POSTS.filter(({ needsKey }) => !needsKey))("[IDM7] is not required to $name", async (route) => {
    const place = await newPlace(route);
    const answer = await call("POST", route.path(place), { as: callerOf(route), body: route.body?.(place) });
    expect(answer.status).toBe(route.ok);
  });

  it.each(["!", "~", "x".repeat(255), '"quoted"', '["shopper"]'])("[IDM1] may be %s", async (value) => {
    const sku = await newSku(5);
    const [first, again] = [await reserve(sku, "ann", 1, key(value)), await reserve(sku, "ann", 1, key(value))];
    expect([first.status, again.body]).toEqual([201, first.body]);
  });

  it("[IDM2] that comes ten times at once is one reservation", async () => {
    const sku = await newSku(20, { perCustomerLimit: null });
    const headers = key();
    const answers = await Promise.all(Array.from({ length: 10 }, () => reserve(sku, "ann", 2, headers)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.has("Idempotency-Replayed"))).toHaveLength(9);
    expect((await call("GET", `/v1/skus/${sku}`, { as: admin })).body).toMatchObject({ held: 2, available: 18 });
  });

  it("[IDM2] answers as at first, whatever has happened since", async () => {
    const sku = await newSku(5);
    const headers = key();
    const first = await reserve(sku, "ann", 2, headers);
    const path = `/v1/skus/${sku}/reservations/${first.body.id}`;
    await call("POST", `${path}/release`, { as: storefront });
    await call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy: { paused: true, displayCap: 1 } } });
    const again = await reserve(sku, "ann", 2, headers);
    expect(again.body).toEqual(first.body);
    expect((await call("GET", path, { as: storefront })).body.status).toBe("released");
  });

  it("[IDM2] stands for the parsed body: order, spaces and escapes do not matter", async () => {
    const sku = await newSku(5);
    const path = `/v1/skus/${sku}/reservations`;
    const headers = key();
    const bodies = [
      '{"customer":"ann","quantity":1,"metadata":{"a":"1","b":"2"}}',
      '{"metadata":{"b":"2","a":"1"},"quantity":1,"customer":"ann"}',
      ' {"quantity": 1.0, "customer": "\\u0061nn", "metadata": {"a": "1", "b": "2"}} ',
    ];
    const answers = [];
    for (const body of bodies) answers.push(await call("POST", path, { as: storefront, body, headers }));
    expect(answers.map(({ body }) => body.id)).toEqual(Array(3).fill(answers[0]?.body.id));
    const reversed = '{"customer":"ann","quantity":1,"metadata":{"a":"2","b":"1"}}';
    expectProblem(await call("POST", path, { as: storefront, body: reversed, headers }), "idempotency-key-reused");
  });
});

describe("the scope of a key", () => {
  it("[IDM1] is the caller: role and subject", async () => {
    const sku = await newSku(9);
    const path = `/v1/skus/${sku}/reservations`;
    const headers = key();
    const callers = await Promise.all([
      tokenFor("shopper", `ann-${sku}`),
      tokenFor("shopper", `bob-${sku}`),
      tokenFor("storefront", `ann-${sku}`),
      tokenFor("storefront", `bob-${sku}`),
    ]);
    const ids = new Set<unknown>();
    for (const [index, as] of callers.entries()) {
      const body = index < 2 ? { quantity: 1 } : { quantity: 1, customer: "cid" };
      const answer = await call("POST", path, { as, body, headers });
      expect([answer.status, answer.headers.get("Idempotency-Replayed")]).toEqual([201, null]);
      ids.add(answer.body.id);
    }
    expect(ids.size).toBe(4);
  });

  it("[IDM1] is the caller, not its token", async () => {
    const sku = await newSku(9);
    const [one, other] = [await tokenFor("shopper", `ann-${sku}`), await tokenFor("shopper", `ann-${sku}`, "2h")];
    const options = { body: { quantity: 1 }, headers: key() };
    const first = await call("POST", `/v1/skus/${sku}/reservations`, { as: one, ...options });
    const again = await call("POST", `/v1/skus/${sku}/reservations`, { as: other, ...options });
    expect(again.body).toEqual(first.body);
  });

  it("[IDM1] is the route: another command, reservation or SKU does not meet it", async () => {
    const [sku, elsewhere] = [await newSku(9), await newSku(9)];
    const headers = key();
    const one = await reserve(sku, "ann", 1, headers);
    const two = await reserve(sku, "ann");
    const answers = [
      await reserve(elsewhere, "ann", 1, headers),
      ...(await Promise.all(
        [one, two].map(({ body }) =>
          call("POST", `/v1/skus/${sku}/reservations/${body.id}/confirm`, { as: storefront, headers }),
        ),
      )),
      await call("POST", `/v1/skus/${sku}/adjustments`, { as: admin, body: { delta: 1, reason: "x" }, headers }),
    ];
    expect(answers.map(({ status, headers }) => [status, headers.get("Idempotency-Replayed")])).toEqual([
      [201, null],
      [200, null],
      [200, null],
      [200, null],
    ]);
  });

  it("[IDM4] does not open somebody else's reservation", async () => {
    const place = await newPlace();
    const path = `/v1/skus/${place.sku}/reservations/${place.id}/release`;
    const headers = key();
    const owner = await tokenFor("shopper", place.owner);
    expect((await call("POST", path, { as: owner, headers })).status).toBe(200);
    expectProblem(await call("POST", path, { as: await tokenFor("shopper", "mallory"), headers }), "not-found");
  });

  it("[IDM4] comes after validation", async () => {
    const sku = await newSku(5);
    const headers = key();
    await reserve(sku, "ann", 1, headers);
    expectInvalid(await reserve(sku, "ann", 0, headers), "quantity");
  });
});

describe("a refusal", () => {
  it("[IDM6] is not kept: the same call is judged afresh", async () => {
    const sku = await newSku(1);
    const headers = key();
    expectProblem(await reserve(sku, "ann", 2, headers), "insufficient-stock");
    const body = { delta: 1, reason: "found one" };
    await call("POST", `/v1/skus/${sku}/adjustments`, { as: admin, body, headers: key() });
    const answer = await reserve(sku, "ann", 2, headers);
    expect([answer.status, answer.headers.get("Idempotency-Replayed")]).toEqual([201, null]);
    expectProblem(await reserve(sku, "ann", 1, headers), "idempotency-key-reused");
  });

  it("[IDM6] frees its key for other content", async () => {
    const sku = await newSku(1);
    const headers = key();
    expectProblem(await reserve(sku, "ann", 2, headers), "insufficient-stock");
    expect((await reserve(sku, "ann", 1, headers)).status).toBe(201);
  });

  it("[IDM6] is not kept either where a release changed nothing", async () => {
    const place = await newPlace();
    const path = `/v1/skus/${place.sku}/reservations/${place.id}/release`;
    await call("POST", path, { as: storefront });
    const headers = key();
    expect((await call("POST", path, { as: storefront, headers })).headers.get("Idempotency-Replayed")).toBeNull();
    expect((await call("POST", path, { as: storefront, headers })).headers.get("Idempotency-Replayed")).toBeNull();
  });
});
