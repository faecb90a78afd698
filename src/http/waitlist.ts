import { uuidv7 } from "uuidv7";
import { z } from "zod";
import { opaqueId, skuName } from "../contracts/names.ts";
import { entryToWire } from "../contracts/present.ts";
import { entryView, joinBody } from "../contracts/waitlist.ts";
import type { App } from "./auth.ts";
import { HOLDERS, notFound } from "./auth.ts";
import { BODY_PROBLEMS, CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { actorOf, execute } from "./execute.ts";
import { customerOf } from "./reservations.ts";
import { json } from "./responses.ts";

const WAITLIST = "/v1/skus/{sku}/waitlist";
const ENTRY = `${WAITLIST}/{id}`;
const ofSku = z.object({ sku: skuName });
const ofEntry = z.object({ sku: skuName, id: opaqueId });

/** The waitlist of a SKU: join, read an entry, leave or decline. */
export function addWaitlist(app: App): void {
  addJoin(app);
  addFind(app);
  addLeave(app);
}

function addJoin(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: WAITLIST,
      operationId: "joinWaitlist",
      summary: "Join the waitlist",
      callers: ["shopper", "storefront"],
      params: ofSku,
      body: joinBody,
      key: "optional",
      answers: { 201: { description: "The waitlist entry", schema: entryView } },
      problems: [
        ...BODY_PROBLEMS,
        "paused",
        "not-open",
        "closed",
        "limit-exceeded",
        "already-waiting",
        "stock-available",
      ],
    },
    (call) => {
      const { caller, body } = call;
      const { sku } = call.params;
      const customer = customerOf(caller, body.customer);
      if (customer instanceof Response) return customer;
      const command = { type: "join" as const, entry: uuidv7(), offer: uuidv7(), customer, quantity: body.quantity };
      return execute(call, { caller, sku, route: "join", command, location: `/v1/skus/${sku}/waitlist` });
    },
  );
}

function addFind(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: ENTRY,
      operationId: "readWaitlistEntry",
      summary: "Read a waitlist entry",
      callers: HOLDERS,
      params: ofEntry,
      answers: { 200: { description: "The entry, and while it waits its position", schema: entryView } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, caller, audience, params }) => {
      const place = await context.env.SKU.getByName(params.sku).findEntry(params.id, actorOf(caller));
      return place === null ? notFound(context, audience) : json(200, entryToWire(place.entry, place.position));
    },
  );
}

function addLeave(app: App): void {
  endpoint(
    app,
    {
      method: "delete",
      path: ENTRY,
      operationId: "leaveWaitlist",
      summary: "Leave the waitlist, or decline the offer",
      callers: HOLDERS,
      params: ofEntry,
      answers: { 204: { description: "The entry has ended; one that had already ended is unchanged" } },
      problems: CALL_PROBLEMS,
    },
    (call) =>
      execute(
        { ...call, body: undefined, key: null },
        {
          caller: call.caller,
          sku: call.params.sku,
          route: "leave",
          command: { type: "leave", entry: call.params.id },
          noContent: true,
        },
      ),
  );
}
