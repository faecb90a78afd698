import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { admin, call, newSku, reserve, storefront, TEST_SECRET, tokenFor } from "../client.ts";
import { handmade, signed } from "./forged-tokens.ts";
import { newPlace, ROUTES } from "./routes.ts";
import { serviceWith } from "./service.ts";
import { expectProblem } from "./verdict.ts";

const soon = () => Math.floor(Date.now() / 1000) + 600;

afterEach(() => {
  vi.restoreAllMocks();
});

describe("AUTH_SECRET", () => {
  it.each([
    ["empty", ""],
    ["31 bytes", "x".repeat(31)],
    ["the example's", "replace-me-with-at-least-32-random-bytes"],
  ])("[SEC7] that is %s makes the service refuse everything", async (_name, AUTH_SECRET) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const service = serviceWith({ AUTH_SECRET });
    const place = await newPlace();
    const as =
      AUTH_SECRET === "" ? admin : await signed({ role: "admin", sub: "root", exp: soon() }, bytes(AUTH_SECRET));
    for (const route of ROUTES) {
      const answer = await service(route.method, route.path(place), { as, body: route.body?.(place) });
      expectProblem(answer, "unavailable");
      expect(answer.headers.get("Retry-After")).toBe("1");
    }
    for (const path of ["/healthz", "/readyz"]) expectProblem(await service("GET", path), "unavailable");
    if (AUTH_SECRET !== "") expect(JSON.stringify(log.mock.calls)).not.toContain(AUTH_SECRET);
    expect((await call("GET", `/v1/skus/${place.sku}`)).body.version).toBe(4);
  });

  it("[SEC4] of 32 bytes is enough, and other secrets' tokens are not good with it", async () => {
    const AUTH_SECRET = "x".repeat(32);
    const service = serviceWith({ AUTH_SECRET });
    const as = await signed({ role: "admin", sub: "root", exp: soon() }, bytes(AUTH_SECRET));
    expect((await service("GET", "/v1/skus", { as })).status).toBe(200);
    expectProblem(await service("GET", "/v1/skus", { as: admin }), "unauthenticated");
    expectProblem(await call("GET", "/v1/skus", { as }), "unauthenticated");
  });
});

describe("settings that make no sense", () => {
  it.each([
    ["SHOPPER_CONFIRM", "yes"],
    ["AUTH_JWKS_URL", "not a url"],
    ["AUTH_JWKS_URL", "ftp://keys.example/jwks"],
  ])("[SEC7] such as %s=%s make the service refuse everything", async (name, value) => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    expectProblem(await serviceWith({ [name]: value })("GET", "/healthz"), "unavailable");
  });
});

describe("AUTH_ISSUER and AUTH_AUDIENCE", () => {
  const configured = serviceWith({ AUTH_ISSUER: "https://issuer.example", AUTH_AUDIENCE: "holdfast" });
  const claims = { role: "admin", sub: "root", iss: "https://issuer.example", aud: "holdfast" };

  it.each([
    ["both", claims],
    ["one audience among others", { ...claims, aud: ["other", "holdfast"] }],
  ])("[SEC4] let a token with %s in", async (_name, good) => {
    const as = await signed({ ...good, exp: soon() });
    expect((await configured("GET", "/v1/skus", { as })).status).toBe(200);
  });

  it.each([
    ["no issuer", { ...claims, iss: undefined }],
    ["another issuer", { ...claims, iss: "https://issuer.example/" }],
    ["no audience", { ...claims, aud: undefined }],
    ["another audience", { ...claims, aud: ["other"] }],
  ])("[SEC4] keep a token with %s out", async (_name, bad) => {
    const as = await signed(JSON.parse(JSON.stringify({ ...bad, exp: soon() })) as JWTPayload);
    expectProblem(await configured("GET", "/v1/skus", { as }), "unauthenticated");
    expect((await call("GET", "/v1/skus", { as })).status).toBe(200);
  });
});

