import { z } from "zod";
import { LIVE_PROTOCOL, WATCHER_HEADER, type Watcher, writeWatcher } from "../contracts/live.ts";
import { skuName } from "../contracts/names.ts";
import { notFound } from "./admission.ts";
import { fail } from "./answers.ts";
import { type App, endpoint } from "./endpoint.ts";
import { CALL_PROBLEMS } from "./problem-sets.ts";
import { isAllowedOrigin } from "./settings.ts";

/** The live feed of one SKU: authenticated here, held by its object, which may sleep with the socket open. */
export function addLive(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/skus/{sku}/live",
      summary: "Watch a SKU over a WebSocket",
      callers: "anyone",
      params: z.object({ sku: skuName }),
      answers: { 101: { description: "The frames are described in /asyncapi.json" } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, settings, caller, audience, params }) => {
      if (context.req.header("Upgrade")?.toLowerCase() !== "websocket") {
        return fail("invalid-request", "Upgrade: this path speaks WebSocket only");
      }
      if (!isAllowedOrigin(settings, context.req.header("Origin"))) return fail("forbidden", "Origin: not allowed");
      const watcher: Watcher = {
        customer: caller?.role === "shopper" ? caller.sub : null,
        trusted: audience === "trusted",
        expiresAt: caller?.expiresAt ?? null,
      };
      const headers: Record<string, string> = { Upgrade: "websocket", [WATCHER_HEADER]: writeWatcher(watcher) };
      const offered = context.req.header("Sec-WebSocket-Protocol")?.split(",") ?? [];
      if (offered.some((protocol) => protocol.trim() === LIVE_PROTOCOL))
        headers["Sec-WebSocket-Protocol"] = LIVE_PROTOCOL;
      const response = await context.env.SKU.getByName(params.sku).fetch("https://sku/live", { headers });
      if (response.status === 404) return notFound(context, audience);
      return response.status === 101 ? response : fail("overloaded", "too many watchers");
    },
  );
}
