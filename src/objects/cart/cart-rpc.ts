import { backoff } from "../../domain/backoff.ts";
import { CONTENTION_PAUSE_MS_MAX, CONTENTION_PAUSE_MS_MIN } from "../../domain/bounds.ts";
import type { Cart } from "../../domain/cart.ts";
import type { CartAnswer, CartMessage } from "../../domain/cart-messages.ts";
import { answerTo, requestsOf } from "../../domain/cart-messages.ts";
import type { Logger } from "../../logger.ts";
import { roundPauseMs } from "../shared/protocol-runner.ts";
import { callSku } from "../shared/sku-call.ts";

/** Sends one of a cart's messages to the SKU of its line. Without an answer the result is `lost`: it may have taken effect. */
export async function callLine(env: Env, cart: Cart, message: CartMessage, logger: Logger): Promise<CartAnswer> {
  const sku = cart.lines[message.line]?.sku ?? "";
  try {
    return answerTo(message.type, await callSku(env, sku, requestsOf(cart, message, Date.now())));
  } catch (error) {
    logger.log("cart_call_failed", { type: message.type, sku, error });
    return { kind: "lost" };
  }
}

/** A line that is refused only because of other tries is retried soon, with a random pause so that carts do not retry in step. */
export function pauseMsOf(cart: Cart | null, vainRounds: number): number {
  const isContended = cart?.lines.some(({ state, contendedAt }) => state === "new" && contendedAt !== null);
  if (!isContended) return roundPauseMs(vainRounds);
  return backoff(vainRounds, CONTENTION_PAUSE_MS_MIN, CONTENTION_PAUSE_MS_MAX) * (0.5 + Math.random());
}
