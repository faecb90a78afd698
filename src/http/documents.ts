import { asyncApiDocument } from "./asyncapi.ts";
import type { App } from "./auth.ts";
import { json } from "./responses.ts";

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

/** The documents that describe the service; the page to read them on is one of the static files. */
export function addDocuments(app: App): void {
  let openApi: Record<string, unknown> | null = null;
  app.get("/openapi.json", () => {
    openApi ??= openApiDocument(app);
    return json(200, openApi);
  });
  app.get("/asyncapi.json", () => json(200, asyncApiDocument()));
}
