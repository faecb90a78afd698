import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from "../../src/contracts/problems.ts";
import { createApp } from "../../src/http/app.ts";
import { asyncApiDocument } from "../../src/http/asyncapi.ts";
import { openApiDocument } from "../../src/http/documents.ts";
import { problemExample } from "../../src/http/examples.ts";

type Json = string | number | boolean | null | Json[] | { [member: string]: Json };
interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: Json;
}
interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  security: object[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}
interface OpenApi {
  openapi: string;
  info: { title: string; version: string; license: { name: string } };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; examples: Record<string, Json>; securitySchemes: Record<string, Json> };
}

const app = createApp();
// As a reader gets it: through JSON.
const document = JSON.parse(JSON.stringify(openApiDocument(app))) as OpenApi;
const asyncDocument = JSON.parse(JSON.stringify(asyncApiDocument())) as Json;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })),
);

/** Every `$ref` in a document. */
function refs(node: Json): string[] {
  if (Array.isArray(node)) return node.flatMap(refs);
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([member, value]) =>
    member === "$ref" && typeof value === "string" ? [value] : refs(value),
  );
}

/** What a local reference points to. */
function resolve(root: Json, ref: string): Json | undefined {
  const steps = ref.replace(/^#\//, "").split("/");
  return steps.reduce<Json | undefined>((node, step) => {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return typeof node === "object" && node !== null && !Array.isArray(node) ? node[name] : undefined;
  }, root);
}

describe("the OpenAPI document", () => {
  it("[API1] is OpenAPI 3.1 with a title, a version and a license", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: "Holdfast", version: expect.any(String), license: { name: "MIT" } });
  });

  it("[API1] lists every route but the documents themselves and the live feeds, and nothing else", () => {
    const pages = ["/", "/shop/*", "/console/*", "/docs/*", "/assets/*", "/demo/session"];
    const feeds = ["/v1/live", "/v1/skus/:sku/live"];
    const documents = [...pages, ...feeds, "/openapi.json", "/asyncapi.json", "/problems", "/problems/:code"];
    const served = app.routes
      .filter(({ method, path }) => method !== "ALL" && !documents.includes(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(operations.map(({ name }) => name).sort()).toEqual(served.sort());
  });

  it("[API1] has the routes of one SKU's API", () => {
    expect(operations.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "POST /v1/skus",
        "GET /v1/skus",
        "GET /v1/skus/{sku}",
        "PATCH /v1/skus/{sku}",
        "GET /v1/skus/{sku}/me",
        "POST /v1/skus/{sku}/adjustments",
        "POST /v1/skus/{sku}/reservations",
        "GET /v1/skus/{sku}/reservations/{id}",
        "POST /v1/skus/{sku}/reservations/{id}/confirm",
        "POST /v1/skus/{sku}/reservations/{id}/extend",
        "POST /v1/skus/{sku}/reservations/{id}/release",
        "POST /v1/skus/{sku}/reservations/{id}/return",
        "POST /v1/skus/{sku}/batch",
        "GET /v1/reservations",
        "GET /v1/skus/{sku}/movements",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
      ]),
    );
  });

  it("[API1] has no reference that leads nowhere", () => {
    const all = refs(document as unknown as Json);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter((ref) => resolve(document as unknown as Json, ref) === undefined)).toEqual([]);
  });

  it("[API1] uses every schema and every example that it names", () => {
    const used = new Set(refs(document as unknown as Json));
    const named = (["schemas", "examples"] as const).flatMap((kind) =>
      Object.keys(document.components[kind]).map((name) => `#/components/${kind}/${name}`),
    );
    expect(named.filter((ref) => !used.has(ref))).toEqual([]);
  });

  it("[API14] gives each operation a name of its own, and a group that it explains", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+([A-Z][a-z]+)*$/.test(name))).toEqual([]);
    const groups = new Set(operations.flatMap(({ operation }) => operation.tags));
    expect(document.tags.map(({ name }) => name).sort()).toEqual([...groups].sort());
    for (const { description } of document.tags) expect(description).toMatch(/\S/);
  });

  it("[API3] knows every problem code", () => {
    const schema = JSON.stringify(document.components.schemas.Problem);
    for (const code of PROBLEM_CODES) expect(schema).toContain(`"${code}"`);
  });
});

