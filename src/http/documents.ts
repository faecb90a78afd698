import { asyncApiDocument } from "./asyncapi.ts";
import type { App } from "./auth.ts";
import { json } from "./responses.ts";

/** The API as an OpenAPI 3.1 document, generated from the schemas that parse its calls. */
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

/** Serves the OpenAPI and AsyncAPI documents. The page that shows them is a static file. */
export function addDocuments(app: App): void {
  let openApi: Record<string, unknown> | null = null;
  app.get("/openapi.json", () => {
    openApi ??= openApiDocument(app);
    return json(200, openApi);
  });
  app.get("/asyncapi.json", () => json(200, asyncApiDocument()));
}
