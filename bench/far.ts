import { Hono } from "hono";
import type { RelayPush } from "../src/contracts/live.ts";

/** Paths of what only the two services ask of each other. */
export const FAR = "/bench/far";

/** Where those objects are that this service does not have itself; on the platform no two have to share a machine. */
export interface Far {
  SALE_URL?: string;
  RELAYS_URL?: string;
}

/** The bindings, with SKUs or Relays reached at the other service when there is one. */
export function withFar<Near extends Env & Far>(env: Near): Near {
  const { SALE_URL, RELAYS_URL } = env;
  if (SALE_URL !== undefined) return { ...env, SKU: namespaceAt(`${SALE_URL}${FAR}/skus`) };
  if (RELAYS_URL !== undefined) return { ...env, RELAY: namespaceAt(`${RELAYS_URL}${FAR}/relays`) };
  return env;
}

let pushes = 0;

/** The other end: what SKUs and Relays ask of each other, and sockets that a SKU takes itself. */
export const far = new Hono<{ Bindings: Env }>()
  .basePath(FAR)
  .get("/pushes", ({ json }) => json(pushes))
  .get("/skus/:name/live", ({ env, req }) => env.SKU.getByName(req.param("name")).fetch(req.raw))
  .post("/skus/:name/watch", async ({ env, req, json }) => {
    const [relay, customer] = await req.json<[string, string | null]>();
    return json(await env.SKU.getByName(req.param("name")).watch(relay, customer));
  })
  .post("/relays/:name/push", async ({ env, req, json }) => {
    pushes += 1;
    const [push] = await req.json<[RelayPush]>();
    return json(await env.RELAY.getByName(req.param("name")).push(push));
  });

function namespaceAt(url: string) {
  return {
    getByName(name: string) {
      const ask = async (method: string, body: unknown[]) => {
        const answer = await fetch(`${url}/${name}/${method}`, { method: "POST", body: JSON.stringify(body) });
        if (!answer.ok) throw new Error(`${method} of ${name}: ${answer.status}`);
        return answer.json();
      };
      return {
        fetch: (_url: string, init: RequestInit) => fetch(`${url}/${name}/live`, init),
        watch: (...asked: unknown[]) => ask("watch", asked),
        push: (...pushed: unknown[]) => ask("push", pushed),
      };
    },
  };
}
