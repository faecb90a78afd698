import { LIVE_OF_ONE, LIVE_OF_SEVERAL } from "../contracts/live.ts";
import { PROBLEM_CODES, PROBLEMS } from "../contracts/problems.ts";
import { CONTACT, LICENSE } from "./about.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import type { App } from "./auth.ts";
import { problemExample } from "./examples.ts";
import { GROUPS } from "./operation-groups.ts";
import { json } from "./responses.ts";

const DESCRIPTION = `Reservations for limited-edition drops, without overselling.

Errors are problem documents (RFC 9457); \`code\` identifies the problem. Calls that change something take an \`Idempotency-Key\`,
which makes a retry safe. Live stock is sent over WebSockets, at \`${LIVE_OF_ONE}\` and \`${LIVE_OF_SEVERAL}\`: [/asyncapi.json](/asyncapi.json)
describes them.`;

/** The API as an OpenAPI 3.1 document, generated from the schemas that parse its calls. */
export function openApiDocument(app: App): Record<string, unknown> {
  const { openAPIRegistry } = app;
  openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  // A wrong method is no operation's answer.
  for (const code of PROBLEM_CODES.filter((code) => code !== "method-not-allowed")) {
    openAPIRegistry.registerComponent("examples", code, { summary: PROBLEMS[code].title, value: problemExample(code) });
  }
  const { ...document } = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Holdfast",
      version: "1.0.0",
      description: DESCRIPTION,
      license: LICENSE,
      contact: CONTACT,
    },
    servers: [{ url: "/" }],
    tags: [...GROUPS],
  });
  return document;
}

/** Serves the OpenAPI and AsyncAPI documents. The page that shows them is a static file. */
export function addDocuments(app: App): void {
  let openApi: Record<string, unknown> | null = null;
  app.get("/openapi.json", () => {
    openApi ??= openApiDocument(app);
    return json(200, openApi);
  });
  app.get("/asyncapi.json", () => json(200, asyncApiDocument()));
}
