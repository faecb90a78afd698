import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CALL_MS_MAX, PAUSE_MS_MAX, TRIES_MAX, TRY_MS_MAX } from "../../src/client/bounds.ts";
import { HoldfastError } from "../../src/client/failure.ts";
import { pauseBefore, readRetryAfter } from "../../src/client/patience.ts";
import { FakeService, json, problem, settled, tokenOf } from "./fake-service.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HELD = { id: "r1", status: "held", createdAt: "2026-11-24T12:00:00.000Z" };

async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  const error = await settled(promise).catch((reason: unknown) => reason);
  if (!(error instanceof HoldfastError)) throw new Error(`not a failure: ${JSON.stringify(error)}`);
  return error;
}

describe("a call that gets no answer", () => {
  it("[CLI2] is made again with the same key and a count of its tries", async () => {
    const bad = [new TypeError("fetch failed"), problem(503, "unavailable"), problem(429, "rate-limited")];
    const service = new FakeService((_, count) => bad[count - 1] ?? json(201, HELD));
    const result = await settled(service.client().reservations.reserve("shoe", { quantity: 1 }));
    expect(result).toMatchObject({ ok: true, value: HELD, replayed: false });
    expect(service.header("Holdfast-Attempt")).toEqual(["1", "2", "3", "4"]);
    const [key, ...others] = service.header("Idempotency-Key");
    expect(key).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(new Set(others)).toEqual(new Set([key]));
  });

  it("[CLI2] has another key for another call, and the caller's when it has one", async () => {
    const service = new FakeService(() => json(201, HELD));
    const { reservations } = service.client();
    await settled(reservations.reserve("shoe", { quantity: 1 }));
    await settled(reservations.reserve("shoe", { quantity: 1 }));
    await settled(reservations.reserve("shoe", { quantity: 1 }, { idempotencyKey: "mine" }));
    const keys = service.header("Idempotency-Key");
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe("mine");
  });

  it("[CLI3] waits as long as Retry-After says, and a little of its own", async () => {
    const service = new FakeService((_, count) =>
      count === 1 ? problem(429, "rate-limited", {}, { "Retry-After": "7" }) : json(200, {}),
    );
    await settled(service.client().skus.read("shoe"));
    expect(service.sent[1]?.at).toBeGreaterThanOrEqual(7_000);
    expect(service.sent[1]?.at).toBeLessThanOrEqual(8_000);
  });

  it("[CLI3] is given up after so many tries, with an error that names the key to come back with", async () => {
    const service = new FakeService(() => problem(503, "overloaded"));
    const error = await failureOf(service.client().carts.open({ lines: [{ sku: "shoe", quantity: 1 }] }));
    expect(error).toMatchObject({ code: "overloaded", status: 503, tries: TRIES_MAX, outcome: null });
    expect(error.idempotencyKey).toBe(service.header("Idempotency-Key")[0]);
    expect(service.sent).toHaveLength(TRIES_MAX);
  });

  it("[CLI3] is given up in time, however slow the service is", async () => {
    const service = new FakeService(() => "silence");
    const error = await failureOf(service.client().skus.read("shoe"));
    expect(error).toMatchObject({ code: "timeout", status: null });
    expect(service.sent.at(-1)?.at).toBeLessThanOrEqual(CALL_MS_MAX);
    expect(service.sent[1]?.at).toBeGreaterThanOrEqual(TRY_MS_MAX);
  });

  it("[CLI1] is unknown when one of its tries was, whatever the others were told: no answer, or one that says so", async () => {
    const open = (service: FakeService) => service.client().carts.open({ lines: [{ sku: "shoe", quantity: 1 }] });
    const unknown = () => problem(503, "unavailable", { outcome: "unknown" });
    for (const first of [unknown, () => new TypeError("fetch failed"), () => new Response("<html>", { status: 502 })]) {
      const service = new FakeService((_sent, count) => (count === 1 ? first() : problem(503, "overloaded")));
      expect(await failureOf(open(service))).toMatchObject({ code: "overloaded", outcome: "unknown" });
    }
    const out = new FakeService(() => problem(503, "unavailable"));
    expect(await failureOf(open(out))).toMatchObject({ code: "unavailable", outcome: null });
    const read = new FakeService(() => new TypeError("fetch failed"));
    expect(await failureOf(read.client().skus.read("shoe"))).toMatchObject({ code: "network", outcome: null });
  });

  it("[CLI3] is not waited for longer than anybody would", async () => {
    const service = new FakeService(() => problem(503, "unavailable", {}, { "Retry-After": "60" }));
    expect(await failureOf(service.client().skus.read("shoe"))).toMatchObject({ tries: 1, code: "unavailable" });
  });

  it("[CLI1] says what it was: no network, or an answer of somebody else", async () => {
    const offline = new FakeService(() => new TypeError("fetch failed"));
    const error = await failureOf(offline.client().skus.read("shoe"));
    expect(error).toMatchObject({ code: "network", tries: TRIES_MAX, idempotencyKey: null });
    expect(error.cause).toBeInstanceOf(TypeError);
    const proxy = new FakeService(() => new Response("<html>", { status: 520 }));
    expect(await failureOf(proxy.client().skus.read("shoe"))).toMatchObject({
      code: "bad-answer",
      status: 520,
      tries: 1,
    });
    const login = new FakeService(() => new Response("<html>", { headers: { "Content-Type": "text/html" } }));
    expect(await failureOf(login.client().skus.read("shoe"))).toMatchObject({ code: "bad-answer", status: 200 });
    const torn = new FakeService(() => new Response('{"sku":', { headers: { "Content-Type": "application/json" } }));
    expect(await failureOf(torn.client().skus.read("shoe"))).toMatchObject({ code: "bad-answer", status: 200 });
  });
});

