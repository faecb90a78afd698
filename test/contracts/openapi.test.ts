import { describe, expect, it } from "vitest";
import { PROBLEM_CODES, PROBLEMS } from "../../src/contracts/problems.ts";
import { createApp } from "../../src/http/app.ts";
import { asyncApiDocument } from "../../src/http/asyncapi.ts";
import { openApiDocument } from "../../src/http/documents.ts";

type Json = string | number | boolean | null | Json[] | { [member: string]: Json };
interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: Json;
}
interface Operation {
  summary: string;
  description: string;
  security: object[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}
interface OpenApi {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, Json> };
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
  it("[API1] is OpenAPI 3.1 with a title and a version", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: "Holdfast", version: expect.any(String) });
  });

  it("[API1] lists every route but the documents themselves, and nothing else", () => {
    const pages = ["/", "/shop/*", "/console/*", "/docs/*", "/assets/*", "/demo/session"];
    const documents = [...pages, "/openapi.json", "/asyncapi.json", "/problems", "/problems/:code"];
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
        "GET /v1/skus/{sku}/live",
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

  it("[API1] uses every schema that it names", () => {
    const used = new Set(refs(document as unknown as Json).map((ref) => ref.split("/").at(-1)));
    expect(Object.keys(document.components.schemas).filter((name) => !used.has(name))).toEqual([]);
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
    expect(statuses.some((status) => /^[123]\d\d$/.test(status))).toBe(true);
    for (const answer of Object.values(operation.responses)) expect(answer.description).toMatch(/\S/);
  });

  it("[API3] answers its refusals with problem documents", () => {
    const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
    for (const [status, answer] of refusals) {
      expect(Object.keys(answer.content ?? {})).toEqual(["application/problem+json"]);
      const codes = [...answer.description.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
      const known = PROBLEM_CODES.filter((code) => codes.includes(code) && PROBLEMS[code].status === Number(status));
      expect(known).toHaveLength(codes.length);
    }
  });
});

describe("the AsyncAPI document", () => {
  it("[LIV1] is AsyncAPI 3.0 and has no reference that leads nowhere", () => {
    expect(asyncDocument).toMatchObject({ asyncapi: "3.0.0", channels: { live: { address: "/v1/skus/{sku}/live" } } });
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
