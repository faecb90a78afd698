import { ASK_AGAIN_MS, CART_DECISION_MS, LOCK_MS, RECORD_GRACE_MS, ROUND_PAUSE_MS_MIN } from "./bounds.ts";
import { type Cart, isOpening } from "./cart.ts";
import { untoldRefunds } from "./cart-refund.ts";
import { messagesOf } from "./cart-steps.ts";

/** When a cart has to be looked at again: at the end of its hold, and soon while something is in progress; null: never. */
export function nextLookAt(cart: Cart, now: number): number | null {
  if (cart.phase === "lent" && cart.loan !== null) {
    // A loan that began under a clock that was ahead is asked about as soon as any other.
    return Math.min(Math.max(cart.loan.at + LOCK_MS, now + ASK_AGAIN_MS), now + LOCK_MS);
  }
  if (isOpening(cart)) return Math.max(cart.createdAt + CART_DECISION_MS, now + ROUND_PAUSE_MS_MIN);
  if (messagesOf(cart).length > 0 || untoldRefunds(cart) > 0) return now + RECORD_GRACE_MS;
  return cart.phase === "held" ? cart.expiresAt : null;
}
