import { expect, vi } from "vitest";
import { type Answer, call, storefront } from "../client.ts";

/** A line as a caller sees it. */
export interface LineView {
  sku: string;
  status: string;
  reservation: string | null;
  problem: { code: string; [member: string]: unknown } | null;
}

/** Asks for a cart of one unit of each SKU, or as named. */
export function openCart(
  skus: readonly (string | { sku: string; quantity: number })[],
  members: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const lines = skus.map((sku) => (typeof sku === "string" ? { sku, quantity: 1 } : sku));
  return call("POST", "/v1/carts", { as: storefront, body: { customer: "ann", lines, ...members }, headers });
}

/** A cart that is held. */
export async function heldCart(...asked: Parameters<typeof openCart>): Promise<Answer> {
  const answer = await openCart(...asked);
  expect([answer.status, answer.body.status]).toEqual([201, "held"]);
  return answer;
}

/** Extends, releases or confirms a cart. */
export function act(
  cart: Answer,
  action: "extend" | "release" | "confirm",
  body: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return call("POST", `/v1/carts/${cart.body.id}/${action}`, { as: storefront, body, headers });
}

/** The cart as it is now. */
export function readCart(cart: Answer, as = storefront): Promise<Answer> {
  return call("GET", `/v1/carts/${cart.body.id}`, { as });
}

/** The lines of a cart, or of the answer that it was not held. */
export function linesOf({ body }: Answer): LineView[] {
  return body.lines as LineView[];
}

/** A line's reservation, as its SKU tells it. */
export async function reservationOf({ sku, reservation }: LineView): Promise<Answer["body"]> {
  return (await call("GET", `/v1/skus/${sku}/reservations/${reservation}`, { as: storefront })).body;
}

/** Counts of a SKU. */
export async function countsOf(sku: string): Promise<{ available: unknown; held: unknown; sold: unknown }> {
  const { available, held, sold } = (await call("GET", `/v1/skus/${sku}`, { as: storefront })).body;
  return { available, held, sold };
}

/** Moves the clock of the service, which shares it with the tests. */
export function clockTo(time: unknown, plusMs = 0): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(time)) + plusMs });
}
