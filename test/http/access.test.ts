import { beforeAll, describe, expect, it } from "vitest";
import { admin, call, newSku, type Role, reserve, storefront, tokenFor } from "../client.ts";
import { FORGED, signed } from "./forged-tokens.ts";
import { CLOSED_ROUTES, newPlace, type Place, ROUTES, type Route, send } from "./routes.ts";
import { expectProblem } from "./verdict.ts";

const DOORS = ["/healthz", "/readyz", "/openapi.json", "/asyncapi.json", "/docs", "/problems", "/problems/closed"];

const KINDS = ["garbage", "an expiry that has passed", "no expiry", "alg none", "RS256 with the shared secret"];

/** What a shopper sends where a storefront names the customer. */
function shopperBody(route: Route, place: Place): unknown {
  const { customer: _mine, ...body } = route.body?.(place) ?? {};
  return route.body === undefined ? undefined : body;
}

/** For calls that are to change nothing. */
let untouched: Place;
beforeAll(async () => {
  untouched = await newPlace();
});

const mayCall = ({ callers }: Route, role: Role) => callers === "anyone" || callers.includes(role);

/** Where a caller of this role makes a call: at a place of its own if that may change something. */
async function placeFor(route: Route, role: Role): Promise<Place> {
  return mayCall(route, role) && route.method !== "GET" ? newPlace(route) : untouched;
}

describe.each(ROUTES)("$name", (route) => {
  it("[SEC3] lets nobody in without a token, unless it is for anyone", async () => {
    const answer = await send(route, untouched, undefined);
    if (route.callers === "anyone") return expect(answer.status).toBe(route.ok);
    expectProblem(answer, "unauthenticated");
    expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
  });

  it("[SEC3] lets the shopper who holds the reservation in where shoppers may call", async () => {
    const place = await placeFor(route, "shopper");
    const answer = await send(route, place, await tokenFor("shopper", place.owner), shopperBody(route, place));
    if (mayCall(route, "shopper")) expect(answer.status).toBe(route.ok);
    else expectProblem(answer, "forbidden");
  });

  it("[SEC1] shows another shopper nothing of it", async () => {
    const place = route.isOwned ? untouched : await placeFor(route, "shopper");
    const answer = await send(route, place, await tokenFor("shopper", `other-${place.sku}`), shopperBody(route, place));
    if (!mayCall(route, "shopper") || route.name === "me") expectProblem(answer, "forbidden");
    else if (route.isOwned) expectProblem(answer, "not-found");
    else expect(answer.status).toBe(route.ok);
    expect(JSON.stringify(answer.body)).not.toContain(place.owner);
  });

  it.each([
    ["storefront", storefront],
    ["admin", admin],
  ] as const)("[SEC3] lets the %s in where it may call", async (role, token) => {
    const answer = await send(route, await placeFor(route, role), token);
    if (mayCall(route, role)) expect(answer.status).toBe(route.ok);
    else expectProblem(answer, "forbidden");
  });

  it("[SEC4] lets no forged token in, not even where none is needed", async () => {
    // All of them are tried on one route; on the others one of each kind, for they share the door.
    const faults = route.name === "list of SKUs" ? FORGED : FORGED.filter(([fault]) => KINDS.includes(fault));
    for (const [fault, token] of faults) {
      const answer = await send(route, untouched, token);
      expect([fault, answer.status]).toEqual([fault, 401]);
      expectProblem(answer, "unauthenticated");
      expect(JSON.stringify(answer.body)).not.toContain(token);
    }
  });
});

