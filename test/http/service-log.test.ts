import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { LogEvent, LoggedObject } from "../../src/logger.ts";
import { admin, call, newSku, reserve, storefront } from "../client.ts";
import { allowanceOf } from "../domain/sale.ts";
import { spyOnD1 } from "../objects/d1-state.ts";
import { prototypeOf } from "../objects/prototype.ts";
import { openCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";

type Line = { level: string; event: LogEvent; object: LoggedObject; name?: string; error?: string };

const CUSTOMER = "ann@whom-no-line-names.example";
let lines: string[] = [];

beforeEach(() => {
  lines = [];
  for (const level of ["warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(line));
  }
});
afterEach(() => vi.restoreAllMocks());

/** What was logged as this event; no line of the test names the customer. */
function logged(event: LogEvent): Line[] {
  expect(lines.filter((line) => line.includes(CUSTOMER) || line.includes("whom-no-line-names"))).toEqual([]);
  return lines.map((line) => JSON.parse(line) as Line).filter((line) => line.event === event);
}

it("[SEC9] an object that D1 fails says which one it is", async () => {
  const sku = await newSku(5);
  spyOnD1().mockImplementation(() => Promise.reject(new Error("D1 is down")));
  await reserve(sku, CUSTOMER);
  await vi.waitFor(() =>
    expect(logged("d1_write_failed")).toContainEqual(
      expect.objectContaining({ level: "warn", object: "sku", name: sku, error: "Error: D1 is down" }),
    ),
  );
});

it("[SEC9] a drop's limit that is away is named by drop and number, and the call by its route", async () => {
  const sku = await newSku(5);
  const drop = `drop-${crypto.randomUUID()}`;
  const body = { drop, name: "Noon", skus: [sku], perCustomerLimit: 1 };
  expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
  const allowance = allowanceOf(drop, CUSTOMER);
  const prototype = await prototypeOf(env.ALLOWANCE.getByName(allowance), "claim");
  vi.spyOn(prototype, "claim").mockRejectedValue(new Error("away"));
  vi.spyOn(prototype, "left").mockRejectedValue(new Error("away"));
  expectProblem(await reserve(sku, CUSTOMER), "unavailable");
  await call("GET", `/v1/skus/${sku}/me?customer=${CUSTOMER}`, { as: storefront });
  expect(logged("drop_limit_unavailable")).toEqual([
    expect.objectContaining({ object: "sku", name: sku, allowance, claims: 1 }),
    expect.objectContaining({ object: "worker", allowance }),
  ]);
  expect(logged("request_failed")).toEqual([
    expect.objectContaining({
      level: "error",
      object: "worker",
      method: "POST",
      route: "/v1/skus/:sku/reservations",
      overloaded: false,
    }),
  ]);
});

it("[SEC9] a cart whose SKU does not answer is named by its id, and the SKU with it", async () => {
  const sku = await newSku(5);
  const prototype = await prototypeOf(env.SKU.getByName(sku), "execute");
  vi.spyOn(prototype, "execute").mockRejectedValueOnce(new Error("away"));
  const cart = await openCart([sku], { customer: CUSTOMER });
  expect(logged("cart_call_failed")).toEqual([
    expect.objectContaining({ object: "cart", cart: cart.body.id, type: "try", sku, error: "Error: away" }),
  ]);
});
