import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { openCartBody } from "../../src/contracts/cart.ts";
import { batchBody, confirmBody, reserveBody, returnBody } from "../../src/contracts/reservation.ts";
import { joinBody } from "../../src/contracts/waitlist.ts";

type Ask = (quantity: unknown) => unknown;
const ASKS: [what: string, schema: z.ZodType, ask: Ask][] = [
  ["a reserve", reserveBody, (quantity) => ({ quantity })],
  ["a line of a cart", openCartBody, (quantity) => ({ lines: [{ sku: "shoe", quantity }] })],
  ["a reserve in a batch", batchBody, (quantity) => ({ commands: [{ type: "reserve", customer: "ann", quantity }] })],
  ["a place on the waitlist", joinBody, (quantity) => ({ quantity })],
  ["a confirmation", confirmBody, (quantity) => ({ quantity })],
  ["a return", returnBody, (quantity) => ({ quantity })],
];

describe.each(ASKS)("the quantity of %s", (_what, schema, ask) => {
  const isTaken = (quantity: unknown) => schema.safeParse(ask(quantity)).success;

  it("[RSV8] is any whole number from 1 to 10,000", () => {
    expect([1, 2, 9_999, 10_000].map(isTaken)).toEqual([true, true, true, true]);
  });

  it.each([0, -1, 1.5, 10_001, Number.NaN, Number.POSITIVE_INFINITY, "1", null])("[RSV8] is never %s", (quantity) => {
    expect(isTaken(quantity)).toBe(false);
  });
});
