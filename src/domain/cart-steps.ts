import { type Cart, type CartPhase, enter, expire, type Line, type LineState, mayTryAgain, restoring } from "./cart.ts";
import { commonTtlSeconds } from "./cart-changes.ts";
import type { CartAnswer, CartMessage } from "./cart-messages.ts";
import { heard, refundCart } from "./cart-refund.ts";
import type { Refusal } from "./command.ts";

/** The message that each phase sends to a line in each state. A line that may have been tried is released, answered or not. */
const MESSAGES: Partial<Record<CartPhase, Partial<Record<LineState, CartMessage["type"]>>>> = {
  looking: { new: "look" },
  trying: { new: "try" },
  committing: { tried: "commit", denied: "release" },
  cancelling: { new: "release", tried: "release", denied: "release", held: "release" },
  extending: { held: "extend" },
  locking: { held: "lock" },
  confirming: { locked: "confirm" },
  unlocking: { held: "unlock", locked: "unlock" },
  releasing: { held: "release" },
  expiring: { held: "lapse" },
  lending: { held: "lend" },
  restoring: { held: "restore" },
  superseding: { held: "supersede" },
};

/**
 * The messages to send now. They follow from the cart alone, so a coordinator that died resumes where it stopped, and each
 * message may be repeated: it is idempotent by the id of its reservation. Lines are tried one after another.
 */
export function messagesOf(cart: Cart): CartMessage[] {
  const messages = cart.lines.flatMap((line, index): CartMessage[] => {
    const type = line.done ? undefined : MESSAGES[cart.phase]?.[line.state];
    return type === undefined ? [] : [{ type, line: index }];
  });
  if (cart.phase === "looking") return looks(cart, messages);
  if (cart.phase !== "trying") return messages;
  return isShortFromStart(cart) ? [] : messages.slice(0, 1);
}

/** The first line is tried first, which says the same as a look. It is looked at only for its part of a refusal. */
function looks(cart: Cart, messages: CartMessage[]): CartMessage[] {
  const isLost = cart.mode === "all_or_nothing" && cart.lines.some(({ state }) => state === "refused");
  return isLost ? messages : messages.filter(({ line }) => line > 0);
}

/**
 * Whether the first line was refused as a look would have been refused, while the cart needs all lines: then no other is tried.
 * They were looked at a moment ago. Only the drop's limit is not asked by looks, and each line says what it finds there.
 */
function isShortFromStart({ mode, lines: [first, ...others] }: Cart): boolean {
  if (mode === "best_effort" || first?.state !== "refused" || others.some(({ state }) => state !== "new")) return false;
  return !(first.refusal?.code === "limit-exceeded" && first.refusal.scope === "drop");
}

/** The status of a cart whose late payment was not sold. */
function lapsedStatus({ superseded }: Cart): "released" | "expired" {
  return superseded ? "released" : "expired";
}

/** Applies an answer. A late or repeated answer changes nothing. */
export function receive(cart: Cart, message: CartMessage, answer: CartAnswer, now: number): Cart {
  if (message.type === "refund") return heard(cart, message, answer);
  const line = cart.lines[message.line];
  const isExpected = messagesOf(cart).some(({ type, line: index }) => type === message.type && index === message.line);
  if (line === undefined || !isExpected || answer.kind === "lost") return cart;
  const next =
    answer.kind === "yes" ? accepted(line, message, answer, now) : declined(cart, line, message, answer.refusal, now);
  return advance({ ...cart, lines: cart.lines.with(message.line, next), updatedAt: now }, now);
}

function accepted(line: Line, { type }: CartMessage, answer: CartAnswer & { kind: "yes" }, now: number): Line {
  switch (type) {
    case "try": {
      if (answer.reservation === null || answer.ttl === null) throw new Error("the answer to a try has no reservation");
      const { version } = answer.reservation;
      const { extendableMs, ...ttl } = answer.ttl;
      return { ...line, state: "tried", version, extendableUntil: now + extendableMs, ttl, refusal: null };
    }
    case "commit":
      return { ...line, state: "held" };
    case "release":
      return withdrawn(line);
    case "look":
    case "extend":
    case "lapse":
    case "restore":
    case "supersede":
      return { ...line, done: true };
    case "lend":
      return { ...line, version: answer.reservation?.version ?? line.version, done: true };
    case "lock":
      return { ...line, state: "locked" };
    case "unlock":
      return { ...line, state: "held", done: true };
    case "confirm":
      return { ...line, state: "confirmed", rescued: answer.reservation?.rescued ?? false };
    case "refund":
      throw new Error("a refund message is not a step of the cart");
  }
}

/** Its units are free. */
function withdrawn(line: Line): Line {
  return { ...line, state: line.state === "denied" ? "refused" : "gone" };
}

