import { type CallOptions, type Calls, type Outcome, type PageQuery, type ReadOptions, segment } from "./calls.ts";
import type { RefusalCode } from "./refusal.ts";
import type { Delivery, NewWebhook, Page, RotatedSecret, Webhook, WebhookPlan, WebhookState } from "./wire.ts";

const atWebhook = (id: string) => `/v1/webhooks/${segment(id)}`;

/** Webhooks: register, list and delete them, and redeliver. For admins. */
export function webhookCalls(calls: Calls) {
  const act = <Value, Code extends RefusalCode = never>(
    id: string,
    path: string,
    body: object,
    options?: CallOptions,
  ): Outcome<Value, Code> => calls.post(`${atWebhook(id)}/${path}`, body, options);
  return {
    create: (body: WebhookPlan, options?: CallOptions) =>
      calls.post<NewWebhook, "too-many-webhooks">("/v1/webhooks", body, options),
    list: (query?: PageQuery, options?: ReadOptions): Outcome<Page<Webhook>> =>
      calls.get("/v1/webhooks", { ...options, query }),
    read: (id: string, options?: ReadOptions): Outcome<WebhookState> => calls.get(atWebhook(id), options),
    delete: (id: string, options?: ReadOptions): Outcome<unknown> => calls.delete(atWebhook(id), options),
    rotate: (id: string, options?: CallOptions) => act<RotatedSecret, "too-many-secrets">(id, "rotate", {}, options),
    deliveries: (
      id: string,
      query?: PageQuery & { status?: Delivery["status"] | undefined },
      options?: ReadOptions,
    ): Outcome<Page<Delivery>> => calls.get(`${atWebhook(id)}/deliveries`, { ...options, query }),
    redeliver: (id: string, delivery: string, options?: CallOptions) =>
      act<Delivery, "webhook-stopped">(id, `deliveries/${segment(delivery)}/redeliver`, {}, options),
    /** Redelivers everything since this instant. */
    redeliverSince: (id: string, since: string, options?: CallOptions) =>
      act<Webhook>(id, "redeliver", { since }, options),
  };
}
