import { reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { type Answer, admin, call, newSku, storefront, tokenFor } from "../client.ts";
import { serviceWith } from "./service.ts";
import { expectProblem } from "./verdict.ts";

const AT_ONCE = 50;

afterEach(async () => {
  await reset();
});

/** Calls until one is refused for the rate, and says how many were let through. The limiter's span may turn over once. */
async function callsUntilLimited(limit: number, send: (index: number) => Promise<Answer>): Promise<number> {
  for (let sent = 0; sent <= 2 * limit; sent += AT_ONCE) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => send(sent + index)));
    const limited = answers.filter(({ status }) => status === 429);
    if (limited.length === 0) continue;
    for (const answer of limited) {
      expectProblem(answer, "rate-limited");
      expect(answer.headers.get("Retry-After")).toBe("10");
    }
    return sent + AT_ONCE - limited.length;
  }
  return Number.POSITIVE_INFINITY;
}

function expectLimit(calls: number, limit: number): void {
  expect(calls).toBeGreaterThanOrEqual(limit);
  expect(calls).toBeLessThanOrEqual(2 * limit);
}

const from = (address: string) => ({ headers: { "CF-Connecting-IP": address } });

describe("rate limits", { timeout: 30_000 }, () => {
  it("[SEC5] give a shopper 100 calls in ten seconds, whatever they are and wherever it is", async () => {
    const sku = await newSku(9);
    const as = await tokenFor("shopper", "ann");
    const paths = [`/v1/skus/${sku}`, `/v1/skus/${sku}/me`, "/v1/reservations", `/v1/skus/${sku}?x`];
    const send = (index: number) => call("GET", paths[index % 4] ?? "", { as, ...from(`10.0.0.${index}`) });
    expectLimit(await callsUntilLimited(100, send), 100);
  });

  it("[SEC5] count a shopper's refused calls too, and no other shopper's", async () => {
    const sku = await newSku(1, { paused: true });
    const as = await tokenFor("shopper", "ann");
    const send = () => call("POST", `/v1/skus/${sku}/reservations`, { as, body: { quantity: 1 } });
    expectLimit(await callsUntilLimited(100, send), 100);
    const other = await tokenFor("shopper", "bob");
    expect((await call("GET", `/v1/skus/${sku}/me`, { as: other })).status).toBe(200);
  });

  it("[SEC5] give an address without a token 600", async () => {
    const sku = await newSku(9);
    const send = () => call("GET", "/healthz", from("10.1.0.1"));
    expectLimit(await callsUntilLimited(600, send), 600);
    expect((await call("GET", `/v1/skus/${sku}`, from("10.1.0.2"))).status).toBe(200);
    expect((await call("GET", `/v1/skus/${sku}`, { as: storefront, ...from("10.1.0.1") })).status).toBe(200);
    const shopper = await tokenFor("shopper", "ann");
    expect((await call("GET", `/v1/skus/${sku}`, { as: shopper, ...from("10.1.0.1") })).status).toBe(200);
  });

  it("[SEC5] count what does not exist against the address, over all of its shoppers", async () => {
    const sku = await newSku(9);
    const counted: string[] = [];
    const watched = serviceWith({
      ADDRESS_RATE: {
        limit: async ({ key }) => {
          counted.push(key);
          return { success: counted.length <= 2 };
        },
      },
    });
    const probe = async (sub: string, path: string) =>
      watched("GET", path, { as: await tokenFor("shopper", sub), ...from("10.2.0.1") });
    expect((await probe("ann", `/v1/skus/${sku}`)).status).toBe(200);
    expectProblem(await probe("ann", "/v1/skus/guess-1"), "not-found");
    expectProblem(await probe("bob", `/v1/skus/${sku}/reservations/${crypto.randomUUID()}`), "not-found");
    expectProblem(await probe("cid", "/v1/skus/guess-2/me"), "rate-limited");
    expectProblem(await watched("GET", "/v1/skus/guess-3", { as: storefront, ...from("10.2.0.1") }), "not-found");
    expect(counted).toEqual(["10.2.0.1", "10.2.0.1", "10.2.0.1"]);
  });

  it("[SEC5] do not hold storefronts and admins", async () => {
    const sku = await newSku(1);
    for (const as of [storefront, admin]) {
      const send = (index: number) =>
        call("GET", index % 2 === 0 ? `/v1/skus/${sku}` : "/v1/skus/guess", { as, ...from("10.3.0.1") });
      expect(await callsUntilLimited(300, send)).toBe(Number.POSITIVE_INFINITY);
    }
  });
});