function declined(cart: Cart, line: Line, { type }: CartMessage, refusal: Refusal, now: number): Line {
  switch (type) {
    case "try": {
      const again = { ...line, contendedAt: line.contendedAt ?? now, refusal };
      return isContended(refusal) && mayTryAgain(cart, again, now) ? again : { ...line, state: "refused", refusal };
    }
    case "commit":
      // Its units are set aside, or were a moment ago: it has to be released as well.
      return { ...line, state: "denied", refusal };
    case "look":
      return isContended(refusal) ? { ...line, done: true } : { ...line, state: "refused", refusal };
    case "lend":
      return { ...line, done: true, refusal };
    case "lapse":
    case "restore":
    case "supersede":
      return { ...line, done: true };
    case "lock":
    case "extend": {
      // A line that its customer gave back no longer belongs to the cart.
      const isOut = refusal.code === "already-released";
      return isOut ? { ...line, state: "gone", takenOut: true } : { ...line, done: true, refusal };
    }
    case "release":
      return withdrawn(line);
    case "unlock":
      return { ...line, state: "held", done: true };
    case "confirm":
    case "refund":
      // A locked line cannot refuse; it is asked again.
      return line;
  }
}

/** Refused only because of other tries. */
function isContended(refusal: Refusal): boolean {
  return refusal.code === "insufficient-stock" && refusal.contended === true;
}

/** Enters the next phase once every line has answered. A phase without messages ends at once. */
function advance(cart: Cart, now: number): Cart {
  if (messagesOf(cart).length > 0) return cart;
  const next = following(cart, now);
  return next.phase === cart.phase ? next : advance(next, now);
}

function following(cart: Cart, now: number): Cart {
  const isRefused = cart.lines.some(({ refusal, state }) => refusal !== null && state !== "refused");
  switch (cart.phase) {
    case "looking":
      return looked(cart);
    case "trying":
      return decide(cart, now);
    case "committing":
      return committed(cart);
    case "cancelling":
      return { ...cart, status: "released", phase: "ended", expiresAt: null, extendableUntil: null };
    case "extending":
      return isRefused ? expire(cart) : extended(cart);
    case "locking":
      if (isRefused) return enter(cart, "unlocking");
      if (cart.lines.some(({ state }) => state === "locked")) return enter(cart, "confirming");
      return refundCart(ended(cart, "released"), { orderId: cart.orderId, code: "already-released" }, now);
    case "confirming":
      return { ...ended(cart, "confirmed"), rescued: cart.lines.some(({ rescued }) => rescued) };
    case "unlocking":
      return enter(
        refundCart({ ...cart, status: lapsedStatus(cart) }, { orderId: cart.orderId, code: "hold-expired" }, now),
        "expiring",
      );
    case "releasing":
      return ended(cart, "released");
    case "expiring":
      return ended(cart, lapsedStatus(cart));
    case "lending":
      return isRefused ? restoring(cart, now) : enter(cart, "lent");
    case "restoring":
      return { ...cart, phase: "held", loan: null };
    case "superseding":
      return { ...ended(cart, "released"), loan: null };
    case "held":
    case "lent":
    case "ended":
      return cart;
  }
}

function ended(cart: Cart, status: Cart["status"]): Cart {
  return { ...cart, status, phase: "ended" };
}

/** A cart with a line that cannot be held takes no units for its other lines. */
function looked(cart: Cart): Cart {
  const open = cart.lines.filter(({ state }) => state === "new").length;
  const isLost = open === 0 || (cart.mode === "all_or_nothing" && open < cart.lines.length);
  return isLost ? ended(cart, "released") : enter(cart, "trying");
}

/** Decides: all lines or none; in best-effort mode all lines that could be tried. */
function decide(cart: Cart, now: number): Cart {
  const ready = cart.lines.filter(({ state }) => state === "tried");
  const isLost = ready.length === 0 || (cart.mode === "all_or_nothing" && ready.length < cart.lines.length);
  if (isLost) return cart.lines.some(isSetAside) ? enter(cart, "cancelling") : ended(cart, "released");
  const ttlSeconds = commonTtlSeconds(cart.role, ready, cart.ttlSeconds);
  const extendableUntil = Math.min(...ready.map((line) => line.extendableUntil));
  const expiresAt = Math.min(now + ttlSeconds * 1000, extendableUntil);
  return enter({ ...cart, expiresAt, extendableUntil, lastsMs: expiresAt - now }, "committing");
}

function isSetAside({ state }: Line): boolean {
  return state === "tried" || state === "denied";
}

/** A cart whose customer has given back every line meanwhile ends. */
function extended(cart: Cart): Cart {
  if (!cart.lines.some(({ state }) => state === "held")) return ended(cart, "released");
  return { ...cart, phase: "held", expiresAt: cart.extendingTo, isUneven: false };
}

/** Lines that the customer gave back meanwhile were held as well. */
function committed(cart: Cart): Cart {
  const lines = cart.lines.filter(({ state }) => state !== "gone");
  const held = lines.filter(({ state }) => state === "held").length;
  const isWhole = held > 0 && (held === lines.length || cart.mode === "best_effort");
  return isWhole ? { ...cart, status: "held", phase: "held" } : enter(cart, "cancelling");
}
