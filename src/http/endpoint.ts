import type { z } from "zod";
import type { App, Callers } from "./auth.ts";
import { documentation, type Endpoint } from "./documentation.ts";
import { type Call, route } from "./route.ts";

/** Adds an endpoint to the app and to the OpenAPI document. */
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
  route(app, definition, handler);
}
