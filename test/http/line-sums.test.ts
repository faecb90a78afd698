import { describe, expect, it } from "vitest";
import { cartLine, cartView } from "../../src/contracts/cart.ts";
import { CART_LINES_MAX, QUANTITY_MAX } from "../../src/domain/bounds.ts";
import { newSku } from "../client.ts";
import { countsOf, heldCart, linesOf, openCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";

/** Lines that all name one SKU. */
function timesNamed(sku: string, times: number, quantity: number): { sku: string; quantity: number }[] {
  return Array.from({ length: times }, () => ({ sku, quantity }));
}

describe("lines that name one SKU", () => {
  it("[CRT13] are told as their sum, and take as many units", async () => {
    const sku = await newSku(20_000, { maxPerReservation: QUANTITY_MAX, perCustomerLimit: null });
    const cart = await heldCart(timesNamed(sku, 4, QUANTITY_MAX / 4));
    expect(cartView.strict().safeParse(cart.body).error).toBeUndefined();
    expect(linesOf(cart)).toMatchObject([{ sku, quantity: QUANTITY_MAX, status: "held" }]);
    expect(await countsOf(sku)).toMatchObject({ available: QUANTITY_MAX, held: QUANTITY_MAX });
  });

  it.each([
    ["more than a reservation may have", 2, QUANTITY_MAX / 2 + 1, QUANTITY_MAX + 2],
    ["all that a cart can name", CART_LINES_MAX, QUANTITY_MAX, CART_LINES_MAX * QUANTITY_MAX],
  ])("[CRT13] [CRT11] are refused as their sum, in the documented form: %s", async (_name, times, each, quantity) => {
    const sku = await newSku(1_000_000, { maxPerReservation: QUANTITY_MAX, perCustomerLimit: null });
    const refused = await openCart(timesNamed(sku, times, each));
    expectProblem(refused, "cart-not-held");
    const [line] = linesOf(refused);
    expect(cartLine.strict().safeParse(line).error).toBeUndefined();
    expect(line).toMatchObject({ sku, quantity, problem: { code: "limit-exceeded", limit: QUANTITY_MAX } });
    expect(await countsOf(sku)).toMatchObject({ held: 0 });
  });
});
