import { allowanceName } from "../domain/allowance.ts";
import { OBJECT_CALL_MS } from "../domain/bounds.ts";
import type { Cart, Line } from "../domain/cart.ts";
import type { CartAnswer, CartMessage } from "../domain/cart-steps.ts";
import type { Actor, Command, Outcome, Request } from "../domain/command.ts";
import { LAPSED } from "../domain/try.ts";
import { withinTime } from "./within-time.ts";

/** Says one of a cart's messages to the object that it is for. What brings no answer is `lost`, whatever it did. */
export async function sayToLine(env: Env, cart: Cart, message: CartMessage): Promise<CartAnswer> {
  const line = cart.lines[message.line];
  if (line === undefined) throw new Error("a message for a line that there is not");
  try {
    if (message.type === "grant") return await withinTime(askForGrant(env, cart, line), OBJECT_CALL_MS, "the limit");
    const requests = commandsOf(cart, line, message.type).map((command) => requestOf(cart, command));
    const call = env.SKU.getByName(line.sku).execute(requests, 0);
    const { outcomes } = await withinTime(call, OBJECT_CALL_MS, "a SKU");
    return answerOf(message.type, (outcomes as Outcome[]).at(-1));
  } catch (error) {
    console.warn(JSON.stringify({ event: "cart-message-lost", type: message.type, error: String(error) }));
    return { kind: "lost" };
  }
}

async function askForGrant(env: Env, cart: Cart, line: Line): Promise<CartAnswer> {
  if (line.limit === null) throw new Error("a grant without a limit");
  const { sku, quantity, reservation, version, limit } = line;
  const shopper = env.SHOPPER.getByName(allowanceName(limit.drop, cart.customer));
  const grant = await shopper.claim({ id: reservation, sku, units: quantity, version, limit: limit.limit });
  if (grant.granted) return { kind: "yes", reservation: null, try: null };
  return { kind: "no", refusal: grant.refusal ?? LAPSED };
}

/** A line's reservation is made on behalf of the customer; all else the cart says for itself. */
function requestOf(cart: Cart, command: Command): Request {
  const caller: Actor = cart.role === "shopper" ? { role: "shopper", customer: cart.customer } : { role: cart.role };
  const actor: Actor = command.type === "reserve" ? caller : { role: "cart", cart: cart.id };
  return { actor, key: null, content: "", command };
}

function commandsOf(cart: Cart, line: Line, type: Exclude<CartMessage["type"], "grant">): Command[] {
  const id = line.reservation;
  switch (type) {
    case "try": {
      const { customer, ttlSeconds } = cart;
      const { quantity } = line;
      const command = { type: "reserve" as const, id, customer, quantity, metadata: {}, cart: cart.id };
      return [ttlSeconds === null ? command : { ...command, ttlSeconds }];
    }
    case "commit":
      return [{ type: "settle", id, granted: true, expiresAt: cart.expiresAt ?? undefined, of: "reserve" }];
    case "drop":
      // Whether it is still a try or was committed already: after both it is neither.
      return [
        { type: "settle", id, granted: false, of: "reserve" },
        { type: "release", id },
      ];
    case "extend":
      return [{ type: "extend", id, until: cart.extendingTo ?? undefined }];
    case "confirm":
      return [{ type: "confirm", id, orderId: cart.orderId ?? undefined }];
    case "lock":
    case "unlock":
      return [{ type, id }];
  }
}

function answerOf(type: CartMessage["type"], outcome: Outcome | undefined): CartAnswer {
  if (outcome === undefined) throw new Error("a command was left without an outcome");
  if (!outcome.ok) {
    const { refusal } = outcome;
    const isGone = refusal.code === "not-found" && (type === "drop" || type === "unlock");
    // A SKU that sheds load has decided nothing.
    if (refusal.code === "overloaded") return { kind: "lost" };
    return isGone ? { kind: "yes", reservation: null, try: null } : { kind: "no", refusal };
  }
  switch (outcome.type) {
    case "try": {
      const { reservation, limit, ttl } = outcome;
      return { kind: "yes", reservation, try: { limit, ttl } };
    }
    case "reservation":
      return { kind: "yes", reservation: outcome.reservation, try: null };
    default:
      return { kind: "yes", reservation: null, try: null };
  }
}
