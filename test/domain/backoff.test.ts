import { expect, it } from "vitest";
import { backoff } from "../../src/domain/backoff.ts";

it("doubles the pause with every failure, up to its bound and never past it", () => {
  const pauses = Array.from({ length: 9 }, (_pause, index) => backoff(index + 1, 100, 6_400));
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 6_400, 6_400]);
});

it("stays at its bound however long nothing has worked", () => {
  expect([backoff(7, 100, 6_000), backoff(60, 100, 6_000), backoff(100_000, 100, 6_000)]).toEqual([
    6_000, 6_000, 6_000,
  ]);
});
