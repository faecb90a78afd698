import { describe, expect, it } from "vitest";
import { HoldfastError, type Refusal } from "../../src/client/client.ts";
import { away, duration, share } from "../../src/web/console/format.ts";
import { healthBySku, readMetrics } from "../../src/web/console/health/metrics.ts";
import { faultOf, readToken } from "../../src/web/console/session/token.ts";
import { explain } from "../../src/web/console/state/failure.ts";
import { hrefOf, routeOf } from "../../src/web/console/state/route.ts";

function tokenWith(claims: object): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const payload = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  return `eyJhbGciOiJIUzI1NiJ9.${payload}.c2ln`;
}

describe("a pasted token", () => {
  const claims = { role: "admin", sub: "Zoë", exp: 2_000 };

  it("is read also when a terminal broke it, or with the header's word", () => {
    const text = tokenWith(claims);
    expect(readToken(`  Bearer ${text.slice(0, 20)}\n${text.slice(20)}`)).toEqual({
      text,
      role: "admin",
      sub: "Zoë",
      expiresAt: 2_000_000,
    });
  });

  it.each([
    { pasted: "nonsense", says: "not a token" },
    { pasted: tokenWith({ ...claims, role: "shopper" }), says: "shopper" },
    { pasted: tokenWith({ role: "admin", sub: "a" }), says: "not a token" },
  ])("is no use: $says", ({ pasted, says }) => {
    expect(faultOf(readToken(pasted))).toContain(says);
  });

  it("is worth asking the service, which alone knows whether it has ended", () => {
    expect(faultOf(readToken(tokenWith({ ...claims, exp: 1 })))).toBeNull();
  });
});

describe("a failure", () => {
  it("of the rules is told in their words", () => {
    const refusal = { code: "stock-in-use", title: "Units are held or sold", detail: "at most 3" } as Refusal;
    expect(explain(refusal, "change")).toEqual({ title: "Units are held or sold", detail: "At most 3." });
  });

  it("of the service leaves nobody in doubt whether to try again", () => {
    const outage = new HoldfastError("unavailable", "something failed", { status: 503, outcome: "unknown" });
    expect(explain(outage, "change").detail).toContain("will not be done twice");
    expect(explain(outage, "read").detail).toBe("Something failed.");
    const wrong = new HoldfastError("invalid-request", "url: must be https", { status: 400 });
    expect(explain(wrong, "change").detail).toBe("Url: must be https.");
  });
});

it("finds the way back from every address", () => {
  expect(routeOf(hrefOf("skus", "a b/c?d"))).toMatchObject({ page: "skus", name: "a b/c?d" });
  expect(routeOf("")).toMatchObject({ page: "stock", name: null });
  expect(routeOf("#/skus/%")).toMatchObject({ page: "skus", name: "%" });
  const { query } = routeOf(hrefOf("reservations", undefined, { customer: "a&b", sku: "" }));
  expect([...query]).toEqual([["customer", "a&b"]]);
});

it("reads the numbers of the service by SKU, those that lag first", () => {
  const text = [
    "# HELP holdfast_watchers Open live sockets.",
    'holdfast_watchers{sku="A"} 3',
    'holdfast_watchers{sku="B"} 0',
    'holdfast_record_lag_seconds{sku="B"} 2.5',
    'holdfast_commands_total{sku="A",command="reserve",outcome="ok"} 7',
    'holdfast_commands_total{sku="A",command="reserve",outcome="paused"} 2',
    "holdfast_d1_up 1",
  ].join("\n");
  expect(healthBySku(readMetrics(text))).toMatchObject([
    { sku: "B", lagSeconds: 2.5 },
    { sku: "A", watchers: 3, done: 7, refused: 2 },
  ]);
});

it("writes durations and shares as people do", () => {
  expect([0, 0.25, 59, 60, 5400, 90_061].map(duration)).toEqual([
    "0 s",
    "0.3 s",
    "59 s",
    "1 min",
    "1 h 30 min",
    "1 d 1 h",
  ]);
  expect([share(0.3456), share(null)]).toEqual(["34.6%", "–"]);
  expect([away(5_000, 0), away(0, 65_000)]).toEqual(["in 5 s", "1 min 5 s ago"]);
});