describe("AUTH_JWKS_URL", () => {
  it.each(["ES256", "RS256"])("[SEC4] gives the keys for %s, and only for that", async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), alg, kid: `key-${alg}` };
    const url = `https://keys.example/${alg}`;
    const fetches = serveKeys([jwk]);
    const configured = serviceWith({ AUTH_JWKS_URL: url });
    const claims = { role: "admin", sub: "root", exp: soon() };
    const as = await new SignJWT(claims).setProtectedHeader({ alg, kid: jwk.kid }).sign(privateKey);
    const stranger = await generateKeyPair(alg);
    const forged = await new SignJWT(claims).setProtectedHeader({ alg, kid: jwk.kid }).sign(stranger.privateKey);
    const expired = await new SignJWT({ ...claims, exp: soon() - 1200 }).setProtectedHeader({ alg }).sign(privateKey);
    const confused = await signed(claims, bytes(JSON.stringify(jwk)));
    const relabelled = await handmade({ alg, kid: jwk.kid }, claims);

    expect((await configured("GET", "/v1/skus", { as })).status).toBe(200);
    for (const bad of [forged, expired, confused, relabelled]) {
      expectProblem(await configured("GET", "/v1/skus", { as: bad }), "unauthenticated");
    }
    expect((await configured("GET", "/v1/skus", { as: admin })).status).toBe(200);
    expectProblem(await call("GET", "/v1/skus", { as }), "unauthenticated");
    expect(fetches).toHaveBeenCalledTimes(1);
  });

  it("[SEC4] does not lend its keys to algorithms that are not named", async () => {
    const { privateKey, publicKey } = await generateKeyPair("PS256", { extractable: true });
    serveKeys([{ ...(await exportJWK(publicKey)), kid: "ps" }]);
    const as = await new SignJWT({ role: "admin", sub: "root", exp: soon() })
      .setProtectedHeader({ alg: "PS256", kid: "ps" })
      .sign(privateKey);
    const configured = serviceWith({ AUTH_JWKS_URL: "https://keys.example/ps256" });
    expectProblem(await configured("GET", "/v1/skus", { as }), "unauthenticated");
  });

  it("[TXN6] that cannot be reached is an outage, not the caller's fault", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("connection refused"));
    const { privateKey } = await generateKeyPair("ES256");
    const as = await new SignJWT({ role: "admin", sub: "root", exp: soon() })
      .setProtectedHeader({ alg: "ES256" })
      .sign(privateKey);
    const configured = serviceWith({ AUTH_JWKS_URL: "https://keys.example/down" });
    expectProblem(await configured("GET", "/v1/skus", { as }), "unavailable");
    expect((await configured("GET", "/v1/skus", { as: admin })).status).toBe(200);
  });
});

describe("the detail of a 401", () => {
  const claims = { role: "admin", sub: "root", exp: soon() };
  const withIssuer = { ...claims, iss: "https://issuer.example", aud: "holdfast" };

  it.each<[fault: string, claims: JWTPayload, detail: string]>([
    ["expired", { ...claims, exp: soon() - 601 }, "the token has expired"],
    ["expired long ago", { ...claims, exp: 1 }, "the token has expired"],
    ["without an end", { role: "admin", sub: "root" }, "the token has no expiry (exp)"],
    ["not begun", { ...claims, nbf: soon() }, "the token is not valid yet"],
    ["from the future", { ...claims, iat: soon() }, "the token is not valid yet"],
    ["without a role", { sub: "root", exp: soon() }, "the token has no role"],
    ["of another role", { ...claims, role: "king" }, "the token has none of the roles shopper, storefront, admin"],
    [
      "with a long subject",
      { ...claims, sub: "s".repeat(256) },
      "sub) is not a valid customer name: 1 to 255 characters",
    ],
    ["without a subject", { role: "admin", exp: soon() }, "subject (sub)"],
  ])("[SEC4] names the fault of a token that is %s", async (_fault, bad, detail) => {
    const answer = await call("GET", "/v1/skus", { as: await signed(bad) });
    expectProblem(answer, "unauthenticated");
    expect(answer.body.detail).toContain(detail);
    expect(answer.body.detail).not.toMatch(/root|king|sss/);
  });

  it.each([
    ["another secret", () => signed(claims, bytes("y".repeat(40))), "the token's signature is wrong"],
    ["no form", async () => "garbage", "the token is malformed"],
    ["no signature", () => handmade({ alg: "none" }, claims, false), "the token's algorithm is not accepted here"],
    ["another algorithm", () => handmade({ alg: "RS256" }, claims), "the token's algorithm is not accepted here"],
    ["9,000 characters", () => signed({ ...claims, filler: "x".repeat(9000) }), "more than 8192 characters"],
  ])("[SEC4] names the fault of a token with %s", async (_fault, make, detail) => {
    const answer = await call("GET", "/v1/skus", { as: await make() });
    expectProblem(answer, "unauthenticated");
    expect(answer.body.detail).toContain(detail);
  });

  it("[SEC4] names issuer and audience, and never what they should be", async () => {
    const configured = serviceWith({ AUTH_ISSUER: "https://issuer.example", AUTH_AUDIENCE: "holdfast" });
    const detailFor = async (bad: JWTPayload) =>
      (await configured("GET", "/v1/skus", { as: await signed(bad) })).body.detail;
    expect(await detailFor({ ...withIssuer, iss: "https://evil.example" })).toBe(
      "the token's issuer (iss) is not accepted here",
    );
    expect(await detailFor({ ...withIssuer, aud: "other" })).toBe("the token's audience (aud) is not this service");
  });

  it("[SEC4] says nothing of the claims of a token that is not signed well", async () => {
    const answer = await call("GET", "/v1/skus", { as: await signed({ ...claims, exp: 1 }, bytes("y".repeat(40))) });
    expect(answer.body.detail).toBe("the token's signature is wrong");
  });
});