describe("what is not made again", () => {
  it("[CLI1] a refusal is a value, with its members", async () => {
    const service = new FakeService(() =>
      problem(409, "insufficient-stock", { available: 1, state: "held_elsewhere" }),
    );
    const result = await settled(service.client().reservations.reserve("shoe", { quantity: 2 }));
    if (result.ok || result.refusal.code !== "insufficient-stock") throw new Error("it was not refused");
    expect([result.refusal.available, result.refusal.state]).toEqual([1, "held_elsewhere"]);
    expect(service.sent).toHaveLength(1);
  });

  it("[CLI1] a refusal with Retry-After is still a refusal", async () => {
    const members = { opensAt: "2026-11-24T12:00:00.000Z" };
    const service = new FakeService(() => problem(409, "not-open", members, { "Retry-After": "3" }));
    const result = await settled(service.client().reservations.reserve("shoe", { quantity: 2 }));
    expect(result).toMatchObject({ ok: false, refusal: { code: "not-open", ...members } });
  });

  it("[CLI1] a bug is thrown at once", async () => {
    for (const [status, code] of [
      [400, "invalid-request"],
      [401, "unauthenticated"],
      [403, "forbidden"],
      [422, "idempotency-key-reused"],
    ] as const) {
      const service = new FakeService(() => problem(status, code));
      const error = await failureOf(service.client({ token: "static" }).reservations.reserve("shoe", { quantity: 1 }));
      expect(error).toMatchObject({ code, status, tries: 1 });
    }
  });

  it("[CLI3] an edit of one revision is sent again too, for the second finds what the first has done", async () => {
    const service = new FakeService(() => problem(503, "unavailable"));
    const { skus, drops } = service.client();
    expect(await failureOf(skus.patch("shoe", { name: "Shoe" }, { ifRevision: 3 }))).toMatchObject({
      tries: TRIES_MAX,
    });
    expect(service.header("If-Match")).toEqual(Array(TRIES_MAX).fill('"3"'));
    expect(await failureOf(drops.patch("noon", { paused: true }))).toMatchObject({ tries: TRIES_MAX });
  });

  it("[CLI3] what the service says of itself while it cannot sell is an answer, and a proxy's 503 is none", async () => {
    const body = { status: "unavailable", d1: "ok", objects: "failing", outbox: {} };
    const said = await new FakeService(() => Response.json(body, { status: 503 })).client().operations.readiness();
    expect(said).toMatchObject({ ok: true, value: body });
    const proxy = new FakeService(
      () => new Response("<html>", { status: 503, headers: { "Content-Type": "text/html" } }),
    );
    expect(await failureOf(proxy.client().operations.readiness())).toMatchObject({
      code: "bad-answer",
      tries: TRIES_MAX,
    });
    const busy = new FakeService(() => problem(503, "overloaded"));
    expect(await failureOf(busy.client().operations.readiness())).toMatchObject({ code: "overloaded" });
  });
});

