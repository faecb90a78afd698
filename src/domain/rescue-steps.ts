import { claimOf, type Excluded, type Grant } from "./allowance.ts";
import { COUNT_PAUSE_MS } from "./bounds.ts";
import type { DropLimit, Outcome, Refusal } from "./command.ts";
import { isSame, rescueOf } from "./lend.ts";
import type { Lender, Rescue, Reservation } from "./model.ts";
import { serialOf } from "./rescue.ts";

/**
 * A late payment from try to decision: it borrows what other objects have to lend, asks the drop's limit, and then its SKU
 * settles the try. It lives in the memory of its SKU's object; if that dies, lenders ask.
 */
export interface RescueCase {
  tried: Reservation;
  limit: DropLimit | null;
  loans: Loan[];
  /** How to settle the try; null: others have to be asked first. */
  verdict: { granted: boolean; refusal?: Refusal } | null;
  /** The limit was asked again after a pause, in which it must have heard of ended claims. */
  hasPaused: boolean;
}

interface Loan {
  lender: Lender;
  /**
   * `sold`: it gives nothing. `ended`: it gives nothing either, but the limit may not know yet. `busy`: another decision about
   * it is in progress, or its state is unknown.
   */
  state: "asked" | "lent" | "sold" | "ended" | "busy";
  /** The lent reservations, which the limit does not count against this payment. */
  lent: readonly Excluded[];
}

/** A message of a late payment to another object. */
export type RescueMessage =
  | { type: "lend"; lender: Lender; to: Rescue }
  | { type: "claim"; without: Excluded[]; pauseMs: number };

/** The answer to a message. `lost` means unknown: the message may have taken effect or not. */
export type RescueAnswer =
  | { kind: "lent"; lent: readonly Excluded[] }
  | { kind: "sold" }
  | { kind: "ended" }
  | { kind: "busy" }
  /** The claim is a line: its cart has to lend all of its lines. */
  | { kind: "line"; cart: string }
  | { kind: "grant"; grant: Grant }
  | { kind: "lost" };

/** A late payment that was just tried, with the carts that its SKU needs. */
export function openRescue(tried: Reservation, limit: DropLimit | null): RescueCase {
  const loans = tried.lenders.map((lender): Loan => ({ lender, state: "asked", lent: [] }));
  return concluded({ tried, limit, loans, verdict: null, hasPaused: false });
}

/** The messages to send now; none: the verdict is known. */
export function rescueMessages({ tried, loans, verdict, hasPaused }: RescueCase): RescueMessage[] {
  if (verdict !== null) return [];
  const asked = loans.filter(({ state }) => state === "asked");
  if (asked.length > 0)
    return asked.map(({ lender }) => ({ type: "lend", lender, to: rescueOf(tried, serialOf(tried)) }));
  const isStale = !hasPaused && loans.some(({ state }) => state === "ended");
  return [{ type: "claim", without: loans.flatMap(({ lent }) => lent), pauseMs: isStale ? COUNT_PAUSE_MS : 0 }];
}

/** The case after an answer. */
export function receiveRescue(rescue: RescueCase, message: RescueMessage, answer: RescueAnswer): RescueCase {
  if (message.type === "lend") return concluded(afterLending(rescue, message.lender, answer));
  if (answer.kind !== "grant") return { ...rescue, verdict: { granted: false, refusal: { code: "overloaded" } } };
  return afterClaim({ ...rescue, hasPaused: rescue.hasPaused || message.pauseMs > 0 }, answer.grant);
}

/** Lenders outside its SKU that it counts on, or that may have lent without an answer. */
export function lendersOf({ tried, loans, verdict }: RescueCase): Lender[] {
  const isInvolved = ({ state }: Loan) =>
    state === "lent" || (verdict?.granted === false && state !== "sold" && state !== "ended");
  const involved = loans.filter(isInvolved);
  return involved.map(({ lender }) => lender).filter((lender) => "cart" in lender || lender.sku !== tried.sku);
}

function afterLending(rescue: RescueCase, lender: Lender, answer: RescueAnswer): RescueCase {
  const others = rescue.loans.filter((loan) => !isSame(loan.lender, lender));
  const loan = (state: Loan["state"], lent: readonly Excluded[] = []): Loan => ({ lender, state, lent });
  switch (answer.kind) {
    case "lent":
      return { ...rescue, loans: [...others, loan("lent", answer.lent)] };
    case "sold":
    case "ended":
      return { ...rescue, loans: [...others, loan(answer.kind)] };
    case "line": {
      const cart = { cart: answer.cart };
      const known = others.find((one) => isSame(one.lender, cart));
      // A line of a sold cart is sold, and a line that is paid late together with this one gives nothing either.
      if (known?.state === "sold" || known?.state === "ended" || answer.cart === rescue.tried.cart)
        return { ...rescue, loans: [...others, loan("sold")] };
      return { ...rescue, loans: known ? others : [...others, { lender: cart, state: "asked", lent: [] }] };
    }
    case "busy":
    case "grant":
    case "lost":
      return { ...rescue, loans: [...others, loan("busy")] };
  }
}

/** The verdict, once every lender has answered and no other object has to be asked. */
function concluded(rescue: RescueCase): RescueCase {
  if (rescue.loans.some(({ state }) => state === "asked")) return rescue;
  if (rescue.loans.some(({ state }) => state === "busy")) {
    return { ...rescue, verdict: { granted: false, refusal: { code: "overloaded" } } };
  }
  return rescue.limit === null ? { ...rescue, verdict: { granted: true } } : rescue;
}

/** A full limit is asked again once enough of the claims that fill it are lent: newest first, whole claims. */
function afterClaim(rescue: RescueCase, grant: Grant): RescueCase {
  // An ended try is settled as granted: its SKU knows that it lapsed and answers so.
  if (grant.granted || grant.refusal === null) return { ...rescue, verdict: { granted: true } };
  const { refusal, claims } = grant;
  const refused: RescueCase = { ...rescue, verdict: { granted: false, refusal } };
  if (refusal.code !== "limit-exceeded") return refused;
  const known = rescue.loans.flatMap(({ lender, lent }) => [
    ...lent.map(({ id }) => id),
    "id" in lender ? lender.id : "",
  ]);
  const loans: Loan[] = [];
  let missing = refusal.used + claimOf(rescue.tried, refusal.limit).units - refusal.limit;
  for (const { sku, id, units } of claims) {
    if (missing <= 0) break;
    if (known.includes(id)) continue;
    loans.push({ lender: { sku, id }, state: "asked", lent: [] });
    missing -= units;
  }
  const isStale = !rescue.hasPaused && rescue.loans.some(({ state }) => state === "ended");
  if (missing > 0 && isStale) return rescue;
  return missing > 0 ? refused : { ...rescue, loans: [...rescue.loans, ...loans] };
}

/** What the outcome of a `lend` means. */
export function lentBy(outcome: Outcome): RescueAnswer {
  if (outcome.ok) {
    if (outcome.type !== "reservation") throw new Error(`a lender answered with a ${outcome.type}`);
    const { id, version } = outcome.reservation;
    return { kind: "lent", lent: [{ id, version }] };
  }
  const { refusal } = outcome;
  if (refusal.code === "part-of-cart") return { kind: "line", cart: refusal.cart };
  if (refusal.code === "not-found") return { kind: "ended" };
  return { kind: refusal.code === "already-confirmed" ? "sold" : "busy" };
}
