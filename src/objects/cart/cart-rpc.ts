import { backoff } from "../../domain/backoff.ts";
import { CONTENTION_PAUSE_MS_MAX, CONTENTION_PAUSE_MS_MIN, OBJECT_CALL_MS } from "../../domain/bounds.ts";
import type { Cart } from "../../domain/cart.ts";
import type { CartAnswer, CartMessage } from "../../domain/cart-messages.ts";
import { answerTo, requestsOf } from "../../domain/cart-messages.ts";
import { lastOutcome, type Outcome } from "../../domain/command.ts";
import type { Logger } from "../../logger.ts";
import { roundPauseMs } from "../shared/protocol-runner.ts";
import { withTimeout } from "../shared/timeout.ts";

/** Says one of a cart's messages to the SKU that it is for. What brings no answer is `lost`, whatever it did. */
export async function callLine(env: Env, cart: Cart, message: CartMessage, logger: Logger): Promise<CartAnswer> {
  try {
    return await withTimeout(tellSku(env, cart, message), OBJECT_CALL_MS, message.type);
  } catch (error) {
    logger.log("cart_call_failed", { type: message.type, sku: skuOf(cart, message), error });
    return { kind: "lost" };
  }
}

async function tellSku(env: Env, cart: Cart, message: CartMessage): Promise<CartAnswer> {
  const sku = skuOf(cart, message);
  const { outcomes } = await env.SKU.getByName(sku).execute(requestsOf(cart, message, Date.now()), 0, OBJECT_CALL_MS);
  return answerTo(message.type, lastOutcome(outcomes as Outcome[]));
}

function skuOf(cart: Cart, { line }: CartMessage): string {
  return cart.lines[line]?.sku ?? "";
}

/** A line that is short only because of other tries comes back soon, and not in step with the others. */
export function pauseMsOf(cart: Cart | null, vainRounds: number): number {
  const isContended = cart?.lines.some(({ state, contendedAt }) => state === "new" && contendedAt !== null);
  if (!isContended) return roundPauseMs(vainRounds);
  return backoff(vainRounds, CONTENTION_PAUSE_MS_MIN, CONTENTION_PAUSE_MS_MAX) * (0.5 + Math.random());
}
