import type { z } from "zod";
import type { cartLine } from "../../../src/contracts/cart.ts";
import type { ApiResult } from "./api.ts";
import type { Units } from "./reservation-verdicts.ts";
import { isLimited, limitOf, type Sale } from "./sale.ts";
import type { ReservationAnswer } from "./sku-books.ts";

/** A grant of a drop may come this long after the try; it lapses after. */
const lapseMs = 10_000;

/** A claim of `quantity` units by a customer who had these. */
export type Claim = { sale: Sale; sku: string; customer: string; quantity: number; units: Units };
type Problem = z.infer<typeof cartLine>["problem"] & {};

/** What is wrong with the answer to a reserve, or null. */
export function reserveFault(answer: ApiResult<ReservationAnswer>, claim: Claim): string | null {
  if (!answer.ok) return refusalFault(answer.problem, claim, claim.sale.clock.span(answer), answer.headers);
  return answer.replayed ? null : heldFault(answer.body, claim);
}

function heldFault(body: ReservationAnswer, { sale, sku, customer, quantity, units }: Claim): string | null {
  const { holdTtlSeconds, maxHoldSeconds, maxPerReservation } = sale.policy;
  if (quantity > maxPerReservation || units.least + quantity > limitOf(sale, sku)) return "over the limit";
  const createdAt = Date.parse(body.createdAt);
  if (isLimited(sale, sku) && createdAt < sale.opensAt) return "before the opening";
  const isAsked = body.quantity === quantity && body.customer === customer && body.status === "held";
  // A hold that another object has to grant has its time from then on.
  const grantedMs = Date.parse(body.expiresAt) - createdAt - holdTtlSeconds * 1000;
  const mayBeTried = isLimited(sale, sku) && sale.limit.scope === "drop";
  const hasItsTime = grantedMs === 0 || (mayBeTried && grantedMs > 0 && grantedMs < lapseMs);
  const hasItsEnd = Date.parse(body.extendableUntil) === createdAt + maxHoldSeconds * 1000;
  return isAsked && hasItsTime && hasItsEnd ? null : "not what was asked for";
}

/** What is wrong with the refusal of a claim, or null; a cart's line has no headers of its own. */
export function refusalFault(
  problem: Problem,
  { sale, sku, quantity, units }: Claim,
  span: { from: number },
  headers: Headers | null,
): string | null {
  const { limit, policy, opensAt } = sale;
  const saysWhen = headers === null || Number(headers.get("Retry-After")) >= 1;
  const whenFault = saysWhen ? null : "it does not say when to come again";
  switch (problem.code) {
    case "not-open":
      if (!isLimited(sale, sku) || span.from >= opensAt) return "the sale was open";
      return problem.opensAt === new Date(opensAt).toISOString() ? whenFault : "it names another opening";
    case "limit-exceeded":
      if (isTurnOfOthers(problem)) return whenFault;
      if (quantity > policy.maxPerReservation)
        return problem.scope === "reservation" ? null : "it is the reservation's limit";
      if (units.most + quantity <= limitOf(sale, sku)) return `the customer had at most ${units.most}`;
      return problem.scope === limit.scope && problem.limit === limit.units ? null : "it names another limit";
    case "insufficient-stock":
      if (limit.scope === "sku" && units.least + quantity > limitOf(sale, sku))
        return "the limit comes before the stock";
      if (typeof problem.available !== "number" || problem.available >= quantity) return "it names enough units";
      return problem.state === "sold_out" || problem.state === "held_elsewhere" ? null : "it does not say why";
    default:
      return "not a refusal of a claim";
  }
}

/** Whether a claim was refused because others go first: who let units go, and who did so too often, is told so. */
function isTurnOfOthers({ code, scope, remaining }: Problem): boolean {
  return code === "limit-exceeded" && (scope === "rehold" || scope === "abandoned") && remaining === 0;
}
