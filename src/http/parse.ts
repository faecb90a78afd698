import type { Context } from "hono";
import { z } from "zod";
import { idempotencyKey } from "../contracts/names.ts";
import { namesPrototype, readBody } from "./body.ts";
import { fail } from "./responses.ts";

/** The schemas of the parts of a call. */
export interface CallSchemas<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  /** With `{name}` for a parameter. */
  path: string;
  params?: Params;
  query?: Query;
  /** A query parameter that may be repeated, and is parsed as a list. */
  repeats?: string;
  body?: Body;
  /** Whether a call takes an `Idempotency-Key`. Every POST does. */
  key?: "optional" | "required";
}

export interface ParsedCall<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  key: string | null;
}

/** Parses all parts of a call; or returns the refusal that names the first fault. */
export async function parseCall<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  context: Context,
  { path, params, query, repeats, body, key }: CallSchemas<Params, Query, Body>,
): Promise<ParsedCall<z.infer<Params>, z.infer<Query>, z.infer<Body>> | Response> {
  const undecodable = undecodablePart(context.req.url, path);
  if (undecodable !== null) return fail("invalid-request", `${undecodable}: not UTF-8 in percent-encoding`);
  const parsedParams = (params ?? z.unknown()).safeParse(context.req.param());
  if (!parsedParams.success) return invalid(parsedParams.error);
  const parsedQuery = (query ?? z.unknown()).safeParse(queryOf(context, repeats));
  if (!parsedQuery.success) return invalid(parsedQuery.error);
  const givenKey = context.req.header("Idempotency-Key");
  if (givenKey === undefined && key === "required") return fail("invalid-request", "Idempotency-Key: required here");
  if (givenKey !== undefined && key !== undefined && !idempotencyKey.safeParse(givenKey).success) {
    return fail("invalid-request", "Idempotency-Key: 1 to 255 visible ASCII characters");
  }
  const common = {
    params: parsedParams.data as z.infer<Params>,
    query: parsedQuery.data as z.infer<Query>,
    key: givenKey ?? null,
  };
  if (body === undefined) return { ...common, body: undefined as z.infer<Body> };
  const raw = await readBody(context);
  if (raw instanceof Response) return raw;
  const parsedBody = body.safeParse(raw.value);
  if (!parsedBody.success) return invalid(parsedBody.error);
  if (namesPrototype(raw.value)) return fail("invalid-request", "__proto__: not allowed as a member name");
  return { ...common, body: parsedBody.data };
}

/** The first parameter of path or query that is not percent-encoded UTF-8; the router would take it as it is. */
function undecodablePart(url: string, path: string): string | null {
  if (!url.includes("%")) return null;
  const { pathname, search } = new URL(url);
  const names = path.split("/");
  const segment = pathname.split("/").findIndex((part) => !isDecodable(part));
  if (segment !== -1) return names[segment]?.replaceAll(/[{}]/g, "") ?? "path";
  const pair = search
    .slice(1)
    .split("&")
    .find((part) => !isDecodable(part));
  return pair?.split("=", 1)[0] ?? null;
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function queryOf(context: Context, repeats: string | undefined): Record<string, string | string[]> {
  const query = context.req.query();
  return repeats === undefined ? query : { ...query, [repeats]: context.req.queries(repeats) ?? [] };
}

/** The first fault of a call, with the member that it is about. */
function invalid(error: z.ZodError): Response {
  const issue = error.issues[0];
  if (issue === undefined) return fail("invalid-request");
  const members = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  const named = members.map((path) => path.join(".") || "body").join(", ");
  return fail("invalid-request", `${named}: ${issue.message}`.slice(0, 500));
}
