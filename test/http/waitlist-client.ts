import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";

/** A fresh key. */
export const key = () => ({ "Idempotency-Key": crypto.randomUUID() });

/** A place on the waitlist, as the storefront takes it for a customer. */
export function join(sku: string, customer: string, quantity = 1, headers = {}): Promise<Answer> {
  return call("POST", `/v1/skus/${sku}/waitlist`, { as: storefront, body: { customer, quantity }, headers });
}

/** How the entry stands now. */
export async function statusOf({ body }: Answer): Promise<unknown> {
  return (await call("GET", `/v1/skus/${body.sku}/waitlist/${body.id}`, { as: storefront })).body.status;
}

/** The entry as it is now. */
export async function read({ body }: Answer): Promise<Answer["body"]> {
  return (await call("GET", `/v1/skus/${body.sku}/waitlist/${body.id}`, { as: storefront })).body;
}

/** Gives the place back, or declines the offer. */
export function leave({ body }: Answer): Promise<Answer> {
  return call("DELETE", `/v1/skus/${body.sku}/waitlist/${body.id}`, { as: storefront });
}

/** An action on a reservation. */
export function on(sku: unknown, id: unknown, action: string, body: object = {}): Promise<Answer> {
  return call("POST", `/v1/skus/${sku}/reservations/${id}/${action}`, { as: storefront, body, headers: key() });
}

/** More or less stock. */
export function adjust(sku: string, delta: number): Promise<Answer> {
  return call("POST", `/v1/skus/${sku}/adjustments`, { as: admin, body: { delta, reason: "x" }, headers: key() });
}

/** Another policy. */
export function edit(sku: string, policy: object): Promise<Answer> {
  return call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy } });
}

/** A SKU whose units bob holds all. */
export async function soldOut(stock = 1, policy = {}): Promise<{ sku: string; bobs: Answer }> {
  const sku = await newSku(stock, policy);
  return { sku, bobs: await reserve(sku, "bob", stock) };
}
