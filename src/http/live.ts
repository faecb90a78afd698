import type { Context } from "hono";
import { z } from "zod";
import {
  LIVE_PROTOCOL,
  liveQuery,
  SKUS_HEADER,
  WATCHER_HEADER,
  type Watcher,
  writeSkus,
  writeWatcher,
} from "../contracts/live.ts";
import { skuName } from "../contracts/names.ts";
import type { Audience } from "../contracts/present.ts";
import { notFound } from "./admission.ts";
import { fail } from "./answers.ts";
import { type App, type AppEnv, endpoint } from "./endpoint.ts";
import { CALL_PROBLEMS } from "./problem-sets.ts";
import { isAllowedOrigin, type Settings } from "./settings.ts";
import type { Caller } from "./tokens.ts";

const FRAMES = { 101: { description: "The frames are described in /asyncapi.json" } };

/** The Relay that holds sockets over several SKUs. */
const RELAY = "relay-0";

/** The live feeds: authenticated here, held by an object, which may sleep with the socket open. */
export function addLive(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/skus/{sku}/live",
      summary: "Watch a SKU over a WebSocket",
      callers: "anyone",
      params: z.object({ sku: skuName }),
      answers: FRAMES,
      problems: CALL_PROBLEMS,
    },
    ({ params, ...call }) => upgrade(call, (env) => env.SKU.getByName(params.sku), {}),
  );
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/live",
      summary: "Watch several SKUs over one WebSocket: `sku`, once for each",
      callers: "anyone",
      query: liveQuery,
      repeats: "sku",
      answers: FRAMES,
      problems: CALL_PROBLEMS,
    },
    ({ query, ...call }) => {
      const skus = [...new Set(query.sku)];
      return upgrade(call, (env) => env.RELAY.getByName(RELAY), { [SKUS_HEADER]: writeSkus(skus) });
    },
  );
}

async function upgrade(
  call: { context: Context<AppEnv>; settings: Settings; caller: Caller | null; audience: Audience },
  objectOf: (env: Env) => Fetcher,
  further: Record<string, string>,
): Promise<Response> {
  const { context, settings, caller, audience } = call;
  if (context.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    return fail("invalid-request", "Upgrade: this path speaks WebSocket only");
  }
  if (!isAllowedOrigin(settings, context.req.header("Origin"))) return fail("forbidden", "Origin: not allowed");
  const watcher: Watcher = {
    customer: caller?.role === "shopper" ? caller.sub : null,
    trusted: audience === "trusted",
    expiresAt: caller?.expiresAt ?? null,
  };
  const headers: Record<string, string> = {
    Upgrade: "websocket",
    [WATCHER_HEADER]: writeWatcher(watcher),
    ...further,
  };
  const offered = context.req.header("Sec-WebSocket-Protocol")?.split(",") ?? [];
  if (offered.some((protocol) => protocol.trim() === LIVE_PROTOCOL)) headers["Sec-WebSocket-Protocol"] = LIVE_PROTOCOL;
  const response = await objectOf(context.env).fetch("https://object/live", { headers });
  if (response.status === 404) return notFound(context, audience);
  return response.status === 101 ? response : fail("overloaded", "too many watchers");
}
