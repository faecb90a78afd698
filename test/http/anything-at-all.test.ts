import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admin, call, storefront, tokenFor } from "../client.ts";
import { BODY_ROUTES, callerOf, newPlace, send } from "./routes.ts";
import { expectCoped } from "./verdict.ts";

describe("anything at all", () => {
  const anything = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.anything({ maxDepth: 2, withNullPrototype: false }));

  it.each(BODY_ROUTES)("[API3] as the body of $name never is a fault of the service", async (route) => {
    const place = await newPlace(route);
    const names = [
      ...Object.keys(route.body?.(place) ?? {}),
      "policy",
      "metadata",
      "commands",
      "type",
      "id",
      "restock",
    ];
    const body = fc.oneof(anything, fc.dictionary(fc.constantFrom(...names), anything));
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        expectCoped(await send(route, place, callerOf(route), serialized(value)));
        expectCoped(
          await send(route, place, callerOf(route), serialized({ ...route.body?.(place), ...entries(value) })),
        );
      }),
      { numRuns: 25 },
    );
  });

  it("[API3] in a path, a query or a header never is a fault of the service", async () => {
    const place = await newPlace();
    const shopper = await tokenFor("shopper", `fuzz-${place.sku}`);
    const text = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.webPath(), fc.constantFrom("..", ".", "%"));
    const header = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    await fc.assert(
      fc.asyncProperty(text, header, fc.constantFrom(storefront, admin), async (one, other, as) => {
        const part = encodeURIComponent(one);
        const headers = { "If-None-Match": other, Prefer: other, "Idempotency-Key": other, "If-Match": other };
        for (const path of [`/v1/skus/${part}`, `/v1/skus/${place.sku}/reservations/${part}`, `/problems/${part}`]) {
          expectCoped(await call("GET", path, { as, headers }));
        }
        for (const query of [`cursor=${part}`, `limit=${part}`, `customer=${part}`, `${part}=1`, part]) {
          expectCoped(await call("GET", `/v1/reservations?${query}`, { as }));
          expectCoped(await call("GET", `/v1/skus/${place.sku}/movements?after=${part}&${query}`, { as: admin }));
        }
        const path = `/v1/skus/${place.sku}/reservations/${place.id}/release`;
        expectCoped(await call("POST", path, { as, body: {}, headers }));
      }),
      { numRuns: 25 },
    );
    expect((await call("GET", `/v1/skus/${place.sku}`, { as: shopper })).status).toBe(200);
  });
});

function entries(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** What JSON can say of a value; it cannot say everything that there is. */
function serialized(value: unknown): string {
  return JSON.stringify(value, (_name, part) => (typeof part === "bigint" ? String(part) : part)) ?? "undefined";
}
