import { uuidv7 } from "uuidv7";
import { z } from "zod";
import { cartView, confirmCartBody, extendCartBody, openCartBody, releaseCartBody } from "../contracts/cart.ts";
import { opaqueId } from "../contracts/names.ts";
import { cartToWire, lineToWire, problem } from "../contracts/present.ts";
import type { ProblemCode } from "../contracts/problems.ts";
import { CALL_PATIENCE_MS, CONFIRM_WAIT_MS } from "../domain/bounds.ts";
import { cartIdOf, cartObjectOf } from "../domain/cart-placement.ts";
import type { CartOutcome, CartRequest } from "../domain/cart-requests.ts";
import type { Recorded } from "../objects/rpc.ts";
import type { App, Callers, Role } from "./auth.ts";
import { HOLDERS, notFound } from "./auth.ts";
import { BODY_PROBLEMS, CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { actorOf, contentOf, idOfKey, outcomeHeaders, preferredWait, refuseCaller, scopedKey } from "./execute.ts";
import { anySkuMayChange, recentViews } from "./isolate-memory.ts";
import { patiently } from "./patiently.ts";
import { customerOf } from "./reservations.ts";
import { json, problemResponse, retryAfter } from "./responses.ts";
import type { Call } from "./route.ts";
import type { Settings } from "./settings.ts";

const CARTS = "/v1/carts";
const CART = `${CARTS}/{id}`;
const ofCart = z.object({ id: opaqueId });

/** Carts: several SKUs held, extended, released and confirmed together. */
export function addCarts(app: App): void {
  addOpen(app);
  addFind(app);
  addAction(app, {
    action: "extend",
    summary: "Extend a cart",
    callers: HOLDERS,
    body: extendCartBody,
    problems: ["hold-expired", "already-released", "already-confirmed", "extension-limit"],
    ask: ({ ttlSeconds }) => ({ type: "extend", ttlSeconds: ttlSeconds ?? null }),
  });
  addAction(app, {
    action: "release",
    summary: "Release a cart",
    callers: HOLDERS,
    body: releaseCartBody,
    problems: ["already-confirmed"],
    ask: ({ reason }) => ({ type: "release", reason }),
  });
  addAction(app, {
    action: "confirm",
    summary: "Confirm a cart: sell all lines, or none",
    callers: HOLDERS,
    shoppersIf: (settings) => settings.SHOPPER_CONFIRM,
    body: confirmCartBody,
    problems: ["hold-expired", "already-released", "already-confirmed"],
    ask: ({ orderId }) => ({ type: "confirm", orderId: orderId ?? null }),
    waitMsDefault: CONFIRM_WAIT_MS,
  });
}

function addOpen(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: CARTS,
      operationId: "openCart",
      summary: "Open a cart: hold units of several SKUs",
      callers: ["shopper", "storefront"],
      body: openCartBody,
      key: "optional",
      answers: { 201: { description: "The lines are held, all with one expiry", schema: cartView } },
      problems: [...BODY_PROBLEMS, "cart-not-held"],
    },
    async (call) => {
      const { context, caller, body, key } = call;
      const customer = customerOf(caller, body.customer);
      if (customer instanceof Response) return customer;
      const id = cartIdOf(await idOfKey(caller, "cart", key));
      const waitMs = preferredWait(context);
      const { mode = "all_or_nothing", ttlSeconds = null } = body;
      const lines = summedBySku(body.lines).map((line) => ({ ...line, reservation: uuidv7() }));
      const content = contentOf(body);
      const wanted = { id, customer, role: caller.role, mode, ttlSeconds, lines, content };
      const { outcome, recorded } = await patiently(
        context.env.CART.getByName(cartObjectOf(id) ?? "").open(wanted, waitMs ?? 0, CALL_PATIENCE_MS),
        waitMs ?? 0,
      );
      for (const { sku } of lines) recentViews.forget(sku);
      return answer(call, outcome as CartOutcome, recorded, waitMs, `${CARTS}/${id}`);
    },
  );
}

/** Merges lines with the same SKU: their units are reserved together. */
function summedBySku(lines: readonly { sku: string; quantity: number }[]): { sku: string; quantity: number }[] {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return Array.from(units, ([sku, quantity]) => ({ sku, quantity }));
}

function addFind(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: CART,
      operationId: "readCart",
      summary: "Read a cart",
      callers: HOLDERS,
      params: ofCart,
      answers: { 200: { description: "The cart", schema: cartView } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, caller, audience, params }) => {
      const object = cartObjectOf(params.id);
      const cart = object === null ? null : await context.env.CART.getByName(object).look(params.id, actorOf(caller));
      return cart === null ? notFound(context, audience) : json(200, cartToWire(cart, audience));
    },
  );
}

interface Action<Body extends z.ZodType> {
  action: CartRequest["ask"]["type"];
  summary: string;
  callers: readonly Role[];
  shoppersIf?: (settings: Settings) => boolean;
  body: Body;
  problems: readonly ProblemCode[];
  ask: (body: z.infer<Body>) => CartRequest["ask"];
  waitMsDefault?: number;
}

function addAction<Body extends z.ZodType>(
  app: App,
  { action, problems, ask, waitMsDefault = 0, ...definition }: Action<Body>,
): void {
  endpoint(
    app,
    {
      ...definition,
      method: "post",
      path: `${CART}/${action}`,
      operationId: `${action}Cart`,
      params: ofCart,
      key: "optional",
      answers: { 200: { description: "The current cart", schema: cartView } },
      problems: [...BODY_PROBLEMS, ...problems],
    },
    async (call) => {
      const { context, caller, params, body } = call;
      const waitMs = preferredWait(context);
      const request: CartRequest = {
        actor: actorOf(caller),
        ask: ask(body),
        key: call.key === null ? null : scopedKey(caller, action, call.key),
        content: contentOf(body),
      };
      const object = cartObjectOf(params.id);
      if (object === null) return notFound(context, call.audience);
      anySkuMayChange();
      const acting = context.env.CART.getByName(object).act(
        params.id,
        request,
        waitMs ?? waitMsDefault,
        CALL_PATIENCE_MS,
      );
      const { outcome, recorded } = await patiently(acting, waitMs ?? waitMsDefault);
      anySkuMayChange();
      return answer(call, outcome as CartOutcome, recorded, waitMs);
    },
  );
}

function answer(
  call: Pick<Call<Callers, unknown, unknown, unknown>, "context" | "audience">,
  outcome: CartOutcome,
  recorded: Recorded,
  waitMs: number | null,
  location?: string,
): Response | Promise<Response> {
  const { audience } = call;
  const headers = outcomeHeaders(outcome, recorded, waitMs);
  if (outcome.ok) {
    if (location !== undefined) headers.Location = location;
    return json(location === undefined ? 200 : 201, cartToWire(outcome.cart, audience), headers);
  }
  if ("notHeld" in outcome) {
    const { notHeld } = outcome;
    const lines = notHeld.lines.map((line) => lineToWire(line, notHeld, audience));
    const retry = retryAfter(notHeld.lines.map(({ refusal }) => refusal));
    return problemResponse(problem("cart-not-held", undefined, { lines }), { ...headers, ...retry });
  }
  return refuseCaller(call, outcome.refusal, headers);
}