describe.each(operations)("$name", ({ path, operation }) => {
  it("[API1] describes its parameters: those in the path, each once", () => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const named = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
    expect(named.map(({ name }) => name).sort()).toEqual(inPath.sort());
    for (const parameter of named) expect(parameter.required).toBe(true);
    const all = (operation.parameters ?? []).map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(new Set(all).size).toBe(all.length);
    for (const parameter of operation.parameters ?? []) expect(parameter.schema).toBeTypeOf("object");
  });

  it("[API1] says what it does, who may call it, and what it answers", () => {
    expect(operation.summary).toMatch(/\S/);
    expect(operation.description).toMatch(/^(Anyone\.|For: )/);
    expect(operation.security.every((way) => Object.keys(way).every((scheme) => scheme === "bearer"))).toBe(true);
    const statuses = Object.keys(operation.responses);
    expect(statuses.some((status) => /^2\d\d$/.test(status))).toBe(true);
    for (const answer of Object.values(operation.responses)) expect(answer.description).toMatch(/\S/);
  });

  it("[API3] answers its refusals with problem documents", () => {
    const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
    for (const [status, answer] of refusals) {
      expect(Object.keys(answer.content ?? {})).toContain("application/problem+json");
      const codes = [...answer.description.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
      const known = PROBLEM_CODES.filter((code) => codes.includes(code) && PROBLEMS[code].status === Number(status));
      expect(known).toHaveLength(codes.length);
    }
  });
});

/** A schema that the document was made from, with the examples that stand beside it. */
interface Shown {
  name: string;
  schema: z.ZodType;
  examples: unknown[];
}

/** The parts of a body or an answer, as they were handed to the document. */
function shownIn(name: string, content: object = {}): Shown[] {
  return Object.entries(content as Record<string, { schema: z.ZodType; example?: unknown; examples?: object }>).map(
    ([type, { schema, example, examples = {} }]) => {
      const named = Object.keys(examples).map((code) => problemExample(code as ProblemCode));
      return { name: `${name} ${type}`, schema, examples: example === undefined ? named : [example, ...named] };
    },
  );
}

const shown = app.openAPIRegistry.definitions.flatMap((definition): Shown[] => {
  if (definition.type !== "route") return [];
  const { operationId = "", request, responses } = definition.route;
  const answers = Object.entries(responses).flatMap(([status, response]) =>
    shownIn(`${operationId} ${status}`, "content" in response ? response.content : {}),
  );
  return [...shownIn(operationId, request?.body?.content), ...answers];
});

/** No run of the story sees a service that cannot sell. */
const UNSEEN = ["readReadiness 503 application/json"];

describe("the examples", () => {
  it("[API14] are there for every body, every answer and every problem", () => {
    expect(shown.length).toBeGreaterThan(operations.length);
    const without = shown.filter(({ examples }) => examples.length === 0).map(({ name }) => name);
    expect(without).toEqual(UNSEEN);
  });

  it.each(shown)("[API14] $name is what its schema says, with no member more", ({ schema, examples }) => {
    for (const example of examples) expect(schema.parse(example)).toEqual(example);
  });
});

describe("the AsyncAPI document", () => {
  it("[LIV1] is AsyncAPI 3.1 and has no reference that leads nowhere", () => {
    expect(asyncDocument).toMatchObject({ asyncapi: "3.1.0", channels: { live: { address: "/v1/skus/{sku}/live" } } });
    const all = refs(asyncDocument);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter((ref) => resolve(asyncDocument, ref) === undefined)).toEqual([]);
  });

  it("[LIV2] describes every frame", () => {
    const frames = JSON.stringify(asyncDocument);
    for (const type of ["stock", "snapshot", "reservation", "error", "pong", "ping"]) {
      expect(frames).toContain(`"const":"${type}"`);
    }
  });
});
