import { REFUSED_ORDERS_MAX } from "./bounds.ts";
import type { Asked } from "./cart.ts";
import { BUSY, type Cart, type CartPhase, enter, type Line } from "./cart.ts";
import { cartRefundDue } from "./cart-refund.ts";
import type { Actor, Refusal } from "./command.ts";
import { refusedBefore, TOO_MANY_REFUNDS } from "./refund.ts";
import { allowedTtlSeconds } from "./reserve.ts";

/** Extends all lines: never to less time than they had, never past `extendableUntil`. */
export function askExtension(cart: Cart, role: Actor["role"], ttlSeconds: number | null, now: number): Asked {
  if (cart.phase !== "held" || cart.expiresAt === null || cart.extendableUntil === null) return refused(notHeld(cart));
  const held = cart.lines.filter(({ state }) => state === "held");
  const to = Math.min(now + commonTtlSeconds(role, held, ttlSeconds) * 1000, cart.extendableUntil);
  if (to <= cart.expiresAt) return refused({ code: "extension-limit", extendableUntil: cart.extendableUntil });
  return begun({ ...cart, extendingTo: to, lastsMs: to - now, isUneven: true }, "extending");
}

/** The time to live that all of these lines allow this caller. */
export function commonTtlSeconds(role: Actor["role"], lines: readonly Line[], asked: number | null): number {
  return Math.min(...lines.map(({ ttl }) => allowedTtlSeconds(ttl, asked ?? undefined, { role })));
}

/** Releases all lines. A cart that already ended without a sale stays unchanged. */
export function askRelease(cart: Cart, releaseReason: Cart["releaseReason"] = null): Asked {
  if (cart.phase === "held") return begun({ ...cart, status: "released", releaseReason }, "releasing");
  if (cart.status === "released" || cart.status === "expired") return { kind: "unchanged" };
  return refused(notHeld(cart));
}

/**
 * Sells all lines together; a late payment is for all lines or for none. An order that was refused for good gets the same
 * answer again, before any other check.
 */
export function askConfirmation(cart: Cart, orderId: string | null, now: number): Asked {
  const told = refusedBefore(cart, orderId);
  if (told) return refused(told);
  switch (cart.status) {
    case "held":
    case "expired":
      return pay(cart, orderId);
    case "confirming":
    case "confirmed":
      return confirmAgain(cart, orderId, now);
    case "released":
      if (cart.superseded) return pay(cart, orderId);
      return cartRefundDue(cart, { orderId, code: "already-released" }, now);
    case "pending":
      return refused(BUSY);
  }
}

function pay(cart: Cart, orderId: string | null): Asked {
  if (cart.phase !== "held" && cart.phase !== "ended") return refused(BUSY);
  // The outcome is not known yet, and a refusal would have to be remembered.
  if (cart.refunds.length >= REFUSED_ORDERS_MAX) return refused(TOO_MANY_REFUNDS);
  return begun({ ...cart, orderId, status: "confirming" }, "locking");
}

/** The same order gets the same answer; while that is undecided, another order gets no answer about it. */
function confirmAgain(cart: Cart, orderId: string | null, now: number): Asked {
  if (orderId === cart.orderId) return { kind: "unchanged" };
  if (cart.status === "confirming" && cart.phase !== "confirming") return refused(BUSY);
  if (orderId !== null) return cartRefundDue(cart, { orderId, code: "already-confirmed" }, now);
  return refused({ code: "already-confirmed", orderId: cart.orderId, refundRequired: false });
}

/** Why a cart that is not held cannot be changed. */
export function notHeld(cart: Cart): Refusal {
  switch (cart.status) {
    case "released":
      return { code: "already-released", refundRequired: false };
    case "expired":
      return { code: "hold-expired", refundRequired: cart.refunds.length > 0 };
    case "confirmed":
    case "confirming":
      return { code: "already-confirmed", orderId: cart.orderId, refundRequired: false };
    case "held":
    case "pending":
      return BUSY;
  }
}

/** A refusal. */
export function refused(refusal: Refusal): Asked {
  return { kind: "refused", refusal };
}

/** A cart that has begun what was asked. */
export function begun(cart: Cart, phase: CartPhase): Asked {
  const lines = cart.lines.map((line) => (line.state === "refused" ? line : { ...line, refusal: null }));
  return { kind: "begun", cart: enter({ ...cart, lines }, phase) };
}
