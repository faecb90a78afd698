import { exports } from "cloudflare:workers";
import { SignJWT } from "jose";

/** The secret that vitest.config.ts gives the service. */
export const TEST_SECRET = "test-secret-of-more-than-thirty-two-bytes";

export type Role = "shopper" | "storefront" | "admin";

/** A valid token, signed as the service expects it. */
export function tokenFor(role: Role, sub: string, expiresIn = "1h"): Promise<string> {
  return new SignJWT({ role })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(sub)
    .setExpirationTime(expiresIn)
    .sign(new TextEncoder().encode(TEST_SECRET));
}

export const admin = await tokenFor("admin", "root");
export const storefront = await tokenFor("storefront", "shop");

/** What an answer's JSON may hold; tests name the members that they look at. */
export interface Body {
  [member: string]: unknown;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Body;
}

export interface CallOptions {
  /** A bearer token; none for an anonymous call. */
  as?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

/** Calls of one service. A body of text or bytes is sent as it is. */
export function callThrough(fetch: (request: Request) => Response | Promise<Response>): Call {
  return async (method, path, { as, body, headers } = {}) => {
    const request = new Request(`https://holdfast.test${path}`, {
      method,
      headers: {
        ...(as === undefined ? {} : { Authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
    });
    const response = await fetch(request);
    const text = await response.text();
    const isJson = text !== "" && response.headers.get("Content-Type")?.includes("json") === true;
    return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as Body) : { text } };
  };
}

function isRaw(body: unknown): body is BodyInit {
  return typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
}

/** One call of the service, through its Worker. */
export const call = callThrough((request) => exports.default.fetch(request));

let skusMade = 0;

/** A SKU of its own for a test; returns its name. */
export async function newSku(stock: number, policy: Record<string, unknown> = {}): Promise<string> {
  skusMade += 1;
  const sku = `sku-${skusMade}-${crypto.randomUUID().slice(0, 8)}`;
  const answer = await call("POST", "/v1/skus", { as: admin, body: { sku, name: `Shoe ${skusMade}`, stock, policy } });
  if (answer.status !== 201) throw new Error(`no SKU: ${JSON.stringify(answer.body)}`);
  return sku;
}

/** A storefront's reservation for a customer. */
export function reserve(
  sku: string,
  customer: string,
  quantity = 1,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return call("POST", `/v1/skus/${sku}/reservations`, { as: storefront, body: { customer, quantity }, headers });
}
