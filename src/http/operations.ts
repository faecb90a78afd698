import type { Context } from "hono";
import { z } from "zod";
import { healthView, readinessView } from "../contracts/operations.ts";
import { OBJECT_CALL_MS } from "../domain/bounds.ts";
import { hasPassed } from "../domain/elapsed.ts";
import type { Health } from "../objects/rpc.ts";
import { withTimeout } from "../objects/shared/timeout.ts";
import { readBusySkus } from "../storage/d1-read.ts";
import type { App, AppEnv } from "./auth.ts";
import { CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { expose } from "./metrics.ts";
import { json } from "./responses.ts";

/** SKUs that readiness and metrics ask: the busiest; each costs one call to its object. */
const SKUS_ASKED_MAX = 100;
/** How long one result is shared, so that a public route cannot be used to wake objects. */
const LOOK_KEPT_MS = 1000;
/** Both steps have timeouts; a look that takes longer died with its request. */
const LOOK_LOST_MS = 3 * OBJECT_CALL_MS;

/** Health, readiness and metrics. */
export function addOperations(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/healthz",
      operationId: "readHealth",
      summary: "Check that the Worker runs",
      callers: "anyone",
      answers: { 200: { description: "It runs", schema: healthView } },
      problems: ["unauthenticated", "rate-limited"],
    },
    () => json(200, { status: "ok" }),
  );
  endpoint(
    app,
    {
      method: "get",
      path: "/readyz",
      operationId: "readReadiness",
      summary: "Check that dependencies answer, and how far D1 lags",
      callers: "anyone",
      answers: {
        200: { description: "Sales work; `status` is `degraded` while D1 fails", schema: readinessView },
        503: { description: "Sales do not work", schema: readinessView },
      },
      problems: ["unauthenticated", "rate-limited", "unavailable"],
    },
    async ({ context }) => {
      const { d1, objects, healths } = await look(context);
      const events = healths.reduce((sum, health) => sum + health.unrecordedEvents, 0);
      const lagMs = Math.max(0, ...healths.map((health) => health.recordLagMs));
      const status = objects === "failing" ? "unavailable" : d1 === "ok" ? "ok" : "degraded";
      const outbox = { unrecordedEvents: events, lagSeconds: lagMs / 1000, skusAsked: healths.length };
      const clock = { aheadSeconds: Math.max(0, ...healths.map((health) => health.clockAheadMs)) / 1000 };
      return json(status === "unavailable" ? 503 : 200, { status, d1, objects, outbox, clock });
    },
  );
  endpoint(
    app,
    {
      method: "get",
      path: "/metrics",
      operationId: "readMetrics",
      summary: "Read metrics as Prometheus text",
      callers: ["admin"],
      answers: {
        200: { description: "Gauges per SKU, counters since each object woke", schema: z.string(), type: "text/plain" },
      },
      problems: CALL_PROBLEMS,
    },
    async ({ context }) => {
      const { d1, healths } = await look(context);
      return new Response(expose(d1 === "ok", healths), {
        headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store" },
      });
    },
  );
}

interface Look {
  d1: "ok" | "failing";
  objects: "ok" | "failing";
  healths: Health[];
}

/** The last look, or the one in progress; `endedAt` is null until it has ended. */
let shared: { begunAt: number; endedAt: number | null; look: Promise<Look> } | null = null;
/** The SKUs that D1 named last: used while D1 is down, when their lag matters. */
let knownSkus: string[] = [];

/**
 * Reads the state of D1 and the objects, one look at a time in this isolate; concurrent and immediately following callers share
 * the result.
 */
function look(context: Context<AppEnv>): Promise<Look> {
  const now = Date.now();
  // If the call that began it has died, nobody waits for ever.
  if (shared !== null && isFresh(shared, now)) return withTimeout(shared.look, LOOK_LOST_MS, "a look at the objects");
  const run = { begunAt: now, endedAt: null as number | null, look: lookAtAll(context.env) };
  // Other calls wait for it too, so it must not end with the call that began it.
  context.executionCtx.waitUntil(
    run.look.then(() => {
      run.endedAt = Date.now();
    }),
  );
  shared = run;
  return run.look;
}

function isFresh({ begunAt, endedAt }: { begunAt: number; endedAt: number | null }, now: number): boolean {
  return endedAt === null ? !hasPassed(begunAt, LOOK_LOST_MS, now) : !hasPassed(endedAt, LOOK_KEPT_MS, now);
}

async function lookAtAll(env: Env): Promise<Look> {
  let d1: Look["d1"] = "ok";
  try {
    knownSkus = await withTimeout(readBusySkus(env.DB, SKUS_ASKED_MAX), OBJECT_CALL_MS, "D1");
  } catch {
    d1 = "failing";
  }
  const asked = await Promise.allSettled(
    knownSkus.map((sku) => withTimeout(env.SKU.getByName(sku).health(), OBJECT_CALL_MS, "a SKU")),
  );
  const healths = asked.flatMap((answer) => (answer.status === "fulfilled" && answer.value ? [answer.value] : []));
  const failed = asked.some(({ status }) => status === "rejected");
  return { d1, objects: failed ? "failing" : "ok", healths };
}
