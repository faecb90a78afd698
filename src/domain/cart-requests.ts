import type { Asked } from "./cart.ts";
import { type Cart, isOpening } from "./cart.ts";
import { askConfirmation, askExtension, askRelease } from "./cart-changes.ts";
import { messagesOf } from "./cart-steps.ts";
import { type Actor, type Refusal, type Refused, refused, UNKNOWN } from "./command.ts";
import { isLetGo } from "./hold-changes.ts";
import { refusedBefore } from "./refund.ts";

/** A caller's request to an existing cart. */
export interface CartRequest {
  actor: Actor;
  ask:
    | { type: "extend"; ttlSeconds: number | null }
    | { type: "release"; reason?: "payment" | undefined }
    | { type: "confirm"; orderId: string | null };
  key: string | null;
  content: string;
}

/** The outcome; `notHeld` is a cart of which not every line could be held. */
export type CartOutcome = { ok: true; cart: Cart; replayed?: true } | Refused | { ok: false; notHeld: Cart };

/** Whether callers may see a cart: it is being decided, or it was held. */
export function isKnown({ version, phase }: Cart): boolean {
  return version > 0 || phase === "looking" || phase === "trying" || phase === "committing";
}

/** Whether this caller may see the cart: a shopper sees only its own. */
export function isOwn(actor: Actor, { customer }: Cart): boolean {
  return actor.role !== "shopper" || actor.customer === customer;
}

/** The outcome of opening a cart that is not held: each line says why, or nothing is known yet. */
export function notOpened(cart: Cart | null): CartOutcome {
  const isOutage = cart === null || cart.lines.some(({ refusal }) => isOfOutage(refusal));
  if (cart !== null && (isOpening(cart) || cart.phase === "committing")) return refused(UNKNOWN);
  return cart === null || isOutage ? refused({ code: "overloaded" }) : { ok: false, notHeld: cart };
}

/** A refusal that says nothing about stock or limits: a SKU did not answer, or a try waited too long. */
function isOfOutage(refusal: Refusal | null): boolean {
  return refusal?.code === "overloaded" || refusal?.code === "hold-expired";
}

/** Begins a request on the cart, or refuses it. */
export function askOf(cart: Cart, { ask, actor }: CartRequest, now: number): Asked {
  switch (ask.type) {
    case "extend":
      return askExtension(cart, actor.role, ask.ttlSeconds, now);
    case "release":
      return askRelease(cart, isLetGo(actor, ask.reason) ? null : (ask.reason ?? "undone"));
    case "confirm":
      return askConfirmation(cart, ask.orderId, now);
  }
}

/** The answer stored under a key once the cart has come to rest; null: nothing came of it, and the key is free again. */
export function answerAtRest(cart: Cart): CartOutcome | null {
  return isDone(cart) ? { ok: true, cart } : null;
}

function isDone({ asked, version, phase, status }: Cart): boolean {
  switch (asked) {
    case null:
      return version > 0;
    case "extend":
      return phase === "held";
    case "release":
      return status === "released";
    case "confirm":
      return status === "confirmed";
  }
}

/** The state of a request: done, undone for good, or still in progress. */
export function outcomeOf(cart: Cart, { ask }: CartRequest): CartOutcome {
  const { status, phase } = cart;
  // A release is decided as soon as it is asked; everything else has to complete.
  if (messagesOf(cart).length > 0 && ask.type !== "release") return refused(UNKNOWN);
  switch (ask.type) {
    case "extend":
      if (phase === "held") return { ok: true, cart };
      return refused({ code: "hold-expired", refundRequired: cart.refunds.length > 0 });
    case "release":
      return { ok: true, cart };
    case "confirm":
      if (status === "confirmed" && cart.orderId === ask.orderId) return { ok: true, cart };
      return refused(refusedBefore(cart, ask.orderId) ?? { code: "overloaded" });
  }
}
