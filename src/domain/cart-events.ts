import type { Cart, CartPhase } from "./cart.ts";
import { untoldRefunds } from "./cart-refund.ts";

/** Types of events on a cart's stream. */
export const CART_EVENT_TYPES = [
  "cart.held",
  "cart.extended",
  "cart.line_released",
  "cart.confirmed",
  "cart.released",
  "cart.expired",
  "cart.refund_required",
] as const;
export type CartEventType = (typeof CART_EVENT_TYPES)[number];

/** The events between two states of a cart, in order. A cart that was never held has none. */
export function cartEvents(before: Cart | null, after: Cart): CartEventType[] {
  if (before === null) return [];
  const events: CartEventType[] = [];
  const goneLines = ({ lines }: Cart) => lines.filter(({ state }) => state === "gone").length;
  if (before.status === "pending" && after.status === "held") events.push("cart.held");
  if (before.status === "held" && after.status === "held" && before.expiresAt !== after.expiresAt) {
    events.push("cart.extended");
  }
  // A line's answer during a phase is reported with the outcome of that phase.
  const isAtRest = before.phase === "held" || before.phase === "ended";
  if (isAtRest && before.status === after.status && goneLines(before) !== goneLines(after)) {
    events.push("cart.line_released");
  }
  if (before.status === "held" && after.status === "expired") events.push("cart.expired");
  if (before.status !== "confirmed" && after.status === "confirmed") events.push("cart.confirmed");
  const wasHeld = before.status !== "pending" && before.status !== "released";
  // A superseded cart is released again when a late payment for it is refused; that is not a new event.
  if (wasHeld && !before.superseded && after.status === "released") events.push("cart.released");
  if (after.refunds.length > before.refunds.length) events.push("cart.refund_required");
  return events;
}

/** Phases of a cart that was never held. */
const BEFORE_HELD: ReadonlySet<CartPhase> = new Set(["looking", "trying", "committing", "cancelling"] as const);

/**
 * Whether a cart has to be written before it goes on: when it decided something, and what others were told of. Until it is held
 * that is one thing, that lines may be tried from now on: a cart that stops after that gives them back.
 */
export function isToBeWritten(before: Cart | null, after: Cart): boolean {
  if (cartEvents(before, after).length > 0) return true;
  if (before === null || BEFORE_HELD.has(before.phase)) {
    return after.phase === "trying" && before?.phase !== "trying";
  }
  return before.phase !== after.phase || before.loan !== after.loan || untoldRefunds(after) < untoldRefunds(before);
}
