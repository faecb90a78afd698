import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import { problem } from "../contracts/present.ts";
import { workerLogger } from "../logger.ts";
import { addAnalytics } from "./analytics.ts";
import type { App, AppEnv } from "./auth.ts";
import { addBatch } from "./batch.ts";
import { addCarts } from "./carts.ts";
import { addDemo } from "./demo.ts";
import { addDocuments } from "./documents.ts";
import { addDrops } from "./drops.ts";
import { addEvents } from "./events.ts";
import { addLists } from "./lists.ts";
import { addLive } from "./live.ts";
import { addOperations } from "./operations.ts";
import { OutcomeUnknown } from "./patiently.ts";
import { addProblemPages } from "./problem-pages.ts";
import { addReservations } from "./reservations.ts";
import { fail, problemResponse } from "./responses.ts";
import { isAllowedOrigin, settingsOf } from "./settings.ts";
import { addSkus } from "./skus.ts";
import { addWaitlist } from "./waitlist.ts";
import { addWeb } from "./web.ts";
import { addWebhooks } from "./webhooks.ts";

/** The HTTP API: every route, and the middleware for all of them. Every failure is answered with a problem document. */
export function createApp(): App {
  const app: App = new OpenAPIHono<AppEnv>();
  app.onError(outage);
  app.notFound(() => fail("not-found", "no such path"));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (_context, methods) => notThatMethod(methods) }));
  app.use((context, next) => {
    // Throws if the settings are invalid: nothing is served then, and the outage is logged.
    settingsOf(context.env);
    return next();
  });
  app.use(crossOrigin());
  addSkus(app);
  addReservations(app);
  addBatch(app);
  addCarts(app);
  addDrops(app);
  addWaitlist(app);
  addLists(app);
  addEvents(app);
  addAnalytics(app);
  addWebhooks(app);
  addLive(app);
  addOperations(app);
  addDocuments(app);
  addProblemPages(app);
  addWeb(app);
  addDemo(app);
  return app;
}

function notThatMethod(methods: readonly string[]): Response {
  const allow = [...methods].sort().join(", ");
  return fail("method-not-allowed", `allowed: ${allow}`, { Allow: allow });
}

/** Cross-origin headers, only for calls that come from a page. */
function crossOrigin(): MiddlewareHandler<AppEnv> {
  const fromPage = cors({
    origin: (origin, context) => (isAllowedOrigin(settingsOf(context.env), origin) ? origin : null),
    allowMethods: ["GET", "POST", "PATCH", "DELETE"],
    allowHeaders: [
      "Authorization",
      "Content-Type",
      "Idempotency-Key",
      "If-Match",
      "If-None-Match",
      "Prefer",
      "Holdfast-Attempt",
    ],
    exposeHeaders: [
      "Date",
      "ETag",
      "Location",
      "Retry-After",
      "Idempotency-Replayed",
      "Holdfast-Recorded",
      "Holdfast-As-Of",
      "Holdfast-Epoch",
      "Preference-Applied",
    ],
    maxAge: 86_400,
  });
  return (context, next) => (context.req.header("Origin") === undefined ? next() : fromPage(context, next));
}

/** Only outages and bugs are thrown. The log has no data of the caller, only the pattern of the path; the answer has no internals. */
function outage(error: Error, context: Context<AppEnv>): Response {
  const overloaded = "overloaded" in error && error.overloaded === true;
  workerLogger.log("request_failed", { method: context.req.method, route: routePath(context, -1), overloaded, error });
  if (error instanceof OutcomeUnknown)
    return problemResponse(problem("unavailable", undefined, { outcome: "unknown" }));
  return fail(overloaded ? "overloaded" : "unavailable");
}
