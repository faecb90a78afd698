import { uuidv7 } from "uuidv7";
import { z } from "zod";
import { skuName } from "../contracts/names.ts";
import { type BatchCommandBody, batchAnswer, batchBody } from "../contracts/reservation.ts";
import type { Command, Request } from "../domain/command.ts";
import type { App } from "./auth.ts";
import { BODY_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { actorOf, execute, keptContentOf, scopedKey } from "./execute.ts";
import { fail } from "./responses.ts";
import type { Caller } from "./tokens.ts";

/** Batches: up to a hundred commands on one SKU in one transaction; each succeeds or fails by itself. */
export function addBatch(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: "/v1/skus/{sku}/batch",
      operationId: "batch",
      summary: "Execute several commands on one SKU",
      callers: ["storefront", "admin"],
      params: z.object({ sku: skuName }),
      body: batchBody,
      key: "optional",
      answers: { 200: { description: "The outcome of each command, in order", schema: batchAnswer } },
      problems: BODY_PROBLEMS,
    },
    async (call) => {
      const { caller, params, body, key } = call;
      for (const [index, part] of body.commands.entries()) {
        const fault = faultOf(part, key);
        if (fault !== null) return fail("invalid-request", `commands.${index}.${fault}`);
      }
      const requests = await Promise.all(body.commands.map((part) => requestOf(caller, part)));
      return execute(call, { caller, sku: params.sku, route: "batch", command: { type: "batch", requests } });
    },
  );
}

/** Checks what the schema cannot: a customer has to be named, and a return needs a key, its own or the batch's. */
function faultOf(part: BatchCommandBody, batchKey: string | null): string | null {
  if (part.type === "reserve" && part.customer === undefined) return "customer: a batch names it";
  if (part.type === "return" && part.idempotencyKey === undefined && batchKey === null) {
    return "idempotencyKey: a return needs one, or the batch an Idempotency-Key";
  }
  return null;
}

/** A part as a request of its own. With a key it is the same request as a single call with that key. */
async function requestOf(caller: Caller, part: BatchCommandBody): Promise<Request> {
  const { type, idempotencyKey, ...rest } = part;
  const { id, ...body } = "id" in rest ? rest : { id: null, ...rest };
  const route = id === null ? type : `${type}/${id}`;
  const key = idempotencyKey === undefined ? null : scopedKey(caller, route, idempotencyKey);
  const content = key === null ? "" : await keptContentOf(body);
  return { actor: actorOf(caller), key, content, command: commandOf(part) };
}

function commandOf(part: BatchCommandBody): Command {
  switch (part.type) {
    case "reserve": {
      const { quantity, customer = "", ttlSeconds, metadata = {} } = part;
      return { type: "reserve", id: uuidv7(), customer, quantity, ttlSeconds, metadata };
    }
    case "confirm":
      return { type: "confirm", id: part.id, quantity: part.quantity, orderId: part.orderId };
    case "extend":
      return { type: "extend", id: part.id, ttlSeconds: part.ttlSeconds };
    case "release":
      return { type: "release", id: part.id, reason: part.reason };
    case "return":
      return { type: "return", id: part.id, quantity: part.quantity, restock: part.restock ?? true };
  }
}
