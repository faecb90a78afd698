import { allowanceName } from "../domain/allowance.ts";
import { OBJECT_CALL_MS } from "../domain/bounds.ts";
import type { Cart } from "../domain/cart.ts";
import { answerTo, claimFor, requestsOf } from "../domain/cart-messages.ts";
import type { CartAnswer, CartMessage } from "../domain/cart-steps.ts";
import { lastOutcome, type Outcome } from "../domain/command.ts";
import { LAPSED } from "../domain/try.ts";
import { withinTime } from "./within-time.ts";

/** Says one of a cart's messages to the object that it is for. What brings no answer is `lost`, whatever it did. */
export async function sayToLine(env: Env, cart: Cart, message: CartMessage): Promise<CartAnswer> {
  try {
    const saying = message.type === "grant" ? askForGrant(env, cart, message) : tellSku(env, cart, message);
    return await withinTime(saying, OBJECT_CALL_MS, message.type);
  } catch (error) {
    console.warn(JSON.stringify({ event: "cart-message-lost", type: message.type, error: String(error) }));
    return { kind: "lost" };
  }
}

async function askForGrant(env: Env, cart: Cart, message: CartMessage): Promise<CartAnswer> {
  const { drop, claim } = claimFor(cart, message);
  const grant = await env.SHOPPER.getByName(allowanceName(drop, cart.customer)).claim(claim);
  if (grant.granted) return { kind: "yes", reservation: null, try: null };
  return { kind: "no", refusal: grant.refusal ?? LAPSED };
}

async function tellSku(env: Env, cart: Cart, message: CartMessage): Promise<CartAnswer> {
  const sku = cart.lines[message.line]?.sku ?? "";
  const { outcomes } = await env.SKU.getByName(sku).execute(requestsOf(cart, message), 0);
  return answerTo(message.type, lastOutcome(outcomes as Outcome[]));
}
