import { DurableObject } from "cloudflare:workers";
import { uuidv7 } from "uuidv7";
import { reserveBody } from "../src/contracts/reservation.ts";
import { GROUP_COMMANDS_MAX } from "../src/domain/bounds.ts";
import type { Request as SkuRequest } from "../src/domain/command.ts";
import type { News } from "../src/domain/log.ts";
import { consume } from "../src/events/consumer.ts";
import { createApp } from "../src/http/app.ts";
import { authenticate } from "../src/http/auth.ts";
import { readBody } from "../src/http/body.ts";
import { json } from "../src/http/responses.ts";
import { AllowanceObject as Allowance } from "../src/objects/allowance/allowance-object.ts";
import { CartObject as Cart } from "../src/objects/cart/cart-object.ts";
import { DropObject as Drop } from "../src/objects/drop/drop-object.ts";
import { RelayObject as Relay } from "../src/objects/relay/relay-object.ts";
import { SkuObject as Sku } from "../src/objects/sku/sku-object.ts";
import { type Counting, countStorage, takeCounts, withCounting } from "./counting.ts";
import { type Distance, withDistance } from "./distance.ts";
import { FAR, type Far, far, withFar } from "./far.ts";

export { WallClock } from "../src/objects/shared/wall-clock.ts";
export { WebhookObject } from "../src/objects/webhook/webhook-object.ts";

/** An object that does nothing: what it costs to reach any object at all. */
export class NoopObject extends DurableObject {
  async noop(): Promise<void> {}
}

interface BenchEnv extends Env, Far, Distance, Counting {
  NOOP: DurableObjectNamespace<NoopObject>;
}

/** An object's bindings as this measurement has them. */
function asMeasured({ storage }: DurableObjectState, env: BenchEnv): BenchEnv {
  countStorage(env, storage);
  return withCounting(withDistance(withFar(env)));
}

export class SkuObject extends Sku {
  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, asMeasured(ctx, env));
  }
}

export class CartObject extends Cart {
  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, asMeasured(ctx, env));
  }
}

export class AllowanceObject extends Allowance {
  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, asMeasured(ctx, env));
  }
}

export class DropObject extends Drop {
  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, asMeasured(ctx, env));
  }
}

export class RelayObject extends Relay {
  constructor(ctx: DurableObjectState, env: BenchEnv) {
    super(ctx, asMeasured(ctx, env));
  }
}

const app = createApp();

app.get("/bench/counts", () => json(200, takeCounts()));

app.get("/bench/instant", () => json(200, { ok: true }));

app.post("/bench/parse", async (context) => {
  const admission = await authenticate(context, { callers: ["storefront"] });
  if (admission instanceof Response) return admission;
  const body = await readBody(context);
  if (body instanceof Response) return body;
  return json(200, reserveBody.parse(body.value));
});

app.post("/bench/noop", async (context) => {
  await (context.env as BenchEnv).NOOP.getByName("noop").noop();
  return json(200, { ok: true });
});

// Fills a SKU from inside: reserves in transactions as large as they get, each confirmed hold a row of its own.
app.post("/bench/fill/:sku/:count", async (context) => {
  const sku = context.env.SKU.getByName(context.req.param("sku"));
  let left = Number(context.req.param("count"));
  const dueAt = Number(context.req.query("dueAt") ?? 0);
  while (left > 0) {
    const size = Math.min(left, GROUP_COMMANDS_MAX);
    const fillers = Array.from({ length: size }, () => filler(dueAt));
    const { outcomes } = await sku.execute(fillers, 0);
    if (!outcomes.every((outcome) => outcome.ok))
      return json(
        500,
        outcomes.find((outcome) => !outcome.ok),
      );
    left -= size;
  }
  return json(200, { ok: true });
});

function filler(dueAt: number): SkuRequest {
  const id = uuidv7();
  const ttlSeconds = dueAt === 0 ? undefined : (dueAt - Date.now()) / 1000;
  const command = { type: "reserve" as const, id, customer: id, quantity: 1, ttlSeconds, metadata: {} };
  return { actor: { role: "storefront" }, key: null, content: "", command };
}

/** The platform counts in the isolate; its local stand-in costs more than a read does. */
const unlimited: RateLimit = { limit: async () => ({ success: true }) };

// Once, for the bindings stay the same while this isolate lives.
let withFars: BenchEnv | undefined;

export default {
  fetch: (request, env, ctx) => {
    withFars ??= { ...withCounting(withFar(env)), ADDRESS_RATE: unlimited };
    return (new URL(request.url).pathname.startsWith(FAR) ? far : app).fetch(request, withFars, ctx);
  },
  queue: consume,
} satisfies ExportedHandler<BenchEnv, News>;
