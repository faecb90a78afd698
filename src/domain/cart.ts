import { CART_DECISION_MS, CONTENTION_MS, REFUSED_ORDERS_MAX } from "./bounds.ts";
import { type CartRefund, cartRefundDue } from "./cart-refund.ts";
import type { Actor, Refusal, ReleaseCommand, TtlTerms } from "./command.ts";
import { hasPassed } from "./elapsed.ts";
import { refusedBefore, TOO_MANY_REFUNDS } from "./refund.ts";
import { allowedTtlSeconds } from "./reserve.ts";

export type CartStatus = "pending" | "held" | "confirming" | "confirmed" | "released" | "expired";

/**
 * What a cart is doing. While it is `trying` or `locking` it may still turn back; `committing`, `confirming` and all that
 * gives back is decided, and goes on until every line has answered.
 */
export type Phase =
  | "trying"
  | "committing"
  | "cancelling"
  | "held"
  | "extending"
  | "locking"
  | "confirming"
  | "unlocking"
  | "releasing"
  | "expiring"
  | "ended";

/** Where a line stands, as far as the cart has heard. */
export type LineState =
  | "new"
  /** Its units are set aside, and the drop's limit, if there is one, has granted them. */
  | "tried"
  /** Lapsed before it was committed: its units have to go back. */
  | "denied"
  | "refused"
  | "held"
  | "locked"
  | "confirmed"
  | "gone";

export interface Line {
  sku: string;
  quantity: number;
  /** Id of its reservation, chosen before the first message. */
  reservation: string;
  state: LineState;
  /** Version of its try: only that one is committed. */
  version: number;
  /** What its SKU allowed when it was tried: a time to live, and an end of all extending. */
  ttl: TtlTerms;
  extendableUntil: number;
  /** When it was first told that only tries stand in its way. */
  contendedAt: number | null;
  /** Has answered in the present phase, where its state does not say so. */
  done: boolean;
  rescued: boolean;
  refusal: Refusal | null;
  /** Its customer gave it back by itself. */
  takenOut: boolean;
}

export interface Cart {
  id: string;
  customer: string;
  role: "shopper" | "storefront" | "admin";
  mode: "all_or_nothing" | "best_effort";
  /** What the caller asked for; null: what the SKUs give. */
  ttlSeconds: number | null;
  status: CartStatus;
  phase: Phase;
  createdAt: number;
  expiresAt: number | null;
  extendableUntil: number | null;
  /**
   * How long, from when a line hears of it, the hold or its extension lasts that is being given to every line. Objects send each
   * other durations: their clocks may differ.
   */
  lastsMs: number;
  /** The end that the cart has once every line has its extension. */
  extendingTo: number | null;
  /** An extension broke off: some lines would outlive the cart, so that it has to give them back, or has done so. */
  isUneven: boolean;
  /** What it was asked last: its key is answered when that is through. Null: to be opened. */
  asked: "extend" | "release" | "confirm" | null;
  /** Why its release is none that its customer answers for. */
  releaseReason: ReleaseCommand["reason"] | null;
  orderId: string | null;
  rescued: boolean;
  /** The orders that were refused for good, the newest first. */
  refunds: readonly CartRefund[];
  lines: Line[];
  /** Sequence of its last event. */
  version: number;
  updatedAt: number;
}

/** A cart whose lines are about to be tried, in code-point order of SKU, so that two carts never wait for each other. */
export function openCart(
  wanted: Pick<Cart, "id" | "customer" | "role" | "mode" | "ttlSeconds">,
  lines: readonly { sku: string; quantity: number; reservation: string }[],
  now: number,
): Cart {
  const ordered = [...lines].sort((one, other) => (one.sku < other.sku ? -1 : 1));
  return {
    ...wanted,
    status: "pending",
    phase: "trying",
    createdAt: now,
    expiresAt: null,
    extendableUntil: null,
    lastsMs: 0,
    extendingTo: null,
    isUneven: false,
    asked: null,
    releaseReason: null,
    orderId: null,
    rescued: false,
    refunds: [],
    lines: ordered.map((line) => ({
      ...line,
      state: "new",
      version: 0,
      ttl: { holdTtlSeconds: 0, maxHoldSeconds: 0 },
      extendableUntil: 0,
      contendedAt: null,
      done: false,
      rescued: false,
      refusal: null,
      takenOut: false,
    })),
    version: 0,
    updatedAt: now,
  };
}

/** What a customer asks of a cart: the cart about to do it, or why not; `unchanged` when it is done already. */
export type Asked =
  | { kind: "begun"; cart: Cart }
  | { kind: "unchanged" }
  /** With a cart: the one refusal that is written, a final refund. */
  | { kind: "refused"; refusal: Refusal; cart?: Cart };

/** More time for all lines: never less than they had, never past `extendableUntil`. */
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

/** Gives all lines back. What has ended already without a sale stays as it is. */
export function askRelease(cart: Cart, releaseReason: Cart["releaseReason"] = null): Asked {
  if (cart.phase === "held") return begun({ ...cart, status: "released", releaseReason }, "releasing");
  if (cart.status === "released" || cart.status === "expired") return { kind: "unchanged" };
  return refused(notHeld(cart));
}

/**
 * Sells all lines together; a payment that lands after the end is for all of them or for none. An order that was refused for
 * good is told the same again, before anything else is looked at.
 */
