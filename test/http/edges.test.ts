import { generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { instant } from "../../src/contracts/sku.ts";
import { admin, call, newSku, reserve, storefront } from "../client.ts";
import { serviceWith } from "./service.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("at the edges of the contract", () => {
  it.each([
    ["255 letters of another script", "ж".repeat(255), {}],
    ["255 characters of four bytes", "👟".repeat(255), {}],
    ["all filters, plain ASCII", `"${"x".repeat(253)}"`, { status: "confirmed" }],
  ])("[API9] a next cursor is one that the list accepts: %s", async (_name, customer, more) => {
    const sku = await newSku(9);
    const made = [await reserve(sku, customer), await reserve(sku, customer, 1, { Prefer: "wait=10" })];
    for (const { body } of made) {
      await call("POST", `/v1/skus/${sku}/reservations/${body.id}/confirm`, { as: storefront });
    }
    const query = new URLSearchParams({ customer, sku, limit: "1", ...more });
    const first = await call("GET", `/v1/reservations?${query}`, { as: storefront });
    query.set("cursor", String(first.body.nextCursor));
    expect((await call("GET", `/v1/reservations?${query}`, { as: storefront })).status).toBe(200);
  });

  it("[API9] a cursor goes into a query as it is", async () => {
    const customer = "жя?~ü";
    const sku = await newSku(9);
    await reserve(sku, customer);
    await reserve(sku, customer, 1, { Prefer: "wait=10" });
    const { body } = await call("GET", `/v1/reservations?sku=${sku}&limit=1`, { as: storefront });
    expect(body.nextCursor).toMatch(/^[A-Za-z0-9._~-]+$/);
  });

  it("[RSV7] metadata is what was sent, __proto__ included, or refused", async () => {
    const sku = await newSku(9);
    const answer = await call("POST", `/v1/skus/${sku}/reservations`, {
      as: storefront,
      body: '{"customer":"ann","quantity":1,"metadata":{"__proto__":"x","a":"b"}}',
    });
    if (answer.status === 201) expect(Object.keys(answer.body.metadata as object).sort()).toEqual(["__proto__", "a"]);
    else expectProblem(answer, "invalid-request");
  });

  it.each(["9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59"])(
    "[API1] a time is RFC 3339 in the answer as well: %s",
    async (opensAt) => {
      const sku = await newSku(9);
      const { status, body } = await call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy: { opensAt } } });
      if (status === 200) expect(instant.safeParse((body.policy as { opensAt: string }).opensAt).success).toBe(true);
      else expect(status).toBe(400);
    },
  );

  it.each([(tag: string) => `W/${tag}`, (tag: string) => `"x", ${tag}`, () => "*"])(
    "[API6] If-None-Match compares weakly, takes lists and * (RFC 9110 13.1.2)",
    async (form) => {
      const sku = await newSku(9);
      const tag = String((await call("GET", `/v1/skus/${sku}`)).headers.get("ETag"));
      const answer = await call("GET", `/v1/skus/${sku}`, { headers: { "If-None-Match": form(tag) } });
      expect(answer.status).toBe(304);
    },
  );

  it("[POL5] If-Match takes a list of tags (RFC 9110 13.1.1)", async () => {
    const sku = await newSku(9);
    const answer = await call("PATCH", `/v1/skus/${sku}`, { as: admin, body: {}, headers: { "If-Match": '"9", "1"' } });
    expect(answer.status).toBe(200);
  });

  it("[POL5] a tag that names no revision: 412 names the current one, and 404 without a SKU", async () => {
    const sku = await newSku(9);
    const options = { as: admin, body: { name: "Other" }, headers: { "If-Match": '"garbage"' } };
    expectProblem(await call("PATCH", "/v1/skus/no-such", options), "not-found");
    expectProblem(await call("PATCH", `/v1/skus/${sku}`, options), "version-mismatch", { revision: 1 });
  });

  it.each(["/problems", "/problems/closed"])("[API6] %s is no-store like everything", async (path) => {
    expect((await call("GET", path)).headers.get("Cache-Control")).toBe("no-store");
  });

  it.each([
    ["500", () => new Response("down", { status: 500 })],
    ["no JSON", () => new Response("<html>")],
    ["no key set", () => Response.json({ message: "maintenance" })],
  ])("[TXN6] an outage of the keys is no 401: %s", async (name, answer) => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => answer());
    const { privateKey } = await generateKeyPair("ES256");
    const as = await new SignJWT({ role: "admin", sub: "root", exp: Math.floor(Date.now() / 1000) + 600 })
      .setProtectedHeader({ alg: "ES256" })
      .sign(privateKey);
    const configured = serviceWith({ AUTH_JWKS_URL: `https://keys.example/down-${encodeURIComponent(name)}` });
    expectProblem(await configured("GET", "/v1/skus", { as }), "unavailable");
  });

  it("[SEC5] tokens that are not valid count against their address", async () => {
    const counted: string[] = [];
    const watched = serviceWith({
      ADDRESS_RATE: {
        limit: async ({ key }) => {
          counted.push(key);
          return { success: true };
        },
      },
    });
    await watched("GET", "/v1/skus", { as: "garbage", headers: { "CF-Connecting-IP": "10.9.0.1" } });
    expect(counted).toEqual(["10.9.0.1"]);
  });

  it("[API3] every problem document has a detail", async () => {
    const sku = await newSku(1);
    const answers = [
      await reserve(sku, "ann", 2),
      await call("GET", "/v1/skus/no-such"),
      await call("POST", "/v1/skus", { as: admin, body: "x".repeat(70_000) }),
    ];
    for (const { body } of answers) expect(body.detail).toBeTypeOf("string");
  });

  it("[API9] numbers in a query are decimal", async () => {
    for (const limit of ["0x10", "1e2", " 5", "+5"]) {
      const answer = await call("GET", `/v1/skus?limit=${encodeURIComponent(limit)}`, { as: admin });
      expect([limit, answer.status]).toEqual([limit, 400]);
    }
  });

  it.each(["/openapi.json", "/asyncapi.json", "/docs", "/problems"])(
    "[SEC7] with a short secret nothing works, %s included",
    async (path) => {
      vi.spyOn(console, "error").mockImplementation(() => undefined);
      expectProblem(await serviceWith({ AUTH_SECRET: "short" })("GET", path), "unavailable");
    },
  );
});
