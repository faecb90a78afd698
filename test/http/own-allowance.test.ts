import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Answer, call, newSku, reserve, storefront } from "../client.ts";

async function me(sku: string, customer = "ann"): Promise<Answer["body"]> {
  const answer = await call("GET", `/v1/skus/${sku}/me?customer=${customer}`, { as: storefront });
  expect(answer.status).toBe(200);
  return answer.body;
}

describe("a try", () => {
  it("[TRY4] [API8] is none of the customer's units, but leaves the fewer to be taken", async () => {
    const sku = await newSku(5, { perCustomerLimit: 3 });
    const own = await reserve(sku, "ann");
    const command = {
      type: "reserve" as const,
      id: crypto.randomUUID(),
      customer: "ann",
      quantity: 1,
      metadata: {},
      cart: "c",
    };
    const request = { actor: { role: "service" as const }, key: null, content: "", command };
    await env.SKU.getByName(sku).execute([request], 0);
    expect(await me(sku)).toMatchObject({ availableToMe: 1, myUnits: 1, reservations: [{ id: own.body.id }] });
    const settle = { type: "settle" as const, id: command.id, granted: true, of: "reserve" as const };
    await env.SKU.getByName(sku).execute([{ ...request, command: settle }], 0);
    expect(await me(sku)).toMatchObject({ availableToMe: 1, myUnits: 2 });
  });
});
