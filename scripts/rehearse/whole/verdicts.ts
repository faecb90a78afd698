import { z } from "zod";
import { cartLine } from "../../../src/contracts/cart.ts";
import type { ApiResult } from "../api.ts";
import type { ReservationAnswer } from "../books.ts";
import { isTurnOfOthers } from "../verdicts.ts";
import type { CartView } from "./books.ts";
import { isCounted, limit, terms, type WholeDrop } from "./drop.ts";
import type { Claims } from "./own-claims.ts";

// As in the rehearsal of one SKU: each verdict names the fault of an answer, or is null. Where the answer depends on the
// instant, whatever was right at any instant between sending and answer is right.

const lapseMs = 10_000;
const problemLines = z.array(cartLine);

type Asked = { drop: WholeDrop; sku: string; customer: string; quantity: number; claims: Claims };

/** A reserve by a customer who had these claims. */
export function reserveFault(answer: ApiResult<ReservationAnswer>, asked: Asked): string | null {
  if (!answer.ok) return refusalFault(answer.problem, asked, asked.drop.clock.span(answer), answer.headers);
  if (answer.replayed) return null;
  const { body } = answer;
  const { drop, sku, customer, quantity, claims } = asked;
  if (isCounted(drop, sku) && claims.surely) return "a second pair";
  const createdAt = Date.parse(body.createdAt);
  if (isCounted(drop, sku) && createdAt < drop.opensAt) return "before the opening";
  const ttlMs = Date.parse(body.expiresAt) - createdAt - terms.holdTtlSeconds * 1000;
  const isAsked = body.quantity === quantity && body.customer === customer && body.status === "held";
  const hasItsTime = ttlMs >= 0 && Date.parse(body.extendableUntil) === createdAt + terms.maxHoldSeconds * 1000;
  return isAsked && hasItsTime && ttlMs < lapseMs ? null : "not what was asked for";
}

type Problem = z.infer<typeof cartLine>["problem"] & {};

function refusalFault(
  problem: Problem,
  { drop, sku, quantity, claims }: Asked,
  span: { from: number },
  headers: Headers | null,
): string | null {
  switch (problem.code) {
    case "not-open":
      if (!isCounted(drop, sku) || span.from >= drop.opensAt) return "the sale was open";
      if (problem.opensAt !== new Date(drop.opensAt).toISOString()) return "it names another opening";
      return headers === null || Number(headers.get("Retry-After")) >= 1 ? null : "it does not say when to come again";
    case "limit-exceeded":
      if (isTurnOfOthers(problem)) return null;
      if (!isCounted(drop, sku) || (!claims.maybe && quantity <= limit)) return "the customer had none";
      return problem.scope === "drop" && problem.limit === limit ? null : "it names another limit";
    case "insufficient-stock":
      if (typeof problem.available !== "number" || problem.available >= quantity) return "it names enough units";
      return problem.state === "sold_out" || problem.state === "held_elsewhere" ? null : "it does not say why";
    default:
      return "not a refusal of a claim";
  }
}

/** An opening of a cart with these SKUs, each with one unit. */
export function openCartFault(
  answer: ApiResult<CartView>,
  asked: { drop: WholeDrop; customer: string; skus: readonly string[]; mode: CartView["mode"]; claims: Claims },
): string | null {
  const { drop, skus, mode, customer } = asked;
  const pairsWanted = skus.filter((sku) => isCounted(drop, sku)).length;
  // Of two sizes in one cart one is over the limit, whatever else its customer has.
  const claims = { ...asked.claims, maybe: asked.claims.maybe || pairsWanted > limit };
  const lines = answer.ok ? answer.body.lines : problemLines.safeParse(answer.problem.lines).data;
  if (!answer.ok && answer.problem.code !== "cart-not-held") return "not a refusal of a cart";
  if (lines?.length !== skus.length || !lines.every(({ sku }) => skus.includes(sku))) return "not the lines asked for";
  if (answer.ok && answer.replayed) return null;
  const span = drop.clock.span(answer);
  for (const { sku, problem } of lines) {
    const fault = problem && refusalFault(problem, { drop, sku, quantity: 1, customer, claims }, span, null);
    if (fault) return `${sku}: ${fault}`;
  }
  if (!answer.ok) return lines.some(({ problem }) => problem !== null) ? null : "no line says why";
  return heldCartFault(answer.body, { drop, customer, mode, surely: asked.claims.surely, span });
}