export function askConfirmation(cart: Cart, orderId: string | null, now: number): Asked {
  const told = refusedBefore(cart, orderId);
  if (told) return refused(told);
  switch (cart.status) {
    case "held":
    case "expired":
      if (cart.phase !== "held" && cart.phase !== "ended") return refused(BUSY);
      // Whether it will be sold is not known yet, and a refusal has to be remembered.
      if (cart.refunds.length >= REFUSED_ORDERS_MAX) return refused(TOO_MANY_REFUNDS);
      return begun({ ...cart, orderId, status: "confirming" }, "locking");
    case "confirming":
    case "confirmed":
      return confirmAgain(cart, orderId, now);
    case "released":
      return cartRefundDue(cart, { orderId, code: "already-released" }, now);
    case "pending":
      return refused(BUSY);
  }
}

/** The same order again is the same answer; while it is not decided, nothing is said of another one. */
function confirmAgain(cart: Cart, orderId: string | null, now: number): Asked {
  if (orderId === cart.orderId) return { kind: "unchanged" };
  if (cart.status === "confirming" && cart.phase !== "confirming") return refused(BUSY);
  if (orderId !== null) return cartRefundDue(cart, { orderId, code: "already-confirmed" }, now);
  return refused({ code: "already-confirmed", orderId: cart.orderId, refundRequired: false });
}

/** Something else is under way and will be over in a moment. */
const BUSY: Refusal = { code: "overloaded" };

function notHeld(cart: Cart): Refusal {
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

function refused(refusal: Refusal): Asked {
  return { kind: "refused", refusal };
}

function begun(cart: Cart, phase: Phase): Asked {
  const lines = cart.lines.map((line) => (line.state === "refused" ? line : { ...line, refusal: null }));
  return { kind: "begun", cart: enter({ ...cart, lines }, phase) };
}

/** The cart at the beginning of a phase: no line has answered yet. */
export function enter(cart: Cart, phase: Phase): Cart {
  const lines = cart.lines.map((line) => ({ ...line, done: false }));
  return { ...cart, phase, lines };
}

/** What the clock alone does to a cart: it gives up deciding, or its time is over. */
export function tick(cart: Cart, now: number): Cart {
  if (cart.phase === "trying" && hasPassed(cart.createdAt, CART_DECISION_MS, now)) return giveUp(cart);
  if (cart.phase === "held" && cart.expiresAt !== null && now >= cart.expiresAt) return expire(cart);
  return cart;
}

/** The lines end with the cart, each in its own SKU; only those that an extension made longer have to be told. */
export function expire(cart: Cart): Cart {
  const expired: Cart = { ...cart, status: "expired" };
  return cart.isUneven ? enter(expired, "expiring") : { ...expired, phase: "ended" };
}

function giveUp(cart: Cart): Cart {
  const lines = cart.lines.map((line) => (line.state === "new" ? { ...line, refusal: line.refusal ?? BUSY } : line));
  return enter({ ...cart, lines }, "cancelling");
}

/**
 * A customer gave one line back by itself, in time, though the cart may hear of it after its end: it is no part of the
 * cart any more. The last one takes the cart with it. What was refunded stays as it was answered.
 */
export function takeOut(cart: Cart, reservation: string, now: number): Cart {
  const index = cart.lines.findIndex((line) => line.reservation === reservation && line.state === "held");
  const line = cart.lines[index];
  if (line === undefined || !mayMiss(cart, line)) return cart;
  const lines = cart.lines.with(index, { ...line, state: "gone", takenOut: true });
  const isAtRest = cart.phase === "held" || cart.phase === "ended";
  const isEmpty = isAtRest && lines.every(({ state }) => state !== "held");
  return { ...cart, lines, updatedAt: now, ...(isEmpty ? { status: "released", phase: "ended" } : {}) };
}

/**
 * A line has died in its SKU, by the clock there: the cart ends with it, at once where it is held, and else as soon as it
 * would be. It never says "held" for longer than its lines live, whatever the clocks have been through.
 */
export function lapse(cart: Cart, reservation: string, now: number): Cart {
  const isLine = cart.lines.some((line) => line.reservation === reservation && line.state === "held");
  if (!isLine) return cart;
  switch (cart.phase) {
    case "held":
      return expire({ ...cart, updatedAt: now });
    case "committing":
      return { ...cart, expiresAt: Math.min(cart.expiresAt ?? now, now) };
    case "extending":
      return { ...cart, extendingTo: Math.min(cart.extendingTo ?? now, now) };
    default:
      return cart;
  }
}

/** A line that still has to answer says by itself that it is gone; of one that has answered this is the only news. */
function mayMiss({ phase, refunds }: Cart, { done }: Line): boolean {
  if (phase === "ended") return refunds.length === 0;
  return phase === "held" || phase === "committing" || (phase === "extending" && done);
}

/** What a SKU that has lost sight of its cart is told about a locked line. */
export function fateOf(cart: Cart, reservation: string): "confirm" | "unlock" | "wait" {
  const line = cart.lines.find((one) => one.reservation === reservation);
  if (line === undefined) return "unlock";
  if (line.state === "confirmed" || cart.phase === "confirming") return "confirm";
  return cart.phase === "locking" ? "wait" : "unlock";
}

/** Whether a line that was refused because of other tries may try again. */
export function mayTryAgain(cart: Cart, line: Line, now: number): boolean {
  const since = line.contendedAt ?? now;
  const isOver = hasPassed(since, CONTENTION_MS, now) || hasPassed(cart.createdAt, CART_DECISION_MS, now);
  const isLost = cart.mode === "all_or_nothing" && cart.lines.some(({ state }) => state === "refused");
  return !isLost && !isOver;
}
