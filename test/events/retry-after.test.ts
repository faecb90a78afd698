import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../src/events/retry-after.ts";

const now = Date.UTC(2026, 10, 24, 12);

describe("Retry-After", () => {
  it.each([
    ["120", 120_000],
    [" 5 ", 5_000],
    ["0", 0],
    ["Tue, 24 Nov 2026 12:02:00 GMT", 120_000],
    ["Tuesday, 24-Nov-26 12:02:00 GMT", 120_000],
    ["Tue Nov 24 12:02:00 2026 GMT", 120_000],
    ["Tue, 24 Nov 2026 11:00:00 GMT", 0],
  ])("[WHK10] %s is understood", (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });

  it.each([null, "", "soon", "-5", "1.5", "1e3", "12345678901", "2026-11-24T12:02:00Z", "Tue, 99 Nov 2026"])(
    "[WHK10] %s is ignored",
    (header) => {
      expect(retryAfterMs(header, now)).toBeNull();
    },
  );
});
