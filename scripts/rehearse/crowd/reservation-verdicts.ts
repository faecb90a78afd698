import { isDeepStrictEqual } from "node:util";
import type { ApiResult } from "./api.ts";
import type { Reservation, ReservationAnswer } from "./sku-books.ts";

// What a caller may be told, judged from what it knew when it called. Each verdict names the fault, or is null. Where the
// answer depends on the instant, whatever was right at any instant between sending and answer is right.

type Span = { from: number; to: number };
export type Units = { least: number; most: number };

/** How many units a customer had that count against its limit. */
export function unitsWithin(reservations: readonly Reservation[], span: Span): Units {
  const units = { least: 0, most: 0 };
  for (const { status, quantity, expiresAt, confirmedQuantity, returnedQuantity } of reservations) {
    const kept = confirmedQuantity - returnedQuantity;
    const held = status === "held" ? quantity : 0;
    units.least += kept + (span.to < Date.parse(expiresAt) ? held : 0);
    units.most += kept + (span.from < Date.parse(expiresAt) ? held : 0);
  }
  return units;
}

/** A payment for a reservation that was last told as `before`. */
export function confirmFault(
  answer: ApiResult<ReservationAnswer>,
  asked: {
    before: Reservation;
    isSuperseded: boolean;
    refunded: string | null;
    quantity: number;
    orderId: string;
    span: Span;
  },
): string | null {
  const { before, isSuperseded, refunded, quantity, orderId, span } = asked;
  if (answer.ok && answer.replayed) return null;
  if (refunded !== null) return isRefund(answer, refunded) ? null : "the refund was final";
  const status = before.status === "released" && isSuperseded ? "expired" : before.status;
  switch (status) {
    case "held":
    case "expired": {
      const dead = status === "expired" ? true : deadWithin(before, span);
      if (!answer.ok) return dead !== false && isRefund(answer, "hold-expired") ? null : "the hold was alive";
      const { confirmedQuantity, rescued } = answer.body;
      if (answer.body.status !== "confirmed" || confirmedQuantity !== quantity || answer.body.orderId !== orderId)
        return "not paid for";
      return dead === null || rescued === dead ? null : "rescued or not, the other way round";
    }
    case "released":
      return isRefund(answer, "already-released") ? null : "it was released";
    default: {
      const same = before.orderId === orderId && before.confirmedQuantity === quantity;
      if (answer.ok)
        return same && isDeepStrictEqual(withoutStock(answer.body), before) ? null : "it was paid for already";
      const { code, refundRequired } = answer.problem;
      const isOther = code === "already-confirmed" && refundRequired === (before.orderId !== orderId);
      return !same && isOther ? null : "the same payment again";
    }
  }
}

/** Asking for more time for a reservation that was last told as `before`. */
export function extendFault(answer: ApiResult<ReservationAnswer>, before: Reservation, span: Span): string | null {
  const dead = deadWithin(before, span);
  if (answer.ok) {
    if (dead === true) return "the hold was dead";
    const { expiresAt, extendableUntil } = answer.body;
    return expiresAt > before.expiresAt && expiresAt <= extendableUntil ? null : "not more time";
  }
  if (answer.problem.code === "extension-limit") {
    return before.expiresAt === before.extendableUntil ? null : "there was time to gain";
  }
  return answer.problem.code === "hold-expired" && dead !== false ? null : "not a refusal of an extension";
}

/** Giving up a reservation that was last told as `before`. */
export function releaseFault(answer: ApiResult<ReservationAnswer>, before: Reservation, span: Span): string | null {
  if (!answer.ok) return "it could be released";
  const dead = before.status === "held" ? deadWithin(before, span) : before.status === "expired";
  if (dead === null) return null;
  return answer.body.status === (dead ? "expired" : "released") ? null : `${answer.body.status} it cannot be`;
}

/** Giving back units of a purchase that was last told as `before`. */
export function returnFault(
  answer: ApiResult<ReservationAnswer>,
  before: Reservation,
  quantity: number,
): string | null {
  const returnable = before.confirmedQuantity - before.returnedQuantity;
  if (!answer.ok) {
    const isTooMany = answer.problem.code === "nothing-to-return" && answer.problem.returnable === returnable;
    return quantity > returnable && isTooMany ? null : "the units could be returned";
  }
  if (quantity > returnable) return "so many were never sold";
  return answer.body.returnedQuantity === before.returnedQuantity + quantity ? null : "not what was returned";
}

/** Whether a hold was dead: for the whole span, for none of it, or nobody can tell (null). */
export function deadWithin({ expiresAt }: Reservation, { from, to }: Span): boolean | null {
  if (from >= Date.parse(expiresAt)) return true;
  return to < Date.parse(expiresAt) ? false : null;
}

/** A reservation as it is told, without the stock around it. */
export function withoutStock({ stock: _around, ...reservation }: ReservationAnswer): Reservation {
  return reservation;
}

function isRefund(answer: ApiResult<ReservationAnswer>, code: string): boolean {
  return !answer.ok && answer.problem.code === code && answer.problem.refundRequired === true;
}
