import type { Asked } from "./cart.ts";
import { type Cart, isOpening } from "./cart.ts";
import { askConfirmation, askExtension, askRelease } from "./cart-changes.ts";
import { messagesOf } from "./cart-steps.ts";
import { type Actor, type Refusal, type Refused, refused, UNKNOWN } from "./command.ts";
import { isLetGo } from "./hold-changes.ts";
import { refusedBefore } from "./refund.ts";

/** What a caller asks of a cart that there is. */
export interface CartRequest {
  actor: Actor;
  ask:
    | { type: "extend"; ttlSeconds: number | null }
    | { type: "release"; reason?: "payment" | undefined }
    | { type: "confirm"; orderId: string | null };
  key: string | null;
  content: string;
}

/** What became of it; `notHeld` is the cart of which not every line could be held. */
export type CartOutcome = { ok: true; cart: Cart; replayed?: true } | Refused | { ok: false; notHeld: Cart };

/** Whether anybody outside may hear of a cart: it is being decided, or it was held. */
export function isKnown({ version, phase }: Cart): boolean {
  return version > 0 || phase === "looking" || phase === "trying" || phase === "committing";
}

/** Whether a cart exists as far as this caller is concerned: a shopper knows only its own. */
export function isOwn(actor: Actor, { customer }: Cart): boolean {
  return actor.role !== "shopper" || actor.customer === customer;
}

/** What becomes of an opening after which no cart is held: every line says why, or nothing is known yet. */
export function notOpened(cart: Cart | null): CartOutcome {
  const isOutage = cart === null || cart.lines.some(({ refusal }) => isOfOutage(refusal));
  if (cart !== null && (isOpening(cart) || cart.phase === "committing")) return refused(UNKNOWN);
  return cart === null || isOutage ? refused({ code: "overloaded" }) : { ok: false, notHeld: cart };
}

/** A refusal that says nothing about stock or limits: a SKU did not answer, or a try had to wait too long. */
function isOfOutage(refusal: Refusal | null): boolean {
  return refusal?.code === "overloaded" || refusal?.code === "hold-expired";
}

/** What a cart makes of what it is asked. */
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

/** What a key is answered with once the cart has come to rest; null: it came to nothing, and the key is free again. */
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

/** What has become of an ask: done, undone for good, or still under way. */
export function outcomeOf(cart: Cart, { ask }: CartRequest): CartOutcome {
  const { status, phase } = cart;
  // A release is decided as soon as it is asked; everything else has to be through.
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
