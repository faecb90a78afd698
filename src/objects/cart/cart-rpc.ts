import { backoff } from "../../domain/backoff.ts";
import { CONTENTION_PAUSE_MS_MAX, CONTENTION_PAUSE_MS_MIN } from "../../domain/bounds.ts";
import type { Cart } from "../../domain/cart.ts";
import type { CartAnswer, CartMessage } from "../../domain/cart-messages.ts";
import { answerTo, requestsOf } from "../../domain/cart-messages.ts";
import { lastOutcome } from "../../domain/command.ts";
import type { Logger } from "../../logger.ts";
import { roundPauseMs } from "../shared/protocol-runner.ts";
import type { LineCalls } from "./line-calls.ts";

/** Says one of a cart's messages to the SKU that it is for. What brings no answer is `lost`, whatever it did. */
export async function callLine(
  calls: LineCalls,
  cart: Cart,
  message: CartMessage,
  logger: Logger,
): Promise<CartAnswer> {
  const sku = cart.lines[message.line]?.sku ?? "";
  const now = Date.now();
  const requests = requestsOf(cart, message, now);
  try {
    const outcomes = mayWait(cart, message, now) ? calls.executeAlone(sku, requests) : calls.execute(sku, requests);
    return answerTo(message.type, lastOutcome(await outcomes));
  } catch (error) {
    logger.log("cart_call_failed", { cart: cart.id, type: message.type, sku, error });
    return { kind: "lost" };
  }
}

/** A late payment may have to ask for all else that its customer holds, in objects that do not answer. */
function mayWait({ expiresAt, superseded }: Cart, { type }: CartMessage, now: number): boolean {
  return type === "lock" && (superseded || (expiresAt ?? now) <= now);
}

/** A line that is refused only because of other tries is retried soon, with a random pause so that carts do not retry in step. */
export function pauseMsOf(cart: Cart | null, vainRounds: number): number {
  const isContended = cart?.lines.some(({ state, contendedAt }) => state === "new" && contendedAt !== null);
  if (!isContended) return roundPauseMs(vainRounds);
  return backoff(vainRounds, CONTENTION_PAUSE_MS_MIN, CONTENTION_PAUSE_MS_MAX) * (0.5 + Math.random());
}
