import { z } from "zod";
import { opaqueId } from "../contracts/names.ts";
import { deliveryToWire, webhookStateToWire, webhookToWire } from "../contracts/present-webhook.ts";
import {
  createWebhook,
  deliveryPage,
  deliveryPageQuery,
  newWebhookView,
  webhookPage,
  webhookPageQuery,
  webhookStateView,
} from "../contracts/webhook.ts";
import type { Delivery, WebhookOutcome } from "../domain/delivery.ts";
import { readWebhooks } from "../storage/d1-webhooks.ts";
import type { App } from "./auth.ts";
import { BODY_PROBLEMS, CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { contentOf, idOfKey, outcomeHeaders, preferredWait, refuseCaller } from "./execute.ts";
import { AS_OF } from "./lists.ts";
import { pageAnswer, readCursor, writeCursor } from "./pages.ts";
import { patiently } from "./patiently.ts";
import { fail, json } from "./responses.ts";
import { addWebhookAsks } from "./webhook-asks.ts";

const WEBHOOKS = "/v1/webhooks";
const WEBHOOK = `${WEBHOOKS}/{id}`;
const ofWebhook = z.object({ id: opaqueId });
const ADMIN = ["admin"] as const;

/** Webhooks: register, list, read, delete, and list deliveries. */
export function addWebhooks(app: App): void {
  addCreate(app);
  addList(app);
  addRead(app);
  addDelete(app);
  addDeliveries(app);
  addWebhookAsks(app);
}

function addCreate(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: WEBHOOKS,
      operationId: "createWebhook",
      summary: "Register a webhook for events from now on",
      callers: ADMIN,
      body: createWebhook,
      key: "optional",
      answers: {
        201: {
          description: "The webhook with its signing secret (Standard Webhooks), shown only in this answer",
          schema: newWebhookView,
        },
      },
      problems: [...BODY_PROBLEMS, "too-many-webhooks"],
    },
    async (call) => {
      const { context, caller, body, key } = call;
      const id = await idOfKey(caller, "webhook", key);
      const { url, events, skus = null } = body;
      const answer = await patiently(context.env.WEBHOOK.getByName(id).create({ url, events, skus }, contentOf(body)));
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
      operationId: "listWebhooks",
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
      operationId: "readWebhook",
      summary: "Read a webhook and its progress",
      callers: ADMIN,
      params: ofWebhook,
      answers: { 200: { description: "The current webhook", schema: webhookStateView } },
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
      operationId: "deleteWebhook",
      summary: "Delete a webhook",
      callers: ADMIN,
      params: ofWebhook,
      answers: { 204: { description: "Nothing is sent to it any more" } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, params }) => {
      if (!(await patiently(context.env.WEBHOOK.getByName(params.id).remove()))) return fail("not-found");
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
      operationId: "listDeliveries",
      summary: "List deliveries, newest event first",
      callers: ADMIN,
      params: ofWebhook,
      query: deliveryPageQuery,
      answers: { 200: { description: "Each with its tries and the result of the last one", schema: deliveryPage } },
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
