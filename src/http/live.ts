import type { Context } from "hono";
import { z } from "zod";
import {
  LIVE_OF_ONE,
  LIVE_OF_SEVERAL,
  LIVE_PROTOCOL,
  liveQuery,
  SKUS_HEADER,
  UNKNOWN_SKU_HEADER,
  WATCHER_HEADER,
  type Watcher,
  writeSkus,
  writeWatcher,
} from "../contracts/live.ts";
import { skuName } from "../contracts/names.ts";
import type { Audience } from "../contracts/present.ts";
import type { App, AppEnv } from "./auth.ts";
import { notFound } from "./auth.ts";
import { RelayRoute } from "./relay-route.ts";
import { fail } from "./responses.ts";
import { route } from "./route.ts";
import { isAllowedOrigin, type Settings } from "./settings.ts";
import type { Caller } from "./tokens.ts";
import { unknownSkus } from "./unknown-names.ts";

/** This isolate's knowledge of where sockets fit. */
const relays = new RelayRoute();

/**
 * The live feeds. The Worker authenticates; an object holds the socket, which can hibernate. Only /asyncapi.json describes
 * them: a client generated from OpenAPI cannot open a WebSocket.
 */
export function addLive(app: App): void {
  route(
    app,
    { method: "get", path: LIVE_OF_ONE, callers: "anyone", params: z.object({ sku: skuName }) },
    ({ params, ...call }) => upgrade(call, [params.sku], true),
  );
  route(
    app,
    { method: "get", path: LIVE_OF_SEVERAL, callers: "anyone", query: liveQuery, repeats: "sku" },
    ({ query, ...call }) => upgrade(call, [...new Set(query.sku)], false),
  );
}

async function upgrade(
  call: { context: Context<AppEnv>; settings: Settings; caller: Caller | null; audience: Audience },
  skus: string[],
  isDirect: boolean,
): Promise<Response> {
  const { context, settings, caller, audience } = call;
  if (context.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    return fail("invalid-request", "Upgrade: this path accepts WebSocket upgrades only");
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
    [SKUS_HEADER]: writeSkus(skus),
  };
  const isUnknown = caller === null && skus.some((sku) => unknownSkus.has(sku, Date.now()));
  if (isUnknown) return notFound(context, audience);
  const offered = context.req.header("Sec-WebSocket-Protocol")?.split(",") ?? [];
  if (offered.some((protocol) => protocol.trim() === LIVE_PROTOCOL)) headers["Sec-WebSocket-Protocol"] = LIVE_PROTOCOL;
  const joining = { skus, customer: watcher.customer, isDirect, headers };
  const response = await relays.join(context.env, joining, Date.now());
  if (response.status === 404) {
    unknownSkus.add(response.headers.get(UNKNOWN_SKU_HEADER) ?? skus[0] ?? "", Date.now());
    return notFound(context, audience);
  }
  return response.status === 101 ? response : fail("overloaded", "too many watchers");
}
