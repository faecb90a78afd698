import { describe, expect, it, vi } from "vitest";
import { call, newSku, storefront } from "../client.ts";
import { serviceWith } from "./service.ts";
import { expectProblem } from "./verdict.ts";

const SHOP = "https://shop.example";
const STRANGER = "https://evil.example";
const ALLOWED_ORIGINS = `${SHOP}, https://console.example`;
const listed = serviceWith({ ALLOWED_ORIGINS });

const preflight = (origin: string) => ({
  headers: {
    Origin: origin,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
  },
});
const words = (header: string | null) => (header ?? "").toLowerCase().split(/\s*,\s*/);

describe("a preflight", () => {
  it("[SEC6] of an allowed origin says what a page may send, without a token", async () => {
    for (const origin of [SHOP, "https://console.example"]) {
      const { status, headers, body } = await listed("OPTIONS", "/v1/skus/any/reservations", preflight(origin));
      expect([status, body.text]).toEqual([204, ""]);
      expect(headers.get("Access-Control-Allow-Origin")).toBe(origin);
      expect(words(headers.get("Access-Control-Allow-Methods"))).toEqual(
        expect.arrayContaining(["get", "post", "patch", "delete"]),
      );
      expect(words(headers.get("Access-Control-Allow-Headers"))).toEqual(
        expect.arrayContaining([
          "authorization",
          "content-type",
          "idempotency-key",
          "if-match",
          "if-none-match",
          "prefer",
        ]),
      );
      expect(words(headers.get("Vary"))).toContain("origin");
      expect(headers.get("Access-Control-Allow-Credentials")).toBeNull();
    }
  });

  it.each([STRANGER, "null", `${SHOP}.evil.example`, `${SHOP}:8443`, "http://shop.example", `${SHOP}/`])(
    "[SEC6] of %s, which is not on the list, allows nothing",
    async (origin) => {
      const { headers } = await listed("OPTIONS", "/v1/skus/any/reservations", preflight(origin));
      expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
    },
  );

  it("[SEC6] without a list allows every origin", async () => {
    const { headers } = await call("OPTIONS", "/v1/skus/any/reservations", preflight(STRANGER));
    expect(headers.get("Access-Control-Allow-Origin")).toBe(STRANGER);
  });
});

describe("an answer", () => {
  it("[SEC6] may be read by an allowed page with the headers it needs, refusals and outages included", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const sku = await newSku(3);
    const origin = { headers: { Origin: SHOP } };
    const answers = [
      await listed("GET", `/v1/skus/${sku}`, origin),
      await listed("GET", "/v1/skus/none", origin),
      await listed("GET", "/nothing", origin),
      await listed("DELETE", `/v1/skus/${sku}`, origin),
      await listed("POST", `/v1/skus/${sku}/reservations`, { ...origin, body: {} }),
      await listed("POST", `/v1/skus/${sku}/reservations`, { ...origin, as: storefront, body: "x".repeat(70_000) }),
      await serviceWith({ ALLOWED_ORIGINS, DB: {} as D1Database })("GET", "/v1/reservations", {
        ...origin,
        as: storefront,
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 405, 401, 413, 503]);
    for (const { headers } of answers) {
      expect(headers.get("Access-Control-Allow-Origin")).toBe(SHOP);
      expect(words(headers.get("Vary"))).toContain("origin");
      expect(words(headers.get("Access-Control-Expose-Headers"))).toEqual(
        expect.arrayContaining([
          "etag",
          "location",
          "retry-after",
          "idempotency-replayed",
          "holdfast-recorded",
          "holdfast-as-of",
        ]),
      );
    }
  });

  it("[SEC6] is not readable by other pages", async () => {
    const { headers } = await listed("GET", `/v1/skus/${await newSku(3)}`, { headers: { Origin: STRANGER } });
    expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
  });

  it("[API6] varies with the caller also where it varies with the origin", async () => {
    const { headers } = await listed("GET", `/v1/skus/${await newSku(3)}`, { headers: { Origin: SHOP } });
    expect(words(headers.get("Vary"))).toEqual(expect.arrayContaining(["authorization", "origin"]));
  });

  it("[SEC6] an answer that caches may keep varies with the origin, also when the call has none", async () => {
    const { headers } = await call("GET", `/v1/skus/${await newSku(3)}`);
    expect(headers.get("Cache-Control")).toBe("public, max-age=1");
    expect(headers.get("Vary")).toMatch(/\bOrigin\b/);
  });
});

describe("an upgrade to the live feed", () => {
  const upgrade = (more: Record<string, string> = {}) => ({ headers: { Upgrade: "websocket", ...more } });

  it("[SEC6] from a page that is not on the list is refused", async () => {
    const path = `/v1/skus/${await newSku(3)}/live`;
    expectProblem(await listed("GET", path, upgrade({ Origin: STRANGER })), "forbidden");
  });

  it.each(["bearer.garbage", "holdfast, bearer.garbage", "holdfast, bearer."])(
    "[LIV1] with the subprotocols %s is refused for its token",
    async (protocols) => {
      const path = `/v1/skus/${await newSku(3)}/live`;
      expectProblem(await call("GET", path, upgrade({ "Sec-WebSocket-Protocol": protocols })), "unauthenticated");
    },
  );

  it.each([{}, { Upgrade: "h2c" }, { Connection: "Upgrade" }])(
    "[LIV1] that is none is refused: %j",
    async (headers) => {
      const answer = await call("GET", `/v1/skus/${await newSku(3)}/live`, { headers });
      expectProblem(answer, "invalid-request");
      expect(answer.body.detail).toContain("WebSocket");
    },
  );
});
