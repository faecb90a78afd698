import { CART_DECISION_MS, CONTENTION_MS, OBJECT_CALL_MS } from "./bounds.ts";
import type { Refusal, ReleaseCommand, TtlTerms } from "./command.ts";
import { hasPassed } from "./elapsed.ts";
import type { Refund, Rescue } from "./model.ts";

export type CartStatus = "pending" | "held" | "confirming" | "confirmed" | "released" | "expired";

/**
 * What a cart is doing. In `trying` and `locking` it may still turn back. `committing`, `confirming` and the phases that give
 * units back are decided, and continue until every line has answered.
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

/** The state of a line, as far as the cart knows. */
export type LineState =
  | "new"
  /** Its units are set aside, and the drop's limit, if any, has granted them. */
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
  /** Version of its try: only that version is committed. */
  version: number;
  /** What its SKU allowed when it was tried: a time to live, and an end of all extensions. */
  ttl: TtlTerms;
  extendableUntil: number;
  /** When it was first refused only because of other tries. */
  contendedAt: number | null;
  /** It has answered in this phase, where its state does not show that. */
  done: boolean;
  rescued: boolean;
  refusal: Refusal | null;
  /** Its customer gave this line back by itself. */
  takenOut: boolean;
}

export interface Cart {
  id: string;
  customer: string;
  role: "shopper" | "storefront" | "admin";
  mode: "all_or_nothing" | "best_effort";
  /** The duration that the caller asked for; null: as the SKUs give. */
  ttlSeconds: number | null;
  status: CartStatus;
  phase: CartPhase;
  createdAt: number;
  expiresAt: number | null;
  extendableUntil: number | null;
  /**
   * The duration of the hold or extension that is being given to every line, counted from when the line hears of it. Objects
   * send each other durations because their clocks may differ.
   */
  lastsMs: number;
  /** The cart's end once every line has its extension. */
  extendingTo: number | null;
  /** An extension was broken off: some lines would outlive the cart, so the cart has to end them. */
  isUneven: boolean;
  /** The last request: its key is answered when that completes. Null: the opening. */
  asked: "extend" | "release" | "confirm" | null;
  /** Why its release does not count against its customer. */
  releaseReason: ReleaseCommand["reason"] | null;
  /** The late payment of the same customer to which all lines give way if it is sold. */
  loan: Loan | null;
  /** It gave way to a late payment: released, but a payment for it is judged like one for an expired cart. */
  superseded: boolean;
  orderId: string | null;
  rescued: boolean;
  /** Orders that were refused for good, newest first. */
  refunds: readonly CartRefund[];
  lines: Line[];
  /** Sequence of its last event. */
  version: number;
  updatedAt: number;
}

/** Since when the lines are lent, and how much time they get back if they end meanwhile. */
export interface Loan {
  to: Rescue;
  at: number;
  leftMs: number | null;
}

/** An order that a cart refused for good, and the lines whose SKUs have not been told yet. */
export interface CartRefund extends Refund {
  /** Ids of their reservations. */
  untold: readonly string[];
}

/** The result of a request: the cart that has begun it, or a refusal; `unchanged` if it was done before. */
export type Asked =
  | { kind: "begun"; cart: Cart }
  | { kind: "unchanged" }
  /** With a cart: the one refusal that is written, a final refund. */
  | { kind: "refused"; refusal: Refusal; cart?: Cart };

/**
 * A new cart. Its lines are first checked all at once, but for the first, and then tried in code-point order of SKU, so that two
 * carts never wait for each other.
 */