describe("an abort", () => {
  it("[CLI1] ends a call that is under way with its reason", async () => {
    const service = new FakeService(() => "silence");
    const stop = new AbortController();
    const call = service.client().skus.read("shoe", { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("the page is left")), 100);
    await expect(settled(call)).rejects.toThrow("the page is left");
    expect(service.sent).toHaveLength(1);
  });

  it("[CLI1] during the renewal of a token keeps the call from being made", async () => {
    const service = new FakeService(() => json(200, {}));
    const stop = new AbortController();
    const token = () => new Promise<string>((resolve) => setTimeout(resolve, 500, "token"));
    const call = service.client({ token }).skus.read("shoe", { signal: stop.signal });
    setTimeout(() => stop.abort(), 100);
    await expect(settled(call)).rejects.toMatchObject({ name: "AbortError" });
    expect(service.sent).toEqual([]);
  });

  it("[CLI1] ends a pause, and keeps a call from being made at all", async () => {
    const service = new FakeService(() => problem(429, "rate-limited", {}, { "Retry-After": "10" }));
    const stop = new AbortController();
    const call = service.client().skus.read("shoe", { signal: stop.signal });
    setTimeout(() => stop.abort(), 500);
    await expect(settled(call)).rejects.toMatchObject({ name: "AbortError" });
    await expect(settled(service.client().skus.read("shoe", { signal: stop.signal }))).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(service.sent).toHaveLength(1);
  });
});

describe("a token", () => {
  it("[CLI4] comes from a function once, and again when it is about to end", async () => {
    const service = new FakeService(() => json(200, {}));
    const token = vi.fn(() => tokenOf("shopper", 60));
    const { skus } = service.client({ token });
    await settled(Promise.all([skus.read("shoe"), skus.read("shoe"), skus.own("shoe")]));
    expect(token).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(31_000);
    await settled(skus.read("shoe"));
    expect(token).toHaveBeenCalledTimes(2);
    expect(service.header("Authorization").at(-1)).toBe(`Bearer ${token.mock.results[1]?.value}`);
  });

  it("[CLI4] that is not accepted is renewed once, and then the call is wrong", async () => {
    const service = new FakeService(({ headers }) =>
      headers.get("Authorization") === "Bearer good" ? json(200, {}) : problem(401, "unauthenticated"),
    );
    const given = ["bad", "good"];
    expect(await settled(service.client({ token: () => given.shift() ?? "" }).skus.read("shoe"))).toMatchObject({
      ok: true,
    });
    const error = await failureOf(service.client({ token: async () => "bad" }).skus.read("shoe"));
    expect(error).toMatchObject({ code: "unauthenticated", tries: 2 });
  });

  it("[CLI4] that cannot be got is no outage of the service", async () => {
    const service = new FakeService(() => json(200, {}));
    const token = () => Promise.reject(new Error("logged out"));
    expect(await failureOf(service.client({ token }).skus.read("shoe"))).toMatchObject({ code: "unauthenticated" });
    expect(service.sent).toEqual([]);
  });
});

describe("pauses", () => {
  it("[CLI3] stay within their bounds, and never come before Retry-After", () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), chance, fc.option(fc.nat(60_000)), (next, random, told) => {
        const pause = pauseBefore(next, told, () => random);
        expect(pause).toBeGreaterThanOrEqual(told ?? 100);
        expect(pause).toBeLessThanOrEqual((told ?? PAUSE_MS_MAX) + 1_000);
      }),
    );
  });

  it("[CLI3] read Retry-After as seconds or as a date by the service's clock", () => {
    const now = Date.parse("Tue, 24 Nov 2026 12:00:00 GMT");
    expect(readRetryAfter("3", now)).toBe(3_000);
    expect(readRetryAfter("Tue, 24 Nov 2026 12:00:05 GMT", now)).toBe(5_000);
    expect(readRetryAfter("Tue, 24 Nov 2026 11:59:05 GMT", now)).toBe(0);
    expect([readRetryAfter(null, now), readRetryAfter("soon", now)]).toEqual([null, null]);
  });
});
