import type { z } from "zod";
import { createBatcher } from "../../../client/batcher.ts";
import { type CallOptions, createCalls, type ReadOptions, segment } from "../../../client/calls.ts";
import type { Page, ServerClock } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { createTokens } from "../../../client/tokens.ts";
import { createTransport } from "../../../client/transport.ts";
import type {
  createWebhook,
  deliveryView,
  newWebhookView,
  rotatedView,
  webhookStateView,
  webhookView,
} from "../../../contracts/webhook.ts";

export type Webhook = z.infer<typeof webhookView>;
export type WebhookState = z.infer<typeof webhookStateView>;
export type NewWebhook = z.infer<typeof newWebhookView>;
export type WebhookPlan = z.infer<typeof createWebhook>;
export type Delivery = z.infer<typeof deliveryView>;
export type RotatedSecret = z.infer<typeof rotatedView>;

type Outcome<Value> = Promise<Result<Value, RefusalCode>>;
type PageQuery = { cursor?: string | undefined; limit?: number | undefined };

export type WebhookCalls = ReturnType<typeof createWebhookCalls>;

const WEBHOOKS = "/v1/webhooks";
const atWebhook = (id: string) => `${WEBHOOKS}/${segment(id)}`;

/** Webhooks: storefronts have no business with them, so that the client for storefronts has no calls for them. */
export function createWebhookCalls(token: string, clock: ServerClock) {
  const tokens = createTokens(token, clock);
  const ownFetch = (...request: Parameters<typeof fetch>) => globalThis.fetch(...request);
  const url = globalThis.location.origin;
  const send = createTransport({ url, tokens, clock, fetch: ownFetch, random: Math.random });
  const calls = createCalls(send, createBatcher(send), tokens);
  return {
    create: (body: WebhookPlan, options?: CallOptions): Outcome<NewWebhook> => calls.post(WEBHOOKS, body, options),
    list: (query: PageQuery, options?: ReadOptions): Outcome<Page<Webhook>> =>
      calls.get(WEBHOOKS, { ...options, query }),
    read: (id: string, options?: ReadOptions): Outcome<WebhookState> => calls.get(atWebhook(id), options),
    remove: (id: string): Outcome<unknown> => calls.change("DELETE", atWebhook(id), {}),
    rotate: (id: string, options?: CallOptions): Outcome<RotatedSecret> =>
      calls.post(`${atWebhook(id)}/rotate`, {}, options),
    deliveries: (
      id: string,
      query: PageQuery & { status?: Delivery["status"] | undefined },
      options?: ReadOptions,
    ): Outcome<Page<Delivery>> => calls.get(`${atWebhook(id)}/deliveries`, { ...options, query }),
    redeliver: (id: string, delivery: string, options?: CallOptions): Outcome<Delivery> =>
      calls.post(`${atWebhook(id)}/deliveries/${segment(delivery)}/redeliver`, {}, options),
    redeliverSince: (id: string, since: string, options?: CallOptions): Outcome<Webhook> =>
      calls.post(`${atWebhook(id)}/redeliver`, { since }, options),
  };
}
