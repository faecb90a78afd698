import { hasPassed } from "../domain/elapsed.ts";
import type { Health } from "../objects/sku-object.ts";
import { readBusySkus } from "../storage/d1-read.ts";
import { json } from "./answers.ts";
import { type App, endpoint } from "./endpoint.ts";
import { expose } from "./metrics.ts";
import { CALL_PROBLEMS } from "./problem-sets.ts";

/** SKUs that readiness and metrics ask: the busiest; each costs one call to its object. */
const SKUS_ASKED_MAX = 100;
/** How long one look at the objects serves, so that an open route cannot be used to wake them. */
const LOOK_KEPT_MS = 1000;

/** How the service is: alive, ready, and in numbers. */
export function addOperations(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/healthz",
      summary: "Whether the Worker runs",
      callers: "anyone",
      answers: { 200: { description: "It runs" } },
      problems: [],
    },
    () => json(200, { status: "ok" }),
  );
  endpoint(
    app,
    {
      method: "get",
      path: "/readyz",
      summary: "Whether its dependencies answer, and how far D1 lags behind the objects",
      callers: "anyone",
      answers: { 200: { description: "It sells; `degraded` while D1 fails, for sales go on" } },
      problems: ["rate-limited", "unavailable"],
    },
    async ({ context }) => {
      const { d1, objects, healths } = await look(context.env);
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
      summary: "Prometheus text",
      callers: ["admin"],
      answers: { 200: { description: "Gauges per SKU, counters since each object woke", type: "text/plain" } },
      problems: CALL_PROBLEMS,
    },
    async ({ context }) => {
      const { d1, healths } = await look(context.env);
      return new Response(expose(d1 === "ok", healths), {
        headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store" },
      });
    },
  );
}

interface Look {
  at: number;
  d1: "ok" | "failing";
  objects: "ok" | "failing";
  healths: Health[];
}

let lastLook: Look | null = null;
/** The SKUs that D1 named last: while it is down they are the ones whose lag matters. */
let knownSkus: string[] = [];

async function look(env: Env): Promise<Look> {
  if (lastLook !== null && !hasPassed(lastLook.at, LOOK_KEPT_MS, Date.now())) return lastLook;
  let d1: Look["d1"] = "ok";
  try {
    knownSkus = await readBusySkus(env.DB, SKUS_ASKED_MAX);
  } catch {
    d1 = "failing";
  }
  const asked = await Promise.allSettled(knownSkus.map((sku) => env.SKU.getByName(sku).health()));
  const healths = asked.flatMap((answer) => (answer.status === "fulfilled" && answer.value ? [answer.value] : []));
  const failed = asked.some(({ status }) => status === "rejected");
  lastLook = { at: Date.now(), d1, objects: failed ? "failing" : "ok", healths };
  return lastLook;
}
