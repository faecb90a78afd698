import { exports } from "cloudflare:workers";
import { type ClientOptions, createClient } from "../../../src/client/client.ts";
import { admin, storefront, tokenFor } from "../../client.ts";

/** What passed between a client and the real service. */
export interface Seen {
  method: string;
  path: string;
  attempt: string | null;
  key: string | null;
  status: number;
}

/** A client of the real service in this runtime; `tamper` may lose, refuse or double what passes. */
export function clientOf(
  token: string | null,
  tamper: (pass: () => Promise<Response>, count: number) => Promise<Response> = (pass) => pass(),
) {
  const seen: Seen[] = [];
  let count = 0;
  const through = async (url: string, init: RequestInit) => {
    count += 1;
    const headers = new Headers(init.headers);
    const at = { method: init.method ?? "GET", path: new URL(url).pathname };
    const response = await tamper(() => exports.default.fetch(new Request(url, init)), count);
    seen.push({
      ...at,
      attempt: headers.get("Holdfast-Attempt"),
      key: headers.get("Idempotency-Key"),
      status: response.status,
    });
    return response;
  };
  const options: ClientOptions = { url: "https://holdfast.test", fetch: through as typeof fetch, random: () => 0 };
  return { ...createClient(token === null ? options : { ...options, token }), seen };
}

export const asAdmin = () => clientOf(admin);
export const asStorefront = () => clientOf(storefront);
export const asShopper = async (customer: string) => clientOf(await tokenFor("shopper", customer));

/** The value of a result that has to be one. */
export async function taken<Value>(
  result: Promise<{ ok: true; value: Value } | { ok: false; refusal: { code: string } }>,
): Promise<Value> {
  const settled = await result;
  if (!settled.ok) throw new Error(`refused: ${settled.refusal.code}`);
  return settled.value;
}
