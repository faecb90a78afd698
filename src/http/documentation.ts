import type { RouteConfig } from "@hono/zod-openapi";
import { z } from "zod";
import { idempotencyKey } from "../contracts/names.ts";
import { PROBLEM_VIEWS } from "../contracts/problem-views.ts";
import { PROBLEMS, type ProblemCode } from "../contracts/problems.ts";
import type { Callers } from "./auth.ts";
import { answerExample, bodyExample } from "./examples.ts";
import { groupOf } from "./operation-groups.ts";
import type { Route } from "./route.ts";

/** An endpoint of the API. The schemas in its documentation are those that parse its calls. */
export interface Endpoint<
  Who extends Callers,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
> extends Route<Who, Params, Query, Body> {
  /** The name of its method in generated clients: that of our own client, with what it is about. */
  operationId: string;
  summary: string;
  /** Further headers that it reads, each with its effect. */
  headers?: Record<string, string>;
  answers: Record<number, { description: string; schema?: z.ZodType; type?: string }>;
  problems: readonly ProblemCode[];
}

type AnyEndpoint = Endpoint<Callers, z.ZodType, z.ZodType, z.ZodType>;
type Responses = RouteConfig["responses"];

/** The endpoint as an operation of the OpenAPI document. */
export function documentation<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  definition: Endpoint<Callers, Params, Query, Body>,
): RouteConfig {
  const { method, path, operationId, summary, callers, params, query, body } = definition;
  return {
    method,
    path,
    operationId,
    summary,
    tags: [groupOf(path)],
    description: callers === "anyone" ? "Anyone." : `For: ${callers.join(", ")}.`,
    ...(callers === "anyone" ? { security: [{}, { bearer: [] }] } : { security: [{ bearer: [] }] }),
    request: {
      ...(params ? { params: params as never } : {}),
      ...(query ? { query: query as never } : {}),
      headers: documentedHeaders(definition),
      ...(body
        ? { body: { required: true, content: { "application/json": { schema: body, ...bodyExample(operationId) } } } }
        : {}),
    },
    responses: withProblems(documentedAnswers(definition), definition.problems),
  };
}

function documentedHeaders({ key, headers = {} }: AnyEndpoint) {
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

function documentedAnswers({ operationId, answers }: AnyEndpoint): Responses {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, type = "application/json" }]) => {
      if (schema === undefined) return [status, { description }];
      return [status, { description, content: { [type]: { schema, ...answerExample(operationId, Number(status)) } } }];
    }),
  );
}

/** Several problems share a status: each status lists its codes. An answer can share it too. */
function withProblems(answers: Responses, problems: readonly ProblemCode[]): Responses {
  const responses = { ...answers };
  for (const [status, codes] of Map.groupBy(problems, (code) => PROBLEMS[code].status)) {
    const answer = answers[status];
    const titles = codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`);
    const described = answer !== undefined && "description" in answer ? [answer.description ?? ""] : [];
    const content = answer !== undefined && "content" in answer ? answer.content : {};
    responses[status] = {
      description: [...described, ...titles].join("; "),
      content: { ...content, "application/problem+json": problemContent(codes) },
    };
  }
  return responses;
}

function problemContent(codes: readonly ProblemCode[]) {
  const [first, second, ...others] = codes.map((code) => PROBLEM_VIEWS[code]);
  if (first === undefined) throw new Error("a status without a problem was about to be documented");
  const schema = second === undefined ? first : z.discriminatedUnion("code", [first, second, ...others]);
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  return { schema, examples };
}
