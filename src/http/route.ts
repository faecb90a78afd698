import type { Context } from "hono";
import type { z } from "zod";
import type { Audience } from "../contracts/present.ts";
import type { App, AppEnv, Callers } from "./auth.ts";
import { authenticate } from "./auth.ts";
import { type CallSchemas, type ParsedCall, parseCall } from "./parse.ts";
import type { Settings } from "./settings.ts";
import type { Caller } from "./tokens.ts";

/** A method and path, with the schemas and roles that admit a call. */
export interface Route<Who extends Callers, Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>
  extends CallSchemas<Params, Query, Body> {
  method: "get" | "post" | "patch" | "delete";
  /** Roles that may call; `anyone` needs no token. */
  callers: Who;
  /** Shoppers may call only if the settings say so. */
  shoppersIf?: (settings: Settings) => boolean;
  /** Answers a call before anything else is done for it; null: it goes on. */
  before?: (context: Context<AppEnv>) => Response | null;
}

/** A call that was authenticated and parsed. */
export interface Call<Who extends Callers, Params, Query, Body> extends ParsedCall<Params, Query, Body> {
  context: Context<AppEnv>;
  settings: Settings;
  /** Null only if the endpoint is for anyone. */
  caller: Who extends "anyone" ? Caller | null : Caller;
  audience: Audience;
}

/** Adds a route to the app: authenticates the caller, parses the call, and runs the handler. */
export function route<
  Who extends Callers,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(
  app: App,
  definition: Route<Who, Params, Query, Body>,
  handler: (call: Call<Who, z.infer<Params>, z.infer<Query>, z.infer<Body>>) => Promise<Response> | Response,
): void {
  app.on(definition.method.toUpperCase(), definition.path.replaceAll(/\{(\w+)\}/g, ":$1"), async (context) => {
    const early = definition.before?.(context) ?? null;
    if (early !== null) return early;
    const admission = await authenticate(context, definition);
    if (admission instanceof Response) return admission;
    const parsed = await parseCall(context, definition);
    if (parsed instanceof Response) return parsed;
    // Only an endpoint for anyone lets callers without a token through.
    const caller = admission.caller as Call<Who, unknown, unknown, unknown>["caller"];
    return handler({ context, ...admission, caller, ...parsed });
  });
}
