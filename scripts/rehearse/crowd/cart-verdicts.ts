import { z } from "zod";
import { cartLine } from "../../../src/contracts/cart.ts";
import type { ApiResult } from "./api.ts";
import type { CartView } from "./books.ts";
import type { Units } from "./reservation-verdicts.ts";
import { refusalFault } from "./reserve-verdicts.ts";
import { isLimited, type Sale } from "./sale.ts";

const problemLines = z.array(cartLine);

type Asked = { sale: Sale; customer: string; skus: readonly string[]; mode: CartView["mode"]; units: Units };

/** What is wrong with the answer to an opening of a cart with one unit of each of these SKUs, or null. */
export function openCartFault(answer: ApiResult<CartView>, asked: Asked): string | null {
  const { sale, skus, customer, units } = asked;
  const lines = answer.ok ? answer.body.lines : problemLines.safeParse(answer.problem.lines).data;
  if (!answer.ok && answer.problem.code !== "cart-not-held") return "not a refusal of a cart";
  if (lines?.length !== skus.length || !lines.every(({ sku }) => skus.includes(sku))) return "not the lines asked for";
  if (answer.ok && answer.replayed) return null;
  const span = sale.clock.span(answer);
  // The other lines of the cart count like calls that ran beside it.
  const beside = Math.max(0, skus.filter((sku) => isLimited(sale, sku)).length - 1);
  const own = { least: units.least, most: units.most + beside };
  for (const { sku, problem } of lines) {
    const fault = problem && refusalFault(problem, { sale, sku, quantity: 1, customer, units: own }, span, null);
    if (fault) return `${sku}: ${fault}`;
  }
  if (!answer.ok) return lines.some(({ problem }) => problem !== null) ? null : "no line says why";
  return heldCartFault(answer.body, asked, span);
}

function heldCartFault(
  { status, lines, expiresAt, customer, mode, createdAt }: CartView,
  asked: Asked,
  span: { to: number },
): string | null {
  const { sale, units } = asked;
  // Told at last, after the service had died: the cart was there, and its time is over.
  if (status === "expired" && expiresAt !== null && Date.parse(expiresAt) <= span.to) return null;
  const held = lines.filter((line) => line.status === "held");
  const limited = held.filter(({ sku }) => isLimited(sale, sku)).length;
  if (limited > 0 && units.least + limited > sale.limit.units) return "over the limit";
  if (status !== "held" || expiresAt === null || held.length === 0) return "nothing is held";
  if (asked.mode === "all_or_nothing" && held.length < lines.length) return "not all lines are held";
  const saysWhy = lines.every((line) => line.status === "held" || (line.status === "refused" && line.problem !== null));
  const hasTime = Date.parse(expiresAt) >= Date.parse(createdAt) + sale.policy.holdTtlSeconds * 1000;
  return saysWhy && hasTime && customer === asked.customer && mode === asked.mode ? null : "not what was asked for";
}

/** A payment for a cart that was last told as `before`. */
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
