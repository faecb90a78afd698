import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../src/domain/model.ts";
import { admin, call, newSku, storefront } from "../client.ts";
import { bodyWith, JUNK, ODD_TEXTS, routeNamed } from "./junk.ts";
import { BODY_ROUTES, callerOf, newPlace, type Place, send } from "./routes.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

/** Members of each body that hold numbers, and so refuse all junk. */
const NUMBERS: [route: string, member: string, alsoGood: string[]][] = [
  ["create", "stock", ["0", "-0"]],
  ["adjust", "delta", ["-1"]],
  ["reserve", "quantity", []],
  ["reserve", "ttlSeconds", []],
  ["confirm", "quantity", []],
  ["extend", "ttlSeconds", []],
  ["return", "quantity", []],
  ["open a cart", "ttlSeconds", []],
  ["extend a cart", "ttlSeconds", []],
  ["join", "quantity", []],
  ["create a drop", "perCustomerLimit", ["null"]],
  ["edit a drop", "perCustomerLimit", ["null"]],
];

const TEXTS: [route: string, member: string][] = [
  ["create", "sku"],
  ["create", "name"],
  ["edit", "name"],
  ["adjust", "reason"],
  ["reserve", "customer"],
  ["confirm", "orderId"],
  ["open a cart", "customer"],
  ["confirm a cart", "orderId"],
  ["create a drop", "drop"],
  ["create a drop", "name"],
  ["edit a drop", "name"],
  ["join", "customer"],
];

/** All that may be neither null nor 0. */
const POLICY_NUMBERS = Object.keys(DEFAULT_POLICY).filter((name) => /Seconds$|^maxPer|^abandons/.test(name));

/** For calls that are refused. */
let untouched: Place;
beforeAll(async () => {
  untouched = await newPlace();
});

describe("a number", () => {
  it.each(NUMBERS)("[API2] in %s, %s, is a whole one in bounds", async (name, member, alsoGood) => {
    const route = routeNamed(name);
    const place = untouched;
    for (const raw of JUNK.filter((raw) => !alsoGood.includes(raw))) {
      expectInvalid(await send(route, place, callerOf(route), bodyWith(route, place, member, raw)), member);
    }
  });

  it.each(POLICY_NUMBERS)("[POL9] in the policy, %s, is a whole one in bounds", async (member) => {
    const sku = await newSku(3);
    for (const raw of JUNK) {
      const body = `{"policy":{"${member}":${raw}}}`;
      expectInvalid(await call("PATCH", `/v1/skus/${sku}`, { as: admin, body }), `policy.${member}`);
    }
    expect((await call("GET", `/v1/skus/${sku}`)).body).toMatchObject({ version: 1 });
  });
});

describe("a text", () => {
  it.each(TEXTS)(
    "[API10] in %s, %s, is well-formed, without control characters, and in bounds",
    async (name, member) => {
      const route = routeNamed(name);
      const place = untouched;
      const as = callerOf(route);
      for (const text of ODD_TEXTS) {
        expectInvalid(await send(route, place, as, bodyWith(route, place, member, JSON.stringify(text))), member);
      }
      for (const raw of JUNK.filter((raw) => !raw.startsWith('"'))) {
        expectInvalid(await send(route, place, as, bodyWith(route, place, member, raw)), member);
      }
    },
  );

  it("[API10] in metadata may be anything but NUL and broken surrogate pairs", async () => {
    const sku = await newSku(9);
    const path = `/v1/skus/${sku}/reservations`;
    const reserveWith = (metadata: unknown) =>
      call("POST", path, { as: storefront, body: { customer: "ann", quantity: 1, metadata } });
    for (const text of ["\u0000", "\ud83d"]) {
      expectInvalid(await reserveWith({ note: text }), "metadata");
      expectInvalid(await reserveWith({ [text]: "note" }), "metadata");
    }
    for (const junk of [null, [], "text", 1, { a: 1 }, { a: null }, { a: {} }, { a: ["x"] }]) {
      expectInvalid(await reserveWith(junk), "metadata");
    }
    const metadata = { "line\nbreak": "\t\u200f\u202e\u0301", constructor: "x", toString: "y", "": "" };
    expect((await reserveWith(metadata)).body.metadata).toEqual(metadata);
  });
});

describe("__proto__", () => {
  const reserveRaw = async (members: string) =>
    call("POST", `/v1/skus/${await newSku(9)}/reservations`, { as: storefront, body: `{"quantity":1,${members}}` });

  it("[API2] is a value like any other", async () => {
    const { status, body } = await reserveRaw('"customer":"__proto__","metadata":{"note":"__proto__"}');
    expect(status).toBe(201);
    expect(body).toMatchObject({ customer: "__proto__", metadata: { note: "__proto__" } });
    const path = `/v1/skus/${body.sku}/reservations/${body.id}/confirm`;
    const confirmed = await call("POST", path, { as: storefront, body: '{"orderId":"__proto__"}' });
    expect(confirmed).toMatchObject({ status: 200, body: { orderId: "__proto__" } });
  });

  it.each(['"__proto__"', '"\\u005f_proto__"', '"__prot\\u006f__"'])(
    "[API2] is the name of no member, however it is spelt: %s",
    async (name) => {
      expectInvalid(await reserveRaw(`"customer":"ann","metadata":{${name}:"x","a":"b"}`), "__proto__");
      expectInvalid(await reserveRaw(`"customer":"ann",${name}:{"quantity":9}`), "__proto__");
    },
  );
});

