import { SWEEP_HOLDS_MAX } from "../domain/bounds.ts";
import type { Request } from "../domain/command.ts";
import { type Ledger, openLedger } from "../domain/ledger.ts";
import type { Reservation } from "../domain/model.ts";
import { isDead } from "../domain/stock.ts";
import { wantedUnits } from "../domain/transaction.ts";
import type { SkuStore } from "../storage/sku-store.ts";

/** The facts for one transaction: the ledger, and the dead holds that it releases first. */
export interface Gathered {
  ledger: Ledger;
  due: Reservation[];
  /** Units that the requests may need are still bound in dead holds: a sweep has to go ahead of them. */
  sweepFirst: boolean;
}

/** Reads all that `requests` are judged by. What it reads is proportional to them, never to the SKU's history. */
export function gather(store: SkuStore, clockMs: number, requests: readonly Request[]): Gathered {
  const sku = store.sku();
  const now = Math.max(clockMs, sku.updatedAt);
  const ledger = openLedger(now, sku);
  const flat = requests.flatMap((request) => [
    request,
    ...(request.command.type === "batch" ? request.command.requests : []),
  ]);

  const due = store.dueHolds(sku.sku, now, SWEEP_HOLDS_MAX);
  const sweepFull = due.length === SWEEP_HOLDS_MAX;
  for (const reservation of namedReservations(store, sku.sku, flat)) {
    ledger.reservations.set(reservation.id, reservation);
    if (sweepFull && isDead(reservation, now) && !due.some(({ id }) => id === reservation.id)) due.push(reservation);
  }
  const dueUnits = due.reduce((sum, { quantity }) => sum + quantity, 0);
  if (sweepFull) ledger.overdueUnits = store.overdueUnits(now) - dueUnits;

  const keys = flat.flatMap(({ key }) => (key === null ? [] : [key]));
  if (keys.length > 0) ledger.answers = store.answers(keys);
  if (sku.policy.perCustomerLimit !== null || flat.some(({ command }) => command.type === "update")) {
    ledger.unitsByCustomer = unitsOfAll(store, now, ledger, flat);
  }

  const wanted = wantedUnits(requests, (id) => ledger.reservations.get(id)?.quantity ?? 0);
  const free = sku.stock - sku.held - sku.sold + dueUnits;
  return { ledger, due, sweepFirst: ledger.overdueUnits > 0 && free < wanted };
}

function namedReservations(store: SkuStore, sku: string, flat: readonly Request[]): Reservation[] {
  const ids = flat.flatMap(({ command }) => ("id" in command && command.type !== "reserve" ? [command.id] : []));
  return ids.length === 0 ? [] : store.reservations(sku, ids);
}

function unitsOfAll(store: SkuStore, now: number, ledger: Ledger, flat: readonly Request[]): Map<string, number> {
  const customers = new Set(flat.flatMap(({ command }) => (command.type === "reserve" ? [command.customer] : [])));
  for (const { customer } of ledger.reservations.values()) customers.add(customer);
  return customers.size === 0 ? new Map() : store.liveUnits([...customers], now);
}
