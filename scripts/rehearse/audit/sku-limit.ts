import { liveUnits } from "../record/replay.ts";
import { type Check, counted, type Evidence, offendersIn, type SkuEvidence } from "./evidence.ts";

/** Nobody had more of a SKU than its limit at any time, as the record and the object count it. */
export function checkSkuLimit(evidence: Evidence): Check {
  const limit = evidence.sale.limit.units;
  const holders = new Set<string>();
  let most = 0;
  const offenders = offendersIn(evidence, (one) => {
    const units = unitsAtEnd(one);
    for (const [customer, count] of units) {
      holders.add(customer);
      most = Math.max(most, count);
    }
    const over = [...units].filter(([, count]) => count > limit).map(([customer, count]) => `${customer} has ${count}`);
    const miscounted = [...one.record.unitsByCustomer]
      .filter(([customer, count]) => count !== (units.get(customer) ?? 0))
      .map(([customer, count]) => `${customer} has ${units.get(customer) ?? 0}, but the object counts ${count}`);
    return [...one.replay.overLimit, ...over, ...miscounted];
  });
  const figures = `${counted(holders.size, "holder")}, at most ${most} of ${limit} units each`;
  return { promise: "no customer over the limit", figures, offenders };
}

function unitsAtEnd({ record }: SkuEvidence): Map<string, number> {
  const units = new Map<string, number>();
  for (const reservation of record.reservations.values()) {
    const live = liveUnits(reservation, Date.parse(record.sku.updatedAt));
    units.set(reservation.customer, (units.get(reservation.customer) ?? 0) + live);
  }
  return units;
}
