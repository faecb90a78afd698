import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutForPublic, problem, refusalToWire } from "../../src/contracts/present.ts";
import { PROBLEM_CODES, PROBLEMS, problemView } from "../../src/contracts/problems.ts";
import type { Refusal } from "../../src/domain/command.ts";

const AT = Date.UTC(2030, 0, 1);
const REFUSALS: [Refusal, Record<string, unknown>][] = [
  [{ code: "not-found" }, {}],
  [{ code: "invalid-request", detail: "quantity: too many" }, {}],
  [{ code: "sku-exists" }, {}],
  [{ code: "version-mismatch", revision: 3 }, { revision: 3 }],
  [{ code: "stock-in-use", available: 3 }, { available: 3 }],
  [{ code: "paused" }, {}],
  [{ code: "closed" }, {}],
  [{ code: "not-open", opensAt: AT, retryAfterSeconds: 9 }, { opensAt: "2030-01-01T00:00:00.000Z" }],
  [
    { code: "limit-exceeded", limit: 3, used: 2, remaining: 1, scope: "sku" },
    { limit: 3, used: 2, remaining: 1, scope: "sku" },
  ],
  [{ code: "hold-expired", refundRequired: true }, { refundRequired: true }],
  [{ code: "already-released", refundRequired: false }, { refundRequired: false }],
  [
    { code: "already-confirmed", orderId: null, refundRequired: true },
    { orderId: null, refundRequired: true },
  ],
  [{ code: "not-confirmed" }, {}],
  [{ code: "nothing-to-return", returnable: 2 }, { returnable: 2 }],
  [{ code: "extension-limit", extendableUntil: AT }, { extendableUntil: "2030-01-01T00:00:00.000Z" }],
  [{ code: "idempotency-key-reused" }, {}],
  [{ code: "overloaded" }, {}],
  [{ code: "unavailable", outcome: "unknown" }, { outcome: "unknown" }],
];

describe("a problem", () => {
  it.each(PROBLEM_CODES)("[API3] %s has a status, a title and a meaning of its own", (code) => {
    const { status, title, meaning } = PROBLEMS[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(problemView.parse(problem(code))).toEqual({
      type: `/problems/${code}`,
      title,
      status,
      detail: meaning,
      code,
    });
    expect(PROBLEM_CODES.filter((other) => PROBLEMS[other].title === title)).toEqual([code]);
    expect(meaning).toMatch(/^[A-Z`].{20,}\.$/);
  });

  it("[API4] has the status that its code promises", () => {
    const elsewhere: Record<string, number> = {
      "invalid-request": 400,
      unauthenticated: 401,
      forbidden: 403,
      "not-found": 404,
      "method-not-allowed": 405,
      gone: 410,
      "version-mismatch": 412,
      "body-too-large": 413,
      "unsupported-media-type": 415,
      "idempotency-key-reused": 422,
      "rate-limited": 429,
      overloaded: 503,
      unavailable: 503,
    };
    for (const code of PROBLEM_CODES) expect([code, PROBLEMS[code].status]).toEqual([code, elsewhere[code] ?? 409]);
  });

  it.each(REFUSALS)("[API3] of $code has the members it promises, and no others", (refusal, members) => {
    const { type, title, status, detail, code, ...others } = refusalToWire(refusal, "trusted");
    const given = refusal.code === "invalid-request" ? refusal.detail : undefined;
    expect({ type, title, status, detail, code }).toEqual(problem(refusal.code, given));
    expect(others).toEqual(members);
  });
});

describe("a count for the public", () => {
  it("[API5] is the cap where there is more, and the truth otherwise", () => {
    const counts = fc.tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }));
    fc.assert(
      fc.property(counts, ([available, cap]) => {
        const shown = cutForPublic(available, cap, "public");
        expect(shown).toEqual(available > cap ? { available: cap, capped: true } : { available });
        expect(cutForPublic(available, cap, "trusted")).toEqual({ available });
        expect(cutForPublic(available, null, "public")).toEqual({ available });
      }),
    );
  });

  it("[API5] is cut in a refusal for stock alone", () => {
    const refusal: Refusal = { code: "insufficient-stock", available: 9, state: "held_elsewhere", displayCap: 5 };
    const members = { status: 409, state: "held_elsewhere" };
    expect(refusalToWire(refusal, "public")).toMatchObject({ ...members, available: 5, capped: true });
    expect(refusalToWire(refusal, "trusted")).toMatchObject({ ...members, available: 9 });
    for (const audience of ["public", "trusted"] as const) {
      expect(refusalToWire(refusal, audience)).not.toHaveProperty("displayCap");
    }
  });
});
