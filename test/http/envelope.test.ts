import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { BODY_BYTES_MAX } from "../../src/domain/bounds.ts";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { BODY_ROUTES, callerOf, newPlace, type Place, ROUTES, send } from "./routes.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

const METHODS: [path: string, wrong: string[], allowed: string][] = [
  ["/v1/skus", ["PUT", "PATCH", "DELETE"], "GET, HEAD, POST"],
  ["/v1/skus/any", ["POST", "PUT", "DELETE"], "GET, HEAD, PATCH"],
  ["/v1/skus/any/me", ["POST", "DELETE"], "GET, HEAD"],
  ["/v1/skus/any/adjustments", ["GET", "PATCH"], "POST"],
  ["/v1/skus/any/reservations", ["GET", "DELETE"], "POST"],
  ["/v1/skus/any/reservations/some-id", ["POST", "PATCH", "DELETE"], "GET, HEAD"],
  ["/v1/skus/any/reservations/some-id/confirm", ["GET", "PUT"], "POST"],
  ["/v1/skus/any/reservations/some-id/extend", ["GET"], "POST"],
  ["/v1/skus/any/reservations/some-id/release", ["GET", "DELETE"], "POST"],
  ["/v1/skus/any/reservations/some-id/return", ["GET"], "POST"],
  ["/v1/skus/any/batch", ["GET"], "POST"],
  ["/v1/skus/any/movements", ["POST"], "GET, HEAD"],
  ["/v1/skus/any/live", ["POST"], "GET, HEAD"],
  ["/v1/reservations", ["POST", "DELETE"], "GET, HEAD"],
  ["/healthz", ["POST"], "GET, HEAD"],
  ["/readyz", ["POST"], "GET, HEAD"],
  ["/metrics", ["POST"], "GET, HEAD"],
  ["/openapi.json", ["POST"], "GET, HEAD"],
  ["/asyncapi.json", ["PUT"], "GET, HEAD"],
  ["/docs", ["POST"], "GET, HEAD"],
  ["/problems", ["POST"], "GET, HEAD"],
  ["/problems/closed", ["POST"], "GET, HEAD"],
];

describe("a path", () => {
  it.each([
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v1/skus/",
    "/v1/skus//me",
    "/v1/skus/any/nothing",
    "/v1/skus/any/reservations/id/nothing",
    "/v1/skus/any/reservations/id/confirm/again",
    "/v2/skus",
    "/V1/skus",
    "/v1/skus/any/reservations/",
    "/favicon.ico",
  ])("[API3] %s that there is not is not found, with and without a token", async (path) => {
    expectProblem(await call("GET", path), "not-found");
    expectProblem(await call("POST", path, { as: admin, body: {} }), "not-found");
  });

  it.each(METHODS)("[API2] %s names the methods it has to one that it has not", async (path, wrong, allowed) => {
    for (const method of wrong) {
      const answer = await call(method, path, { as: admin });
      expectProblem(answer, "method-not-allowed");
      expect(answer.headers.get("Allow")).toBe(allowed);
    }
  });

  it("[API2] answers HEAD like GET, without the body", async () => {
    const path = `/v1/skus/${await newSku(3)}`;
    const [head, get] = [await call("HEAD", path, { as: admin }), await call("GET", path, { as: admin })];
    expect(head).toMatchObject({ status: 200, body: { text: "" } });
    expect([...head.headers]).toEqual([...get.headers]);
  });
});

/** For calls that are refused. */
let untouched: Place;
beforeAll(async () => {
  untouched = await newPlace();
});