describe("a token", () => {
  it.each([
    ["Basic", "Basic cm9vdDpyb290"],
    ["no scheme", admin],
    ["an empty header", ""],
    ["a scheme alone", "Bearer"],
    ["two tokens", `Bearer ${admin} ${admin}`],
  ])("[SEC4] with %s is none", async (_name, header) => {
    for (const route of CLOSED_ROUTES.slice(0, 3)) {
      const answer = await call(route.method, route.path(untouched), { headers: { Authorization: header } });
      expectProblem(answer, "unauthenticated");
    }
  });

  it("[SEC4] is taken whatever the case of its scheme", async () => {
    const answer = await call("GET", "/v1/skus", { headers: { Authorization: `bearer  ${admin}` } });
    expect(answer.status).toBe(200);
  });

  it("[SEC4] that was good is not good any more after its expiry", async () => {
    const soon = Math.floor(Date.now() / 1000) + 2;
    const token = await signed({ role: "admin", sub: "root", exp: soon });
    expect((await call("GET", "/v1/skus", { as: token })).status).toBe(200);
    await expect.poll(async () => (await call("GET", "/v1/skus", { as: token })).status, { timeout: 5000 }).toBe(401);
    expect(Date.now()).toBeGreaterThanOrEqual(soon * 1000);
  });

  it("[SEC4] may have a subject in any script", async () => {
    const sku = await newSku(3);
    const sub = "Zoë 👟 אבג";
    const answer = await call("POST", `/v1/skus/${sku}/reservations`, {
      as: await tokenFor("shopper", sub),
      body: { quantity: 1 },
    });
    expect(answer).toMatchObject({ status: 201, body: { customer: sub } });
  });
});

describe("a shopper", () => {
  it("[SEC2] acts for itself, named or not", async () => {
    const sku = await newSku(9);
    const as = await tokenFor("shopper", "ann-of-sec2");
    const path = `/v1/skus/${sku}/reservations`;
    const unnamed = await call("POST", path, { as, body: { quantity: 1 } });
    const named = await call("POST", path, { as, body: { quantity: 1, customer: "ann-of-sec2" } });
    expect([unnamed.body.customer, named.body.customer]).toEqual(["ann-of-sec2", "ann-of-sec2"]);
  });

  it("[SEC2] who names another customer is refused, and nothing is held", async () => {
    const sku = await newSku(9);
    const as = await tokenFor("shopper", "mallory");
    const answers = await Promise.all([
      call("POST", `/v1/skus/${sku}/reservations`, { as, body: { quantity: 1, customer: "ann" } }),
      call("GET", `/v1/skus/${sku}/me?customer=ann`, { as }),
      call("GET", "/v1/reservations?customer=ann", { as }),
    ]);
    for (const answer of answers) expectProblem(answer, "forbidden");
    expect((await call("GET", `/v1/skus/${sku}`, { as: admin })).body).toMatchObject({ held: 0, version: 1 });
  });

  it("[SEC1] gets the same answer for somebody else's reservation as for one that does not exist", async () => {
    const place = await newPlace();
    const as = await tokenFor("shopper", "mallory-of-sec1");
    const id = crypto.randomUUID();
    const nobodys = { ...place, id, cart: id, entry: id };
    for (const route of ROUTES.filter(({ isOwned }) => isOwned)) {
      const theirs = await send(route, place, as);
      const none = await send(route, nobodys, as);
      expectProblem(theirs, "not-found");
      expect(theirs.body).toEqual(none.body);
      expect([...theirs.headers]).toEqual([...none.headers]);
    }
  });

  it("[SEC1] finds nothing under another SKU, though the reservation is its own", async () => {
    const place = await newPlace();
    const elsewhere = await newSku(3);
    const as = await tokenFor("shopper", place.owner);
    expectProblem(await call("GET", `/v1/skus/${elsewhere}/reservations/${place.id}`, { as }), "not-found");
  });
});

describe("a storefront", () => {
  it("[SEC2] names the customer", async () => {
    const sku = await newSku(9);
    const path = `/v1/skus/${sku}/reservations`;
    const unnamed = await call("POST", path, { as: storefront, body: { quantity: 1 } });
    expectProblem(unnamed, "invalid-request");
    expect(unnamed.body.detail).toContain("customer");
    expectProblem(await call("GET", `/v1/skus/${sku}/me`, { as: storefront }), "invalid-request");
    expect((await reserve(sku, "ann")).body.customer).toBe("ann");
  });
});

describe("open doors", () => {
  it.each(DOORS)("[SEC3] %s needs no token", async (path) => {
    expect((await call("GET", path)).status).toBe(200);
  });
});
