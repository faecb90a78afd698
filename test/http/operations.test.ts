import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PROBLEM_CODES, PROBLEMS } from "../../src/contracts/problems.ts";
import { admin, call, newSku, reserve, storefront } from "../client.ts";
import { serviceWith } from "./service.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

let secondsAhead = 0;

/** Lets the last look at the objects go stale, also when that was taken ahead of time. */
function passTwoSeconds(): void {
  secondsAhead += 2;
  const later = Date.now() + secondsAhead * 1000;
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(later);
}

describe("health", () => {
  it("[API1] is that the Worker runs", async () => {
    const answer = await call("GET", "/healthz");
    expect(answer).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  it("[REC4] is readiness with the lag of the record", async () => {
    await reserve(await newSku(3), "ann", 1, { Prefer: "wait=10" });
    passTwoSeconds();
    const { status, body } = await call("GET", "/readyz");
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "ok", d1: "ok", objects: "ok" });
    expect(body.outbox).toMatchObject({ unrecordedEvents: 0, lagSeconds: 0 });
  });

  it("[REC4] is degraded, and still ready, while D1 fails: sales go on", async () => {
    await reserve(await newSku(3), "ann", 1, { Prefer: "wait=10" });
    const broken = serviceWith({ DB: {} as D1Database });
    passTwoSeconds();
    const { status, body } = await broken("GET", "/readyz");
    expect([status, body.status, body.d1]).toEqual([200, "degraded", "failing"]);
    expect((await broken("GET", "/metrics", { as: admin })).body.text).toContain("holdfast_d1_up 0");
  });
});

describe("many who ask at once", () => {
  it("[REC4] share one look at the objects, and the next within a second gets it too", async () => {
    const sku = await newSku(3);
    await reserve(sku, "ann", 1, { Prefer: "wait=10" });
    const health = await runInDurableObject(env.SKU.getByName(sku), (instance) =>
      vi.spyOn(Object.getPrototypeOf(instance) as typeof instance, "health"),
    );
    passTwoSeconds();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call("GET", "/readyz")));
    const skusAsked = (answers[0]?.body.outbox as { skusAsked: number } | undefined)?.skusAsked ?? 0;
    expect(skusAsked).toBeGreaterThan(0);
    for (const { status, body } of answers) expect([status, body]).toEqual([200, answers[0]?.body]);
    await call("GET", "/readyz");
    expect(health).toHaveBeenCalledTimes(skusAsked);
    passTwoSeconds();
    await call("GET", "/readyz");
    expect(health).toHaveBeenCalledTimes(2 * skusAsked);
  });
});

describe("metrics", () => {
  it("[REC4] are Prometheus text with the counts of every SKU", async () => {
    const sku = await newSku(9);
    const { id } = (await reserve(sku, "ann", 2)).body;
    await reserve(sku, "bob", 3);
    await reserve(sku, "cid", 9);
    await call("POST", `/v1/skus/${sku}/reservations/${id}/confirm`, {
      as: storefront,
      headers: { Prefer: "wait=10" },
    });
    passTwoSeconds();
    const { headers, body } = await call("GET", "/metrics", { as: admin });
    expect(headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = String(body.text).trimEnd().split("\n");
    const sample = /^[a-z0-9_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? -?\d+(\.\d+)?$/;
    for (const line of lines) expect(line).toMatch(line.startsWith("#") ? /^# (HELP|TYPE) [a-z0-9_]+ \S/ : sample);
    for (const [name, value] of Object.entries({ stock: 9, held: 3, sold: 2, available: 4 })) {
      expect(lines).toContain(`holdfast_${name}_units{sku="${sku}"} ${value}`);
    }
    expect(lines).toContain(`holdfast_unrecorded_events{sku="${sku}"} 0`);
    const counted = lines.filter((line) => line.startsWith(`holdfast_commands_total{sku="${sku}"`));
    expect(counted.join("\n")).toMatch(/command="reserve",outcome="\w+"\} 2/);
    expect(counted.join("\n")).toContain('outcome="insufficient-stock"} 1');
    expect(String(body.text)).not.toMatch(/\b(ann|bob|cid)\b/);
  });
});

describe("documents", () => {
  it.each([
    ["/openapi.json", "openapi", /^3\.1\.\d$/],
    ["/asyncapi.json", "asyncapi", /^3\.1\.0$/],
  ])("[API1] %s describes the service", async (path, member, version) => {
    const answer = await call("GET", path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
    expect(answer.body[member]).toMatch(version);
    expect((await call("GET", path)).body).toEqual(answer.body);
  });

  it("[API1] the bare address leads to the documents where there is no demo", async () => {
    const response = await exports.default.fetch("https://holdfast.test/", { redirect: "manual" });
    expect([response.status, response.headers.get("Location")]).toEqual([302, "/docs/"]);
  });

  it.each(PROBLEM_CODES)("[API3] has a page that explains %s", async (code) => {
    const { status, headers, body } = await call("GET", `/problems/${code}`);
    expect([status, headers.get("Content-Type")]).toEqual([200, "text/html; charset=UTF-8"]);
    const { title, status: comesWith } = PROBLEMS[code];
    for (const text of [code, title, String(comesWith)]) expect(body.text).toContain(text);
    expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
  });

  it("[API3] lists all problems", async () => {
    const { body } = await call("GET", "/problems");
    for (const code of PROBLEM_CODES) expect(body.text).toContain(`href="/problems/${code}"`);
  });

  it.each(["no-such-code", "constructor", "__proto__", "closed%2F", "%3Cscript%3E"])(
    "[API3] has no page for %s",
    async (code) => {
      expectProblem(await call("GET", `/problems/${code}`), "not-found");
    },
  );
});