function heldCartFault(
  { status, lines, expiresAt, customer, mode, createdAt }: CartView,
  asked: { drop: WholeDrop; customer: string; mode: CartView["mode"]; surely: boolean; span: { to: number } },
): string | null {
  // Told at last, after the service had died: the cart was there, and its time is over.
  if (status === "expired" && expiresAt !== null && Date.parse(expiresAt) <= asked.span.to) return null;
  const held = lines.filter((line) => line.status === "held");
  const pairs = held.filter(({ sku }) => isCounted(asked.drop, sku));
  if (pairs.length > (asked.surely ? 0 : limit)) return "one pair is all that anybody gets";
  if (status !== "held" || expiresAt === null || held.length === 0) return "nothing is held";
  if (asked.mode === "all_or_nothing" && held.length < lines.length) return "not all lines are held";
  const saysWhy = lines.every((line) => line.status === "held" || (line.status === "refused" && line.problem !== null));
  const hasTime = Date.parse(expiresAt) >= Date.parse(createdAt) + terms.holdTtlSeconds * 1000;
  return saysWhy && hasTime && customer === asked.customer && mode === asked.mode ? null : "not what was asked for";
}

/** A payment for a cart that was last told as `before`. `rivals`: its customer may have bought another size meanwhile. */
export function confirmCartFault(
  answer: ApiResult<CartView>,
  asked: {
    before: CartView;
    isSuperseded: boolean;
    refunded: string | null;
    orderId: string;
    span: { from: number; to: number };
  },
): string | null {
  const { before, isSuperseded, refunded, orderId, span } = asked;
  if (answer.ok && answer.replayed) return null;
  const isRefused = (code: string) =>
    !answer.ok && answer.problem.code === code && answer.problem.refundRequired === true;
  if (refunded !== null) return isRefused(refunded) ? null : "the refund was final";
  if (before.status === "released" && !isSuperseded) return isRefused("already-released") ? null : "it was released";
  if (before.status === "confirmed") {
    if (before.orderId !== orderId) return isRefused("already-confirmed") ? null : "another order had paid";
    return answer.ok && answer.body.version === before.version ? null : "the same payment again";
  }
  const end = Date.parse(before.expiresAt ?? "");
  const dead = isSuperseded || span.from >= end ? true : span.to < end ? false : null;
  if (!answer.ok) return dead !== false && isRefused("hold-expired") ? null : "it could be paid for";
  const { status, rescued, lines } = answer.body;
  const isSold = lines.every((line) => ["confirmed", "released", "refused"].includes(line.status));
  if (status !== "confirmed" || answer.body.orderId !== orderId || !isSold) return "not wholly paid for";
  return dead === null || rescued === dead ? null : "rescued or not, the other way round";
}

/** More time for a cart that was last told as `before`, or all of it given back. */
export function changeCartFault(
  answer: ApiResult<CartView>,
  action: "extend" | "release",
  before: CartView,
  span: { from: number; to: number },
): string | null {
  if (answer.ok && answer.replayed) return null;
  const end = Date.parse(before.expiresAt ?? "");
  const mayBeDead = span.to >= end;
  if (action === "release") {
    if (!answer.ok) return "it could be released";
    return answer.body.status === "released" || (mayBeDead && answer.body.status === "expired") ? null : "it is not";
  }
  if (answer.ok) {
    const { expiresAt, extendableUntil } = answer.body;
    const isLonger = expiresAt !== null && Date.parse(expiresAt) > end && expiresAt <= (extendableUntil ?? "");
    return isLonger && span.from < end ? null : "not more time";
  }
  if (answer.problem.code === "extension-limit")
    return before.expiresAt === before.extendableUntil ? null : "there was time to gain";
  return answer.problem.code === "hold-expired" && mayBeDead ? null : "not a refusal of an extension";
}