describe("a time", () => {
  it.each(["2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "tomorrow", "", "0"])(
    "[CLK3] such as %j is refused",
    async (opensAt) => {
      const sku = await newSku(3);
      const body = { policy: { opensAt } };
      expectInvalid(await call("PATCH", `/v1/skus/${sku}`, { as: admin, body }), "policy.opensAt");
    },
  );
});

describe("a SKU's name in a path", () => {
  it.each([
    "a%2Fb",
    "a%2F..%2Fb",
    "%2e%2e%2Fskus",
    "a%00",
    "a%0A",
    "a%20b",
    "%F0%9F%91%9F",
    "%E0%A4%A",
    "%",
    "a%252Fb",
    "-a",
    ".a",
    "_a",
    "a+b",
    "a:b",
    "a;b=1",
    "a,b",
    "é",
    "x".repeat(65),
    "x".repeat(3000),
  ])("[API10] such as %s is refused", async (name) => {
    for (const suffix of ["", "/me?customer=ann", "/live"]) {
      expectInvalid(await call("GET", `/v1/skus/${name}${suffix}`, { as: storefront }), "sku");
    }
    expectInvalid(await call("GET", `/v1/skus/${name}/movements`, { as: admin }), "sku");
    const body = { customer: "ann", quantity: 1 };
    expectInvalid(await call("POST", `/v1/skus/${name}/reservations`, { as: storefront, body }), "sku");
  });

  it.each(["a", "A.b_c-d", "0", "constructor", "hasOwnProperty", "x".repeat(64), "1..2"])(
    "[API10] such as %s is a name",
    async (name) => {
      expectProblem(await call("GET", `/v1/skus/${name}`, { as: storefront }), "not-found");
    },
  );
});

describe("percent-encoding that is not of UTF-8", () => {
  it.each(["Jos%E9", "Jos%E9%C3%A9", "%C3", "%ED%A0%80", "%FF", "100%", "%zz"])(
    "[API1] is refused: %s",
    async (part) => {
      const sku = await newSku(9);
      for (const query of [`customer=${part}`, `sku=${sku}&customer=${part}&limit=1`, `cursor=${part}`, `${part}=1`]) {
        const name = query.startsWith(part) ? part : query.startsWith("cursor") ? "cursor" : "customer";
        expectInvalid(await call("GET", `/v1/reservations?${query}`, { as: storefront }), name);
      }
      expectInvalid(await call("GET", `/v1/skus/${sku}/me?customer=${part}`, { as: storefront }), "customer");
      expectInvalid(await call("GET", `/v1/skus/${sku}/reservations/${part}`, { as: storefront }), "id");
      expectInvalid(await call("GET", `/v1/skus/${part}`), "sku");
    },
  );

  it("[API1] is told from a percent sign", async () => {
    const sku = await newSku(9);
    const customer = `Jos%E9-${sku}`;
    await call("POST", `/v1/skus/${sku}/reservations`, { as: storefront, body: { customer, quantity: 1 } });
    const path = `/v1/skus/${sku}/me?customer=${encodeURIComponent(customer)}`;
    expect((await call("GET", path, { as: storefront })).body.myUnits).toBe(1);
  });
});

describe("a header", () => {
  it.each(["", " ", "x".repeat(256), "two words", "ké", "tab\there", "a, b c"])(
    "[IDM1] Idempotency-Key %j is no key",
    async (key) => {
      const place = untouched;
      for (const route of BODY_ROUTES.filter(({ method }) => method === "POST")) {
        const answer = await call("POST", route.path(place), {
          as: callerOf(route),
          body: route.body?.(place),
          headers: { "Idempotency-Key": key },
        });
        expectInvalid(answer, "Idempotency-Key");
      }
    },
  );

  it.each(["garbage", '"', '""', '"x"', '"1', "1", 'W/"1"', '"-1"', '"1e3"', `"${"9".repeat(400)}"`, '"1.1.1"'])(
    "[POL5] If-Match %s names no revision",
    async (tag) => {
      const sku = await newSku(3);
      const headers = { "If-Match": tag };
      const answer = await call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { name: "Other" }, headers });
      expectProblem(answer, "version-mismatch");
    },
  );

  it.each(["garbage", "wait", "wait=", "wait=-1", "wait=x", "wait=1e3", "wait=99999999999", "wait=1.5", ";;;=,,"])(
    "[REC5] Prefer: %s is ignored",
    async (prefer) => {
      const sku = await newSku(3);
      const answer = await call("POST", `/v1/skus/${sku}/reservations`, {
        as: storefront,
        body: { customer: "ann", quantity: 1 },
        headers: { Prefer: prefer },
      });
      expect(answer.status).toBe(201);
      expect(answer.headers.get("Preference-Applied")).toBeNull();
    },
  );

  it.each(["garbage", '"', "W/", "*".repeat(5000), "é"])("[API6] If-None-Match %s fits nothing", async (tag) => {
    const sku = await newSku(3);
    expect((await call("GET", `/v1/skus/${sku}`, { headers: { "If-None-Match": tag } })).status).toBe(200);
  });
});
