import { z } from "zod";
import { skuName } from "../contracts/names.ts";
import { ownQuery } from "../contracts/page.ts";
import { cutForPublic, entryToWire, reservationToWire, skuToWire } from "../contracts/present.ts";
import { ownView } from "../contracts/reservation.ts";
import { adjustSku, createSku, patchSku, policyFromWire, publicSku, trustedSku } from "../contracts/sku.ts";
import { allowanceName } from "../domain/allowance.ts";
import type { DropLimit } from "../domain/command.ts";
import type { SkuView } from "../domain/model.ts";
import { unitsForCustomer } from "../domain/reserve.ts";
import { workerLogger } from "../logger.ts";
import type { App } from "./auth.ts";
import { notFound } from "./auth.ts";
import { BODY_PROBLEMS, CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { execute } from "./execute.ts";
import { recentViews } from "./isolate-memory.ts";
import { customerOf } from "./reservations.ts";
import { json } from "./responses.ts";
import { namesTag, readRevisions, tagOf } from "./revision.ts";
import { unknownSkus } from "./unknown-names.ts";

const SKU = "/v1/skus/{sku}";
const ofSku = z.object({ sku: skuName });
const NOW = { 200: { description: "The current SKU", schema: trustedSku } };

/** SKUs: create, read, edit, adjust stock, and a customer's own share. */
export function addSkus(app: App): void {
  addCreate(app);
  addRead(app);
  addPatch(app);
  addAdjust(app);
  addOwn(app);
}

function addCreate(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: "/v1/skus",
      operationId: "createSku",
      summary: "Create a SKU",
      callers: ["admin"],
      body: createSku,
      key: "optional",
      answers: { 201: { description: "The SKU", schema: trustedSku } },
      problems: [...BODY_PROBLEMS, "sku-exists"],
    },
    async (call) => {
      const { sku, name, stock, policy = {} } = call.body;
      const command = { type: "create" as const, sku, name, stock, policy: policyFromWire(policy) };
      const location = `/v1/skus/${sku}`;
      const answer = await execute(call, { caller: call.caller, sku, route: "create", command, location });
      unknownSkus.forget(sku);
      return answer;
    },
  );
}

function addRead(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: SKU,
      operationId: "readSku",
      summary: "Read a SKU",
      callers: "anyone",
      params: ofSku,
      headers: { "If-None-Match": "The tag of a former answer: 304 if nothing has changed." },
      answers: {
        200: {
          description: "The SKU; storefronts and admins see every count",
          schema: z.union([publicSku, trustedSku]),
        },
        304: { description: "Not changed since the tag in `If-None-Match`" },
      },
      problems: CALL_PROBLEMS,
    },
    async ({ context, caller, audience, params }) => {
      const { sku } = params;
      const look = () => context.env.SKU.getByName(sku).look() as Promise<SkuView | null>;
      const recent = () => (audience === "public" ? recentViews.find(sku, look) : look());
      const view = await unknownSkus.find(sku, caller === null, recent);
      if (view === null) return notFound(context, audience);
      const tag = tagOf(view, audience);
      const headers = {
        ETag: tag,
        Vary: "Authorization, Origin",
        "Cache-Control": audience === "public" ? "public, max-age=1" : "private, no-store",
      };
      if (namesTag(context.req.header("If-None-Match"), tag)) return new Response(null, { status: 304, headers });
      return json(200, skuToWire(view, audience), headers);
    },
  );
}

function addPatch(app: App): void {
  endpoint(
    app,
    {
      method: "patch",
      path: SKU,
      operationId: "patchSku",
      summary: "Edit name and policy (only the given members)",
      callers: ["admin"],
      params: ofSku,
      body: patchSku,
      headers: { "If-Match": "The tag of the SKU that was read: 412 if somebody has edited it since." },
      answers: NOW,
      problems: [...BODY_PROBLEMS, "version-mismatch"],
    },
    (call) => {
      const { name, policy } = call.body;
      const command = {
        type: "update" as const,
        name,
        policy: policy === undefined ? undefined : policyFromWire(policy),
        ifRevisions: readRevisions(call.context.req.header("If-Match")),
      };
      return execute({ ...call, key: null }, { caller: call.caller, sku: call.params.sku, route: "update", command });
    },
  );
}

function addAdjust(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: `${SKU}/adjustments`,
      operationId: "adjustSku",
      summary: "Adjust stock: add units, or remove free ones",
      callers: ["admin"],
      params: ofSku,
      body: adjustSku,
      key: "required",
      answers: NOW,
      problems: [...BODY_PROBLEMS, "stock-in-use"],
    },
    (call) => {
      const { delta, reason } = call.body;
      const command = { type: "adjust" as const, delta, reason };
      return execute(call, { caller: call.caller, sku: call.params.sku, route: "adjust", command });
    },
  );
}

function addOwn(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: `${SKU}/me`,
      operationId: "readOwn",
      summary: "Read what a customer has of a SKU and may still reserve",
      callers: ["shopper", "storefront"],
      params: ofSku,
      query: ownQuery,
      answers: { 200: { description: "Live holds and purchases, newest first", schema: ownView } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, caller, audience, params, query }) => {
      const customer = customerOf(caller, query.customer);
      if (customer instanceof Response) return customer;
      const own = await context.env.SKU.getByName(params.sku).own(customer);
      if (own === null) return notFound(context, audience);
      const units = own.isTurn ? unitsForCustomer(own.view, own.counted) : 0;
      const left = await leftInDrop(context.env, own.limit, customer, units);
      const cut = cutForPublic(left, own.view.policy.displayCap, audience);
      return json(200, {
        availableToMe: cut.available,
        ...(cut.capped ? { capped: true } : {}),
        myUnits: own.units,
        reservations: own.reservations.map(reservationToWire),
        waitlist: own.place === null ? null : entryToWire(own.place.entry, own.place.position),
      });
    },
  );
}

/**
 * Units that the drop's limit leaves to a customer, up to `units`. Asked only if units are available. If the limit does not
 * answer, the rest of the page still does, and the claim itself will ask.
 */
async function leftInDrop(env: Env, limit: DropLimit | null, customer: string, units: number): Promise<number> {
  if (limit === null || units === 0) return units;
  const most = Math.min(units, limit.limit);
  const allowance = allowanceName(limit, customer);
  try {
    return await env.ALLOWANCE.getByName(allowance).left(customer, limit.limit, most);
  } catch (error) {
    workerLogger.log("drop_limit_unavailable", { allowance, error });
    return most;
  }
}
