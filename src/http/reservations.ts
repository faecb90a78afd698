import { uuidv7 } from "uuidv7";
import { z } from "zod";
import { opaqueId, skuName } from "../contracts/names.ts";
import { reservationToWire } from "../contracts/present.ts";
import type { ProblemCode } from "../contracts/problems.ts";
import {
  confirmBody,
  extendBody,
  releaseBody,
  reservationAnswer,
  reservationView,
  reserveBody,
  returnBody,
} from "../contracts/reservation.ts";
import { CONFIRM_WAIT_MS } from "../domain/bounds.ts";
import type { ReservationCommand } from "../domain/command.ts";
import type { App, Callers, Role } from "./auth.ts";
import { HOLDERS, notFound } from "./auth.ts";
import { BODY_PROBLEMS, CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { actorOf, execute, outcomeHeaders, preferredWait, refuseCaller } from "./execute.ts";
import { refuseAtOnce } from "./isolate-memory.ts";
import { fail, json } from "./responses.ts";
import type { Call } from "./route.ts";
import type { Settings } from "./settings.ts";
import { shedAhead } from "./shed-ahead.ts";
import type { EpochRefusal } from "./sold-out-epochs.ts";
import type { Caller } from "./tokens.ts";

const RESERVATIONS = "/v1/skus/{sku}/reservations";
const RESERVATION = `${RESERVATIONS}/{id}`;
const ofSku = z.object({ sku: skuName });
const ofReservation = z.object({ sku: skuName, id: opaqueId });
const SELLERS = ["storefront", "admin"] as const;

/** The customer of a call: a shopper itself, or whom a storefront names; or the refusal if that is missing or forbidden. */
export function customerOf(caller: Caller, named: string | undefined): string | Response {
  if (caller.role !== "shopper") return named ?? fail("invalid-request", "customer: required for a storefront");
  if (named !== undefined && named !== caller.sub)
    return fail("forbidden", "customer: a shopper may act only for itself");
  return caller.sub;
}

/** Reservations: reserve, read, confirm, extend, release, return. */
export function addReservations(app: App): void {
  addReserve(app);
  addFind(app);
  addAction(app, {
    action: "confirm",
    summary: "Confirm a hold, in whole or in part",
    callers: HOLDERS,
    shoppersIf: (settings) => settings.SHOPPER_CONFIRM,
    body: confirmBody,
    key: "optional",
    problems: ["hold-expired", "already-released", "already-confirmed", "part-of-cart"],
    command: (id, body) => ({ type: "confirm", id, ...body }),
    waitMsDefault: CONFIRM_WAIT_MS,
  });
  addAction(app, {
    action: "extend",
    summary: "Extend a hold",
    callers: HOLDERS,
    body: extendBody,
    key: "optional",
    problems: ["hold-expired", "already-released", "already-confirmed", "extension-limit", "part-of-cart"],
    command: (id, body) => ({ type: "extend", id, ...body }),
  });
  addAction(app, {
    action: "release",
    summary: "Release a hold",
    callers: HOLDERS,
    body: releaseBody,
    key: "optional",
    problems: ["already-confirmed", "part-of-cart"],
    command: (id, { reason }) => ({ type: "release", id, reason }),
  });
  addAction(app, {
    action: "return",
    summary: "Return sold units, to sale or out of stock",
    callers: SELLERS,
    body: returnBody,
    key: "required",
    problems: ["not-confirmed", "nothing-to-return"],
    command: (id, { quantity, restock = true }) => ({ type: "return", id, quantity, restock }),
  });
}

function addReserve(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: RESERVATIONS,
      operationId: "reserve",
      summary: "Reserve units",
      callers: ["shopper", "storefront"],
      params: ofSku,
      before: ({ req }) => shedAhead(req.param("sku") ?? ""),
      headers: {
        "Holdfast-Attempt":
          "Which try of this key it is, from 1. The first try at a sold-out SKU may be refused without asking the SKU; the answer's `Holdfast-Epoch` then says how many milliseconds ago the SKU said so.",
      },
      body: reserveBody,
      key: "optional",
      answers: { 201: { description: "The units are held", schema: reservationAnswer } },
      problems: [...BODY_PROBLEMS, "paused", "not-open", "closed", "limit-exceeded", "insufficient-stock"],
    },
    (call) => {
      const { caller, body } = call;
      const { sku } = call.params;
      const customer = customerOf(caller, body.customer);
      if (customer instanceof Response) return customer;
      const { quantity, ttlSeconds, metadata = {} } = body;
      const refused = mayBeAnswered(call) ? refuseAtOnce(call.context, sku, customer, quantity) : null;
      if (refused !== null) return refuseByEpoch(call, refused);
      const command = { type: "reserve" as const, id: uuidv7(), customer, quantity, ttlSeconds, metadata };
      return execute(call, { caller, sku, route: "reserve", command, location: `/v1/skus/${sku}/reservations` });
    },
  );
}

/** A retry has to reach the SKU, which may have held for the first try. */
function mayBeAnswered({ context, key }: Pick<Call<Callers, unknown, unknown, unknown>, "context" | "key">): boolean {
  return key === null || context.req.header("Holdfast-Attempt") === "1";
}

function refuseByEpoch(
  call: Pick<Call<Callers, unknown, unknown, unknown>, "context" | "audience">,
  { refusal, ageMs }: EpochRefusal,
): Response | Promise<Response> {
  const headers = outcomeHeaders({ ok: false }, "object", preferredWait(call.context));
  return refuseCaller(call, refusal, { ...headers, "Holdfast-Epoch": String(ageMs) });
}

function addFind(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: RESERVATION,
      operationId: "readReservation",
      summary: "Read a reservation",
      callers: HOLDERS,
      params: ofReservation,
      answers: { 200: { description: "The reservation", schema: reservationView } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, caller, audience, params }) => {
      const reservation = await context.env.SKU.getByName(params.sku).find(params.id, actorOf(caller));
      return reservation === null ? notFound(context, audience) : json(200, reservationToWire(reservation));
    },
  );
}

interface Action<Body extends z.ZodType> {
  action: ReservationCommand["type"];
  summary: string;
  callers: readonly Role[];
  shoppersIf?: (settings: Settings) => boolean;
  body: Body;
  key: "optional" | "required";
  problems: readonly ProblemCode[];
  command: (id: string, body: z.infer<Body>) => ReservationCommand;
  waitMsDefault?: number;
}

function addAction<Body extends z.ZodType>(
  app: App,
  { action, problems, command, waitMsDefault, ...definition }: Action<Body>,
): void {
  endpoint(
    app,
    {
      ...definition,
      method: "post",
      path: `${RESERVATION}/${action}`,
      operationId: `${action}Reservation`,
      params: ofReservation,
      answers: { 200: { description: "The current reservation", schema: reservationAnswer } },
      problems: [...BODY_PROBLEMS, ...problems],
    },
    (call) => {
      const { sku, id } = call.params;
      return execute(call, {
        caller: call.caller,
        sku,
        route: `${action}/${id}`,
        command: command(id, call.body),
        ...(waitMsDefault === undefined ? {} : { waitMsDefault }),
      });
    },
  );
}
