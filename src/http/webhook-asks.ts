import { z } from "zod";
import { opaqueId } from "../contracts/names.ts";
import { instantToWire } from "../contracts/present.ts";
import { deliveryToWire, webhookToWire } from "../contracts/present-webhook.ts";
import {
  deliveryView,
  redeliverOne,
  redeliverSince,
  rotatedView,
  rotateWebhook,
  webhookView,
} from "../contracts/webhook.ts";
import type { WebhookOutcome } from "../domain/delivery.ts";
import type { WebhookRequest } from "../objects/rpc.ts";
import type { App } from "./auth.ts";
import { BODY_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { contentOf, outcomeHeaders, ownKey, preferredWait, refuseCaller, scopedKey } from "./execute.ts";
import { patiently } from "./patiently.ts";
import { fail, json } from "./responses.ts";
import type { Call } from "./route.ts";

const WEBHOOK = "/v1/webhooks/{id}";
const ofWebhook = z.object({ id: opaqueId });
const ofDelivery = z.object({ id: opaqueId, delivery: opaqueId });
const ADMIN = ["admin"] as const;

type AdminCall = Pick<
  Call<typeof ADMIN, unknown, unknown, unknown>,
  "context" | "audience" | "caller" | "body" | "key"
>;

/** Requests of operators to a webhook: rotate its secret, redeliver. */
export function addWebhookAsks(app: App): void {
  addRotate(app);
  addRedeliverOne(app);
  addRedeliverSince(app);
}

function addRotate(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: `${WEBHOOK}/rotate`,
      operationId: "rotateWebhook",
      summary: "Rotate the secret; replaced ones sign for another day",
      callers: ADMIN,
      params: ofWebhook,
      body: rotateWebhook,
      key: "optional",
      answers: { 200: { description: "The new secret, shown only in this answer", schema: rotatedView } },
      problems: [...BODY_PROBLEMS, "too-many-secrets"],
    },
    (call) =>
      act(call, call.params.id, "rotate", { type: "rotate" }, 200, ({ webhook }) => ({
        secret: webhook.secret,
        previousSecretValidUntil: instantToWire(webhook.previousSecrets[0]?.validUntil ?? 0),
      })),
  );
}

function addRedeliverOne(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: `${WEBHOOK}/deliveries/{delivery}/redeliver`,
      operationId: "redeliver",
      summary: "Redeliver one event",
      callers: ADMIN,
      params: ofDelivery,
      body: redeliverOne,
      key: "optional",
      answers: { 200: { description: "The delivery, which is due now", schema: deliveryView } },
      problems: [...BODY_PROBLEMS, "webhook-stopped"],
    },
    (call) => {
      const { id, delivery } = call.params;
      if (!/^[1-9]\d{0,14}$/.test(delivery)) return fail("not-found");
      const ask = { type: "redeliver" as const, position: Number(delivery) };
      return act(call, id, `redeliver/${delivery}`, ask, 200, (outcome) =>
        outcome.delivery === undefined ? {} : deliveryToWire(outcome.delivery),
      );
    },
  );
}

function addRedeliverSince(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: `${WEBHOOK}/redeliver`,
      operationId: "redeliverSince",
      summary: "Redeliver all events since a time; restarts a stopped webhook",
      callers: ADMIN,
      params: ofWebhook,
      body: redeliverSince,
      key: "optional",
      answers: { 202: { description: "Redelivery begins with the first event since then", schema: webhookView } },
      problems: BODY_PROBLEMS,
    },
    (call) => {
      const ask = { type: "redeliver-since" as const, since: Date.parse(call.body.since) };
      return act(call, call.params.id, "redeliver", ask, 202, ({ webhook }) => webhookToWire(webhook));
    },
  );
}

async function act(
  call: AdminCall,
  id: string,
  route: string,
  ask: WebhookRequest["ask"],
  status: number,
  bodyOf: (outcome: Extract<WebhookOutcome, { ok: true }>) => unknown,
): Promise<Response> {
  const { context, caller, body, key } = call;
  const request = { ask, key: key === null ? ownKey() : scopedKey(caller, route, key), content: contentOf(body) };
  const answer = await patiently(context.env.WEBHOOK.getByName(id).act(request));
  const outcome = answer.outcome as WebhookOutcome;
  const headers = outcomeHeaders(outcome, answer.recorded, preferredWait(context));
  return outcome.ok ? json(status, bodyOf(outcome), headers) : refuseCaller(call, outcome.refusal, headers);
}
