import { reservationIn } from "../record/movements.ts";
import type { Movement } from "../record/sku-record.ts";
import { type Check, counted, type Evidence, readable } from "./evidence.ts";

/** A try that nobody settled is over after this: only then is it sure that a claim was granted. */
const tryMs = 10_000;

/** No customer had more units than the drop's limit at any time, over all of its SKUs. */
export function checkDropLimit({ sale, books, skus }: Evidence): Check {
  const soldAt = salesIn([...skus.values()].flatMap(({ record }) => record.movements));
  const claims = sale.limited.flatMap((sku) => claimsIn(skus.get(sku)?.record.movements ?? [], books.sureFrom, soldAt));
  const byCustomer = Map.groupBy(claims, ({ customer }) => customer);
  const offenders: string[] = [];
  for (const [customer, own] of byCustomer) {
    for (const { from } of own) {
      const units = own.filter((one) => one.from <= from && from < one.to).reduce((sum, one) => sum + one.units, 0);
      if (units > sale.limit.units) offenders.push(`${customer} had ${units} at ${new Date(from).toISOString()}`);
    }
  }
  const figures = `${counted(byCustomer.size, "holder")}, ${readable(claims.length)} claims over ${sale.limited.length} sizes`;
  return { promise: "no customer over the drop's limit", figures, offenders };
}

/** No allowance was lost on the way, and none forgotten. */
export function checkAllowances({ probed }: Evidence): Check {
  const { free, owners, wronged } = probed ?? { free: 0, owners: 0, wronged: ["nobody has tried"] };
  const figures = `${readable(free)} without a pair may have one, ${readable(owners)} with one may not`;
  return { promise: "no allowance leaked", figures, offenders: wronged };
}

type LimitClaim = { customer: string; units: number; from: number; to: number };

/** When each reservation was sold, or the first line of its cart. */
function salesIn(movements: readonly Movement[]): Map<string, number> {
  const soldAt = new Map<string, number>();
  const names = new Map<string, string>();
  for (const movement of movements) {
    const sold = reservationIn(movement);
    if (movement.type !== "reservation.confirmed" || sold === null) continue;
    const at = Date.parse(movement.time);
    const name = sold.cart ?? sold.id;
    names.set(sold.id, name);
    soldAt.set(name, Math.min(at, soldAt.get(name) ?? at));
  }
  return new Map([...names].map(([id, name]) => [id, soldAt.get(name) ?? 0]));
}

/** What gave way counts no more from when the late payment was sold; its own SKU hears of that a moment later. */
function endOf(movement: Movement, soldAt: ReadonlyMap<string, number>): number {
  const { type, time, data } = movement;
  // It was dead from its end on, whenever that was swept.
  if (type === "reservation.expired")
    return Math.min(Date.parse(time), Date.parse(reservationIn(movement)?.expiresAt ?? time));
  const by = data.reason === "superseded" ? String(Object(data.by).id) : "";
  return Math.min(Date.parse(time), soldAt.get(by) ?? Number.POSITIVE_INFINITY);
}

/**
 * From when until when customers surely had units. A try may still be refused, so it counts from when its customer was told,
 * or cannot be pending any more.
 */
function claimsIn(
  movements: readonly Movement[],
  sureFrom: ReadonlyMap<string, number>,
  soldAt: ReadonlyMap<string, number>,
): LimitClaim[] {
  const own = movements.filter((movement) => reservationIn(movement) !== null);
  const byId = Map.groupBy(own, (movement) => reservationIn(movement)?.id ?? "");
  return [...byId.values()].flatMap((moves) =>
    moves.flatMap((move, index): LimitClaim[] => {
      const reservation = reservationIn(move);
      if (reservation === null) return [];
      const { id, status, quantity, confirmedQuantity, returnedQuantity, customer, expiresAt } = reservation;
      const units = status === "held" ? quantity : confirmedQuantity - returnedQuantity;
      const next = moves[index + 1];
      // Settled as if nothing had happened: a try that was refused, a late payment that its cart could not complete.
      const isUndone = next?.type === "reservation.cancelled" || next?.type === "reservation.unlocked";
      if (units === 0 || isUndone) return [];
      const at = Date.parse(move.time);
      const to = next === undefined ? Number.POSITIVE_INFINITY : endOf(next, soldAt);
      if (move.type === "reservation.tried" && Date.parse(expiresAt) > at) {
        const told = sureFrom.get(id) ?? Number.POSITIVE_INFINITY;
        // Told before it was tried: this is a late payment, and what was told is that of the hold before.
        const sure = told < at ? Number.POSITIVE_INFINITY : told;
        return [{ customer, units, from: Math.min(at + tryMs, sure, to), to }];
      }
      // A late payment that is tried or locked waits for the limit as well, and says so only by being sold.
      const isPending = move.type === "reservation.locked" || move.type === "reservation.tried";
      return [{ customer, units, from: isPending ? to : at, to }];
    }),
  );
}
