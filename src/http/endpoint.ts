import type { RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { idempotencyKey } from "../contracts/names.ts";
import type { Audience } from "../contracts/present.ts";
import { PROBLEMS, type ProblemCode, problemView } from "../contracts/problems.ts";
import type { App, AppEnv, Callers } from "./auth.ts";
import { authenticate } from "./auth.ts";
import { groupOf } from "./operation-groups.ts";
import { type CallSchemas, type ParsedCall, parseCall } from "./parse.ts";
import type { Settings } from "./settings.ts";
import type { Caller } from "./tokens.ts";

/** An endpoint of the API. The schemas in its documentation are those that parse its calls. */
export interface Endpoint<
  Who extends Callers,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
> extends CallSchemas<Params, Query, Body> {
  method: "get" | "post" | "patch" | "delete";
  summary: string;
  /** Roles that may call; `anyone` needs no token. */
  callers: Who;
  /** Shoppers may call only if the settings say so. */
  shoppersIf?: (settings: Settings) => boolean;
  /** Further headers that it reads, each with its effect. */
  headers?: Record<string, string>;
  answers: Record<number, { description: string; schema?: z.ZodType; type?: string }>;
  problems: readonly ProblemCode[];
}

/** A call that was authenticated and parsed. */
export interface Call<Who extends Callers, Params, Query, Body> extends ParsedCall<Params, Query, Body> {
  context: Context<AppEnv>;
  settings: Settings;
  /** Null only if the endpoint is for anyone. */
  caller: Who extends "anyone" ? Caller | null : Caller;
  audience: Audience;
}

/** Adds an endpoint to the app and to the OpenAPI document: authenticates the caller, parses the call, and runs the handler. */
export function endpoint<
  Who extends Callers,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(
  app: App,
  definition: Endpoint<Who, Params, Query, Body>,
  handler: (call: Call<Who, z.infer<Params>, z.infer<Query>, z.infer<Body>>) => Promise<Response> | Response,
): void {
  app.openAPIRegistry.registerPath(documentation(definition));
  app.on(definition.method.toUpperCase(), definition.path.replaceAll(/\{(\w+)\}/g, ":$1"), async (context) => {
    const admission = await authenticate(context, definition);
    if (admission instanceof Response) return admission;
    const parsed = await parseCall(context, definition);
    if (parsed instanceof Response) return parsed;
    // Only an endpoint for anyone lets callers without a token through.
    const caller = admission.caller as Call<Who, unknown, unknown, unknown>["caller"];
    return handler({ context, ...admission, caller, ...parsed });
  });
}

function documentation<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  definition: Endpoint<Callers, Params, Query, Body>,
): RouteConfig {
  const { method, path, summary, callers, params, query, body, answers, problems } = definition;
  const who = callers === "anyone" ? "Anyone." : `For: ${callers.join(", ")}.`;
  return {
    method,
    path,
    summary,
    tags: [groupOf(path)],
    description: who,
    ...(callers === "anyone" ? { security: [{}, { bearer: [] }] } : { security: [{ bearer: [] }] }),
    request: {
      ...(params ? { params: params as never } : {}),
      ...(query ? { query: query as never } : {}),
      headers: documentedHeaders(definition),
      ...(body ? { body: { content: { "application/json": { schema: body } } } } : {}),
    },
    responses: { ...documentedAnswers(answers), ...documentedProblems(problems) },
  };
}

function documentedHeaders({ key, headers = {} }: Endpoint<Callers, z.ZodType, z.ZodType, z.ZodType>) {
  const known: Record<string, z.ZodType> = {};
  for (const [name, effect] of Object.entries(headers)) known[name] = z.string().optional().describe(effect);
  if (key === undefined) return z.object(known);
  const keyHeader = idempotencyKey.describe("Makes retries safe: a repeated request gets the first answer again.");
  known["Idempotency-Key"] = key === "required" ? keyHeader : keyHeader.optional();
  known.Prefer = z
    .string()
    .optional()
    .describe("`wait=N`: wait up to N seconds (at most 10) until D1 has recorded the change.");
  return z.object(known);
}

function documentedAnswers(
  answers: Endpoint<Callers, z.ZodType, z.ZodType, z.ZodType>["answers"],
): RouteConfig["responses"] {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, type = "application/json" }]) => [
      status,
      schema ? { description, content: { [type]: { schema } } } : { description },
    ]),
  );
}

/** Several problems share a status: each status lists its codes. */
function documentedProblems(problems: readonly ProblemCode[]): RouteConfig["responses"] {
  const byStatus = Map.groupBy(problems, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    Array.from(byStatus, ([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join("; "),
        content: { "application/problem+json": { schema: problemView } },
      },
    ]),
  );
}
