import { z } from "zod";
import { opaqueId } from "../contracts/names.ts";
import { instantToWire } from "../contracts/present.ts";
import { deliveryToWire, webhookStateToWire, webhookToWire } from "../contracts/present-webhook.ts";
import {
  createWebhook,
  deliveryPage,
  deliveryPageQuery,
  deliveryView,
  newWebhookView,
  redeliverOne,
  redeliverSince,
  rotatedView,
  rotateWebhook,
  webhookPage,
  webhookPageQuery,
  webhookStateView,
  webhookView,
} from "../contracts/webhook.ts";
import type { Delivery } from "../domain/delivery.ts";
import type { WebhookOutcome } from "../domain/webhook.ts";
import type { WebhookRequest } from "../objects/webhook-object.ts";
import { readWebhooks } from "../storage/d1-webhooks.ts";
import { fail, json } from "./answers.ts";
import { type App, type Call, endpoint } from "./endpoint.ts";
import { contentOf, idOfKey, outcomeHeaders, ownKey, preferredWait, refuseCaller, scopedKey } from "./execute.ts";
import { AS_OF } from "./lists.ts";
import { pageAnswer, readCursor, writeCursor } from "./pages.ts";
import { BODY_PROBLEMS, CALL_PROBLEMS } from "./problem-sets.ts";

const WEBHOOKS = "/v1/webhooks";
const WEBHOOK = `${WEBHOOKS}/{id}`;
const ofWebhook = z.object({ id: opaqueId });
const ofDelivery = z.object({ id: opaqueId, delivery: opaqueId });
const ADMIN = ["admin"] as const;

type AdminCall = Pick<
  Call<typeof ADMIN, unknown, unknown, unknown>,
  "context" | "audience" | "caller" | "body" | "key"
>;

/** Webhooks: endpoints that are told of what happens, and what became of telling them. */
export function addWebhooks(app: App): void {
  addCreate(app);
  addList(app);
  addRead(app);
  addDelete(app);
  addDeliveries(app);
  addRotate(app);
  addRedeliverOne(app);
  addRedeliverSince(app);
}

function addCreate(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: WEBHOOKS,
      summary: "Have an endpoint told of events from now on",
      callers: ADMIN,
      body: createWebhook,
      key: "optional",
      answers: {
        201: {
          description: "The webhook, with the secret that signs its deliveries by Standard Webhooks: shown this once",
          schema: newWebhookView,
        },
      },
      problems: [...BODY_PROBLEMS, "too-many-webhooks"],
    },
    async (call) => {
      const { context, caller, body, key } = call;
      const id = await idOfKey(caller, "webhook", key);
      const { url, events, skus = null } = body;
      const answer = await context.env.WEBHOOK.getByName(id).create({ url, events, skus }, contentOf(body));
      const outcome = answer.outcome as WebhookOutcome;
      const headers = outcomeHeaders(outcome, answer.recorded, preferredWait(context));
      if (!outcome.ok) return refuseCaller(call, outcome.refusal, headers);
      const { webhook } = outcome;
      headers.Location = `${WEBHOOKS}/${id}`;
      return json(201, { ...webhookToWire(webhook), secret: webhook.secret }, headers);
    },
  );
}

function addList(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: WEBHOOKS,
      summary: "List webhooks",
      callers: ADMIN,
      query: webhookPageQuery,
      answers: { 200: { description: AS_OF, schema: webhookPage } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, query }) => {
      const start = readCursor("webhooks", query.cursor);
      if (start instanceof Response) return start;
      const page = await readWebhooks(context.env.DB, start.last ?? "", query.limit);
      return pageAnswer(page, webhookToWire, ({ id }) => writeCursor("webhooks", id));
    },
  );
}

function addRead(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: WEBHOOK,
      summary: "Read a webhook, and how far it is",
      callers: ADMIN,
      params: ofWebhook,
      answers: { 200: { description: "The webhook as its object knows it", schema: webhookStateView } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, params }) => {
      const state = await context.env.WEBHOOK.getByName(params.id).look();
      if (state === null) return fail("not-found");
      return json(200, webhookStateToWire(state.webhook, state.pending, state.unread, Date.now()));
    },
  );
}

function addDelete(app: App): void {
  endpoint(
    app,
    {
      method: "delete",
      path: WEBHOOK,
      summary: "Delete a webhook",
      callers: ADMIN,
      params: ofWebhook,
      answers: { 204: { description: "Nothing is sent to it any more" } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, params }) => {
      if (!(await context.env.WEBHOOK.getByName(params.id).remove())) return fail("not-found");
      return new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } });
    },
  );
}

function addDeliveries(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: `${WEBHOOK}/deliveries`,
      summary: "List what a webhook was sent and is to be sent, newest event first",
      callers: ADMIN,
      params: ofWebhook,
      query: deliveryPageQuery,
      answers: { 200: { description: "Each with its tries, and what came of the last one", schema: deliveryPage } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, params, query }) => {
      const { status, limit, cursor } = query;
      const filters = { webhook: params.id, status };
      const start = readCursor(filters, cursor);
      if (start instanceof Response) return start;
      const before = start.last === null ? null : Number(start.last);
      const found = await context.env.WEBHOOK.getByName(params.id).deliveries({ status }, before, limit);
      if (found === null) return fail("not-found");
      const page = { items: found.slice(0, limit) as Delivery[], more: found.length > limit, asOf: null };
      return pageAnswer(page, deliveryToWire, ({ position }) => writeCursor(filters, String(position)));
    },
  );
}

function addRotate(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: `${WEBHOOK}/rotate`,
      summary: "Sign with a new secret, and for a day with the old one too",
      callers: ADMIN,
      params: ofWebhook,
      body: rotateWebhook,
      key: "optional",
      answers: { 200: { description: "The new secret, shown this once", schema: rotatedView } },
      problems: BODY_PROBLEMS,
    },
    (call) =>
      act(call, call.params.id, "rotate", { type: "rotate" }, 200, ({ webhook }) => ({
        secret: webhook.secret,
        previousSecretValidUntil: instantToWire(webhook.previousSecret?.validUntil ?? 0),
      })),
  );
}

function addRedeliverOne(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: `${WEBHOOK}/deliveries/{delivery}/redeliver`,
      summary: "Send one event again",
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
      summary: "Send everything since a time again, also to a webhook that was stopped",
      callers: ADMIN,
      params: ofWebhook,
      body: redeliverSince,
      key: "optional",
      answers: { 202: { description: "It begins again with what the log has since then", schema: webhookView } },
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
  const answer = await context.env.WEBHOOK.getByName(id).act(request);
  const outcome = answer.outcome as WebhookOutcome;
  const headers = outcomeHeaders(outcome, answer.recorded, preferredWait(context));
  return outcome.ok ? json(status, bodyOf(outcome), headers) : refuseCaller(call, outcome.refusal, headers);
}
