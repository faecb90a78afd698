import type { Cart, Line, Loan } from "./cart.ts";
import type { Actor, Command, Outcome, Refusal, Request, ReserveCommand, TryTtl } from "./command.ts";
import { internalRequest } from "./command.ts";

/** A message of a cart to the SKU of one of its lines. The SKU asks for the drop's grant itself. */
export interface CartMessage {
  type:
    | "look"
    | "try"
    | "commit"
    | "release"
    | "extend"
    | "lock"
    | "unlock"
    | "confirm"
    | "lapse"
    | "lend"
    | "restore"
    | "supersede"
    | "refund";
  /** Index of the line. */
  line: number;
  /** The refused order of a `refund`. */
  orderId?: string | null;
}

/** The answer to a message. `lost` means unknown: the message may have taken effect or not. */
export type CartAnswer =
  | {
      kind: "yes";
      reservation: { version: number; rescued: boolean } | null;
      /** Bounds of the try's duration. */
      ttl: TryTtl | null;
    }
  | { kind: "no"; refusal: Refusal }
  | { kind: "lost" };

/**
 * The commands that a message is to the SKU of its line, for one transaction; the last one gives the answer. They contain
 * durations and no deadlines, because the SKU's clock may differ.
 */
export function requestsOf(cart: Cart, { type, line: index, orderId = null }: CartMessage, now: number): Request[] {
  const line = lineOf(cart, index);
  const commands = type === "refund" ? [refundOf(cart, line, orderId)] : commandsOf(cart, line, type, now);
  return commands.map((command) => requestOf(cart, command));
}

/** Translates a SKU's outcome into the answer that the cart works with. */
export function answerTo(type: CartMessage["type"], outcome: Outcome): CartAnswer {
  if (!outcome.ok) {
    const { refusal } = outcome;
    // A SKU that sheds load, or cannot read its facts, has decided nothing.
    if (refusal.code === "overloaded" || refusal.code === "unavailable") return { kind: "lost" };
    const isGone = refusal.code === "not-found" && MAY_BE_GONE.has(type);
    return isGone ? { kind: "yes", reservation: null, ttl: null } : { kind: "no", refusal };
  }
  switch (outcome.type) {
    case "try":
      return { kind: "yes", reservation: outcome.reservation, ttl: outcome.ttl };
    case "reservation":
      return { kind: "yes", reservation: outcome.reservation, ttl: null };
    case "batch":
    case "done":
    case "entry":
    case "sku":
      return { kind: "yes", reservation: null, ttl: null };
  }
}

/** Messages that give units back: if the reservation is gone there is nothing left to do. */
const MAY_BE_GONE: ReadonlySet<CartMessage["type"]> = new Set([
  "release",
  "unlock",
  "refund",
  "lapse",
  "restore",
  "supersede",
]);

function lineOf(cart: Cart, index: number): Line {
  const line = cart.lines[index];
  if (line === undefined) throw new Error("message for an unknown line");
  return line;
}

/** A line is reserved on behalf of the customer; everything else the cart does in its own name. */
function requestOf(cart: Cart, command: Command): Request {
  const caller: Actor = cart.role === "shopper" ? { role: "shopper", customer: cart.customer } : { role: cart.role };
  const actor: Actor = command.type === "reserve" ? caller : { role: "cart", cart: cart.id };
  return internalRequest(command, actor);
}

function refundOf({ refunds }: Cart, { reservation: id }: Line, orderId: string | null): Command {
  const refund = refunds.find((one) => one.orderId === orderId);
  if (refund === undefined) throw new Error("message about an unknown refund");
  return { type: "refund", id, orderId, code: refund.code };
}

/** What is left of the duration that is being given to the lines; at most all of it if the clock was set back. */
function leftMs({ lastsMs }: Cart, endsAt: number | null, now: number): number {
  return Math.min(lastsMs, (endsAt ?? now) - now);
}

function commandsOf(cart: Cart, line: Line, type: Exclude<CartMessage["type"], "refund">, now: number): Command[] {
  const id = line.reservation;
  switch (type) {
    case "look":
      return [{ ...reserveOf(cart, line), isQuestion: true }];
    case "try": {
      const { ttlSeconds } = cart;
      return [ttlSeconds === null ? reserveOf(cart, line) : { ...reserveOf(cart, line), ttlSeconds }];
    }
    case "commit":
      // For this try only: a try that arrives after the cart gave up was not granted.
      return [
        {
          type: "settle",
          id,
          version: line.version,
          granted: true,
          lastsMs: leftMs(cart, cart.expiresAt, now),
          of: "reserve",
        },
      ];
    case "release":
      // Whether it is still a try or was already committed: after both commands it is neither.
      return [
        { type: "settle", id, granted: false, refusal: line.refusal ?? undefined, of: "reserve" },
        { type: "release", id, reason: cart.phase === "cancelling" ? "undone" : (cart.releaseReason ?? undefined) },
      ];
    case "extend":
      return [{ type: "extend", id, lastsMs: leftMs(cart, cart.extendingTo, now) }];
    case "confirm":
      return [{ type: "confirm", id, orderId: cart.orderId ?? undefined }];
    case "lock":
    case "unlock":
    case "lapse":
      return [{ type, id }];
    case "lend":
      return [{ type, id, to: loanOf(cart).to }];
    case "restore":
    case "supersede": {
      const { to, leftMs } = loanOf(cart);
      return [{ type, id, rescue: to.name, leftMs: leftMs ?? undefined }];
    }
  }
}

function reserveOf({ id: cart, customer }: Cart, { reservation, quantity }: Line): ReserveCommand {
  return { type: "reserve", id: reservation, customer, quantity, metadata: {}, cart };
}

function loanOf({ loan }: Cart): Loan {
  if (loan === null) throw new Error("message about a loan that does not exist");
  return loan;
}