describe("the clock of whoever signs", () => {
  const at = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
  const statusOf = async (claims: JWTPayload) =>
    (await call("GET", "/v1/skus", { as: await signed({ role: "admin", sub: "root", exp: soon(), ...claims }) }))
      .status;

  it("[SEC4] may be 10 seconds ahead, and no more, for nbf and iat", async () => {
    expect(await statusOf({ nbf: at(5) })).toBe(200);
    expect(await statusOf({ iat: at(5), nbf: at(9) })).toBe(200);
    expect(await statusOf({ nbf: at(15) })).toBe(401);
    expect(await statusOf({ iat: at(15) })).toBe(401);
  });

  it("[SEC4] adds nothing to the end", async () => {
    expect(await statusOf({ exp: at(0) })).toBe(401);
    expect(await statusOf({ exp: at(-5) })).toBe(401);
  });
});

describe("claims", () => {
  it("[SEC4] are UTF-8: other bytes would make one of two customers", async () => {
    const payload = `{"role":"shopper","sub":"Jos\xe9","exp":${soon()}}`;
    const content = `${btoa('{"alg":"HS256"}')}.${btoa(payload)}`.replaceAll("=", "");
    const key = await crypto.subtle.importKey("raw", bytes(TEST_SECRET), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const signature = String.fromCharCode(...new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes(content))));
    const as = `${content}.${btoa(signature).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
    const answer = await call("GET", "/v1/reservations", { as });
    expectProblem(answer, "unauthenticated");
    expect(answer.body.detail).toBe("the token is malformed");
  });
});

describe("SHOPPER_CONFIRM", () => {
  it("[SEC3] lets a shopper confirm its own reservation, and nobody else's", async () => {
    const demo = serviceWith({ SHOPPER_CONFIRM: "true" });
    const place = await newPlace();
    const path = `/v1/skus/${place.sku}/reservations/${place.id}/confirm`;
    const owner = await tokenFor("shopper", place.owner);
    const other = await tokenFor("shopper", `other-${place.sku}`);
    expectProblem(await demo("POST", path, { as: other }), "not-found");
    expectProblem(await call("POST", path, { as: owner }), "forbidden");
    expect(await demo("POST", path, { as: owner })).toMatchObject({ status: 200, body: { status: "confirmed" } });
  });

  it.each(["false", ""])("[SEC3] of %j lets storefronts confirm only", async (SHOPPER_CONFIRM) => {
    const shop = serviceWith({ SHOPPER_CONFIRM });
    const sku = await newSku(3);
    const { id, customer } = (await reserve(sku, `ann-${sku}`)).body;
    const path = `/v1/skus/${sku}/reservations/${id}/confirm`;
    const as = await tokenFor("shopper", String(customer));
    expectProblem(await shop("POST", path, { as }), "forbidden");
    expect((await shop("POST", path, { as: storefront })).status).toBe(200);
  });

  it("[SEC3] opens nothing else to shoppers", async () => {
    const demo = serviceWith({ SHOPPER_CONFIRM: "true" });
    const place = await newPlace();
    const as = await tokenFor("shopper", place.owner);
    for (const route of ROUTES.filter(({ callers }) => callers !== "anyone" && !callers.includes("shopper"))) {
      if (route.name.startsWith("confirm")) continue;
      const answer = await demo(route.method, route.path(place), { as, body: route.body?.(place) });
      expectProblem(answer, "forbidden");
    }
  });
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function serveKeys(keys: JWK[]) {
  return vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ keys }));
}
