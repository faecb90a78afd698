import { CART_DECISION_MS, CONTENTION_MS, OBJECT_CALL_MS } from "./bounds.ts";
import type { Refusal, ReleaseCommand, TtlTerms } from "./command.ts";
import { hasPassed } from "./elapsed.ts";
import type { Refund, Rescue } from "./model.ts";

export type CartStatus = "pending" | "held" | "confirming" | "confirmed" | "released" | "expired";

/**
 * What a cart is doing. While it is `trying` or `locking` it may still turn back; `committing`, `confirming` and all that
 * gives back is decided, and goes on until every line has answered.
 */
export type CartPhase =
  | "looking"
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
  | "lending"
  | "lent"
  | "restoring"
  | "superseding"
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
  phase: CartPhase;
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
  /** An extension broke off: some lines would outlive the cart, so that it has to end them itself. */
  isUneven: boolean;
  /** What it was asked last: its key is answered when that is through. Null: to be opened. */
  asked: "extend" | "release" | "confirm" | null;
  /** Why its release is none that its customer answers for. */
  releaseReason: ReleaseCommand["reason"] | null;
  /** The late payment of the same customer that all lines give way to if that is sold. */
  loan: Loan | null;
  /** It gave way: released, and yet a payment for it is judged like one for an expired cart. */
  superseded: boolean;
  orderId: string | null;
  rescued: boolean;
  /** The orders that were refused for good, the newest first. */
  refunds: readonly CartRefund[];
  lines: Line[];
  /** Sequence of its last event. */
  version: number;
  updatedAt: number;
}

/** Since when the lines are lent, and how much time they have again where their end has come meanwhile. */
export interface Loan {
  to: Rescue;
  at: number;
  leftMs: number | null;
}

/** An order that a cart was refused for good, and the lines whose SKUs have not heard of it yet. */
export interface CartRefund extends Refund {
  /** Ids of their reservations. */
  untold: readonly string[];
}

/** What a customer asks of a cart: the cart about to do it, or why not; `unchanged` when it is done already. */
export type Asked =
  | { kind: "begun"; cart: Cart }
  | { kind: "unchanged" }
  /** With a cart: the one refusal that is written, a final refund. */
  | { kind: "refused"; refusal: Refusal; cart?: Cart };

/** A cart whose lines are about to be looked at, all at once, and then tried, in code-point order of SKU, so that two carts never wait for each other. */
export function openCart(
  wanted: Pick<Cart, "id" | "customer" | "role" | "mode" | "ttlSeconds">,
  lines: readonly { sku: string; quantity: number; reservation: string }[],
  now: number,
): Cart {
  const ordered = [...lines].sort((one, other) => (one.sku < other.sku ? -1 : 1));
  return {
    ...wanted,
    status: "pending",
    // What one line asks for itself is seen by trying it.
    phase: ordered.length === 1 ? "trying" : "looking",
    createdAt: now,
    expiresAt: null,
    extendableUntil: null,
    lastsMs: 0,
    extendingTo: null,
    isUneven: false,
    asked: null,
    releaseReason: null,
    loan: null,
    superseded: false,
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

/** Something else is under way and will be over in a moment. */
export const BUSY: Refusal = { code: "overloaded" };

/** The cart at the beginning of a phase: no line has answered yet. */
export function enter(cart: Cart, phase: CartPhase): Cart {
  const lines = cart.lines.map((line) => ({ ...line, done: false }));
  return { ...cart, phase, lines };
}

/** What the clock alone does to a cart: it gives up deciding, or its time is over. */
export function tick(cart: Cart, now: number): Cart {
  if (isOpening(cart) && hasPassed(cart.createdAt, CART_DECISION_MS, now)) return giveUp(cart);
  if (cart.phase === "lending" && cart.loan !== null && hasPassed(cart.loan.at, OBJECT_CALL_MS, now)) {
    return restoring(cart, now);
  }
  if (cart.phase === "held" && cart.expiresAt !== null && now >= cart.expiresAt) return expire(cart);
  return cart;
}

/** The lines end with the cart, each in its own SKU; only those that an extension made longer have to be told. */
export function expire(cart: Cart): Cart {
  const expired: Cart = { ...cart, status: "expired" };
  return cart.isUneven ? enter(expired, "expiring") : { ...expired, phase: "ended" };
}

/** All lines are to be what they were; where their end has come meanwhile, with the time that they had left. */
export function restoring(cart: Cart, now: number): Cart {
  const { loan, expiresAt } = cart;
  if (loan === null || expiresAt === null) throw new Error("a cart that is not lent was restored");
  const leftMs = expiresAt <= now ? Math.max(0, expiresAt - loan.at) : null;
  const lines = cart.lines.map((line) => (line.state === "refused" ? line : { ...line, refusal: null }));
  const end = leftMs === null ? expiresAt : now + leftMs;
  return enter({ ...cart, lines, expiresAt: end, loan: { ...loan, leftMs }, updatedAt: now }, "restoring");
}

/** Whether nothing is decided about the cart yet. */
export function isOpening({ phase }: Cart): boolean {
  return phase === "looking" || phase === "trying";
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
