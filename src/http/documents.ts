import { Scalar } from "@scalar/hono-api-reference";
import { json, noStore } from "./answers.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import type { App } from "./endpoint.ts";

/** One version and no other: it runs on the console's origin, and there shall not be found tomorrow what nobody has seen today. */
const REFERENCE_SCRIPT = "https://cdn.jsdelivr.net/npm/@scalar/api-reference@1.72.1";

/** The API as an OpenAPI 3.1 document, made from the schemas that its calls are parsed with. */
export function openApiDocument(app: App): Record<string, unknown> {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  const { ...document } = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Holdfast",
      version: "1.0.0",
      description: "Reservations for limited-edition drops: who holds what, never one unit too many.",
    },
    servers: [{ url: "/" }],
  });
  return document;
}

/** The documents that describe the service, and the page to read them on. */
export function addDocuments(app: App): void {
  let openApi: Record<string, unknown> | null = null;
  app.get("/openapi.json", () => {
    openApi ??= openApiDocument(app);
    return json(200, openApi);
  });
  app.get("/asyncapi.json", () => json(200, asyncApiDocument()));
  app.get("/docs", noStore, Scalar({ url: "/openapi.json", pageTitle: "Holdfast API", cdn: REFERENCE_SCRIPT }));
}