describe.each(BODY_ROUTES)("the body of $name", (route) => {
  const as = callerOf(route);
  /** The body with an unknown member that makes it as long as this. */
  const bodyOf = (place: Place, bytes: number) => {
    const body = { ...route.body?.(place), filler: "" };
    return JSON.stringify({ ...body, filler: "x".repeat(bytes - JSON.stringify(body).length) });
  };

  it("[API2] names a member that there is not", async () => {
    const place = untouched;
    expectInvalid(await send(route, place, as, { ...route.body?.(place), shoeSize: 42 }), "shoeSize");
    const twice = await send(route, place, as, { ...route.body?.(place), one: 1, other: 2 });
    expectInvalid(twice, "one");
    expectInvalid(twice, "other");
    const inherited = JSON.stringify(route.body?.(place) ?? {}).replace(/}$/, ',"__proto__":{"sold":0}}');
    expectInvalid(await send(route, place, as, inherited.replace("{,", "{")), "__proto__");
  });

  it("[API2] is JSON and an object", async () => {
    const place = untouched;
    const broken = ["{", "}", "{'a':1}", "{a:1}", "undefined", "NaN", "{} {}", '{"a":1,}', "\u0000", "\ufeff{", " "];
    for (const body of broken) expectInvalid(await send(route, place, as, body), "body");
    const others = ["null", "[]", "[{}]", "1", '"text"', "true", "1e309", "[".repeat(30_000), `${"[".repeat(9)}]`];
    for (const body of others) expectInvalid(await send(route, place, as, body), "body");
  });

  it("[API2] says that it is JSON", async () => {
    const place = untouched;
    const types = [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/jsonp",
      "",
      "application/json; charset=iso-8859-1",
      "application/json;charset=UTF-16",
      'application/json; charset="latin1"',
      "application/json; charset=",
      "application/json; charset=utf-8; charset=iso-8859-1",
    ];
    for (const type of types) {
      const answer = await call(route.method, route.path(place), {
        as,
        body: JSON.stringify(route.body?.(place)),
        headers: { "Content-Type": type, "Idempotency-Key": crypto.randomUUID() },
      });
      expectProblem(answer, "unsupported-media-type");
    }
  });

  it.each([
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/json ;charset=UTF-8",
    'application/json; charset="utf-8"',
    "application/json; version=1; charset=utf8",
  ])("[API2] may say so as %s", async (type) => {
    const place = await newPlace(route);
    const answer = await call(route.method, route.path(place), {
      as,
      body: JSON.stringify(route.body?.(place)),
      headers: { "Content-Type": type, "Idempotency-Key": crypto.randomUUID() },
    });
    expect(answer.status).toBe(route.ok);
  });

  it("[API2] has at most 64 KiB, declared or not", async () => {
    const place = untouched;
    const atBound = await send(route, place, as, bodyOf(place, BODY_BYTES_MAX));
    expectInvalid(atBound, "filler");
    expectProblem(await send(route, place, as, bodyOf(place, BODY_BYTES_MAX + 1)), "body-too-large");
    expectProblem(await sendUndeclared(route.method, route.path(place), as, BODY_BYTES_MAX + 1), "body-too-large");
  });
});

/** A body whose length no header tells. */
async function sendUndeclared(method: string, path: string, as: string, bytes: number): Promise<Answer> {
  const body = new Blob(["x".repeat(bytes)]).stream();
  const headers = { Authorization: `Bearer ${as}`, "Content-Type": "application/json", "Idempotency-Key": "k" };
  const response = await exports.default.fetch(new Request(`https://holdfast.test${path}`, { method, body, headers }));
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe("an empty body", () => {
  it.each(BODY_ROUTES)("[API2] to $name counts as an empty object, whatever its type", async (route) => {
    const place = await newPlace(route);
    const headers = { "Idempotency-Key": "k" };
    const bare = await call(route.method, route.path(place), { as: callerOf(route), headers });
    const object = await send(route, await newPlace(route), callerOf(route), {});
    expect([bare.status, bare.body.detail]).toEqual([object.status, object.body.detail]);
  });
});

describe("an answer", () => {
  it.each(ROUTES)("[API6] to $name is kept by nobody, unless it is the SKU as the public sees it", async (route) => {
    const answer = await send(route, route.method === "GET" ? untouched : await newPlace(route), callerOf(route));
    expect(answer.status).toBe(route.ok);
    expect(answer.headers.get("Cache-Control")).toBe(route.name === "read" ? "private, no-store" : "no-store");
  });

  it.each(ROUTES.filter(({ name, ok }) => name !== "metrics" && ok !== 204))(
    "[API1] to $name is JSON in UTF-8",
    async (route) => {
      const answer = await send(route, route.method === "GET" ? untouched : await newPlace(route), callerOf(route));
      expect(answer.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
    },
  );

  it("[API1] writes times in UTC as RFC 3339 and durations in whole seconds", async () => {
    const opensAt = "2020-01-01T01:00:00+01:00";
    const sku = await newSku(5, { opensAt });
    const { body } = await reserve(sku, "ann");
    const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
    for (const member of ["createdAt", "expiresAt", "extendableUntil"]) expect(body[member]).toMatch(instant);
    const view = (await call("GET", `/v1/skus/${sku}`)).body;
    expect(view.updatedAt).toMatch(instant);
    expect(view.policy).toMatchObject({ opensAt: "2020-01-01T00:00:00.000Z", holdTtlSeconds: 900 });
  });

  it("[API2] keeps the members that a text in any script came with", async () => {
    const sku = await newSku(5);
    const sent = "Zoë 👟 אבג e\u0301";
    const customer = sent.normalize("NFC");
    const metadata = { größe: "42½", "": "", emoji: "👟👟", constructor: "a word like any other" };
    const path = `/v1/skus/${sku}/reservations`;
    const { body } = await call("POST", path, { as: storefront, body: { quantity: 1, customer: sent, metadata } });
    expect(body).toMatchObject({ customer, metadata });
    expect((await call("GET", `${path}/${body.id}`, { as: storefront })).body).toMatchObject({ customer, metadata });
  });
});