export function openCart(
  wanted: Pick<Cart, "id" | "customer" | "role" | "mode" | "ttlSeconds">,
  lines: readonly { sku: string; quantity: number; reservation: string }[],
  now: number,
): Cart {
  const ordered = [...lines].sort((one, other) => (one.sku < other.sku ? -1 : 1));
  return {
    ...wanted,
    status: "pending",
    // A single line needs no check: trying it says the same.
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

/** Something else is in progress and will be over in a moment. */
export const BUSY: Refusal = { code: "overloaded" };

/** The cart at the beginning of a phase: no line has answered yet. */
export function enter(cart: Cart, phase: CartPhase): Cart {
  const lines = cart.lines.map((line) => ({ ...line, done: false }));
  return { ...cart, phase, lines };
}

/** What the clock alone does to a cart: it gives up deciding, or it expires. */
export function tick(cart: Cart, now: number): Cart {
  if (isOpening(cart) && hasPassed(cart.createdAt, CART_DECISION_MS, now)) return giveUp(cart);
  if (cart.phase === "lending" && cart.loan !== null && hasPassed(cart.loan.at, OBJECT_CALL_MS, now)) {
    return restoring(cart, now);
  }
  if (cart.phase === "held" && cart.expiresAt !== null && now >= cart.expiresAt) return expire(cart);
  return cart;
}

/** The lines end with the cart, each in its own SKU; only lines that an extension made longer have to be told. */
export function expire(cart: Cart): Cart {
  const expired: Cart = { ...cart, status: "expired" };
  return cart.isUneven ? enter(expired, "expiring") : { ...expired, phase: "ended" };
}

/** All lines become what they were. Those that ended meanwhile get the time that they had left. */
export function restoring(cart: Cart, now: number): Cart {
  const { loan, expiresAt } = cart;
  if (loan === null || expiresAt === null) throw new Error("only a lent cart can be restored");
  const leftMs = expiresAt <= now ? Math.max(0, expiresAt - loan.at) : null;
  const lines = cart.lines.map((line) => (line.state === "refused" ? line : { ...line, refusal: null }));
  const end = leftMs === null ? expiresAt : now + leftMs;
  return enter({ ...cart, lines, expiresAt: end, loan: { ...loan, leftMs }, updatedAt: now }, "restoring");
}

/** Whether nothing is decided about the cart yet. */
export function isOpening({ phase }: Cart): boolean {
  return phase === "looking" || phase === "trying";
}

/**
 * A cart as its object finds it again after it stopped. What an opening had come to is not known: it gives back whatever it may
 * have set aside or committed, and whoever opens again begins anew.
 */
export function resumed(cart: Cart): Cart {
  return isOpening(cart) ? giveUp(cart) : cart;
}

function giveUp(cart: Cart): Cart {
  const lines = cart.lines.map((line) => (line.state === "new" ? { ...line, refusal: line.refusal ?? BUSY } : line));
  // Nothing is set aside by looking.
  if (cart.phase === "looking") return { ...cart, lines, status: "released", phase: "ended" };
  return enter({ ...cart, lines }, "cancelling");
}

/**
 * A customer gave one line back by itself, in time, though the cart may hear of it after its own end. The line leaves the cart;
 * the last one ends it. Refunds stay as they were answered.
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
 * A line has expired by its SKU's clock, so the cart ends: at once if it is held, otherwise as soon as it would be. A cart
 * never shows `held` for longer than its lines live, whatever the clocks did.
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
    case "looking":
    case "trying":
    case "cancelling":
    case "locking":
    case "confirming":
    case "unlocking":
    case "releasing":
    case "expiring":
    case "lending":
    case "lent":
    case "restoring":
    case "superseding":
    case "ended":
      return cart;
  }
}

/** Whether a lost line has to be recorded here: a line that still has to answer will report it itself. */
function mayMiss({ phase, refunds }: Cart, { done }: Line): boolean {
  if (phase === "ended") return refunds.length === 0;
  return phase === "held" || phase === "committing" || (phase === "extending" && done);
}

/** What a SKU that lost contact with its cart is told about a locked line. */
export function fateOf(cart: Cart, reservation: string): "confirm" | "unlock" | "wait" {
  const line = cart.lines.find((one) => one.reservation === reservation);
  if (line === undefined) return "unlock";
  if (line.state === "confirmed" || cart.phase === "confirming") return "confirm";
  return cart.phase === "locking" ? "wait" : "unlock";
}

/** Whether a line that was refused because of other tries may retry. */
export function mayTryAgain(cart: Cart, line: Line, now: number): boolean {
  const since = line.contendedAt ?? now;
  const isOver = hasPassed(since, CONTENTION_MS, now) || hasPassed(cart.createdAt, CART_DECISION_MS, now);
  const isLost = cart.mode === "all_or_nothing" && cart.lines.some(({ state }) => state === "refused");
  return !isLost && !isOver;
}
