import type { Outcome, Refusal } from "./command.ts";
import type { EventType, Reservation, Sku, SkuEvent, SkuView } from "./model.ts";
import { assertConserved, liveUnits, stockLevel } from "./stock.ts";

/** The first answer to an idempotency key, and the content it was given for. */
export interface Answer {
  content: string;
  outcome: Outcome;
}

/**
 * The working set of one transaction: the facts that were gathered for its commands, changed in place as they are
 * judged, and what has to be written. Whoever fills it promises that every reservation, key and customer the commands
 * name is in it, that dead holds among those reservations were expired first, and that no command needs units that are
 * among the overdue ones.
 */
export interface Ledger {
  readonly now: number;
  sku: Sku | null;
  reservations: Map<string, Reservation>;
  unitsByCustomer: Map<string, number>;
  answers: Map<string, Answer>;
  /** Units of dead holds that are left for a later sweep. */
  overdueUnits: number;
  events: SkuEvent[];
  /** Reservations to be written, and those among them that are new. */
  changedReservations: Set<string>;
  newReservations: Set<string>;
  newKeys: Set<string>;
}

/** One change that a rule asks for. Counts that are not named stay as they are. */
export interface Change {
  type: EventType;
  dStock?: number;
  dHeld?: number;
  dSold?: number;
  reservation?: Reservation;
  sku?: Partial<Pick<Sku, "name" | "policy" | "revision" | "phase">>;
  detail?: Record<string, unknown>;
}

/** What a rule decides. `refused` with a change is the one refusal that is written: the final `refundRequired`. */
export type Ruling =
  | { kind: "refused"; refusal: Refusal; change?: Change }
  | { kind: "changed"; change: Change }
  | { kind: "unchanged" };

/** An empty ledger at `now`, with the SKU as it was last committed. */
export function openLedger(now: number, sku: Sku | null): Ledger {
  return {
    now,
    sku,
    reservations: new Map(),
    unitsByCustomer: new Map(),
    answers: new Map(),
    overdueUnits: 0,
    events: [],
    changedReservations: new Set(),
    newReservations: new Set(),
    newKeys: new Set(),
  };
}

/** The SKU of a ledger that is known to have one. */
export function skuOf(ledger: Ledger): Sku {
  if (ledger.sku === null) throw new Error("this transaction has no SKU");
  return ledger.sku;
}

/** Units of a customer that count against limits. Throws when the shell forgot to gather them. */
export function unitsOf(ledger: Ledger, customer: string): number {
  const units = ledger.unitsByCustomer.get(customer);
  if (units === undefined) throw new Error("the units of this customer were not gathered");
  return units;
}

/** Carries out a change: counters, version, the reservation, the customer's units and the event, all or (by throwing) none. */
export function apply(ledger: Ledger, change: Change): void {
  const { dStock = 0, dHeld = 0, dSold = 0 } = change;
  const before = skuOf(ledger);
  const version = before.version + 1;
  const sku = {
    ...before,
    ...change.sku,
    stock: before.stock + dStock,
    held: before.held + dHeld,
    sold: before.sold + dSold,
    version,
    updatedAt: ledger.now,
  };
  assertConserved(sku);
  ledger.sku = sku;
  const reservation = change.reservation ? { ...change.reservation, version } : null;
  if (reservation) keep(ledger, reservation);
  if (reservation && change.type === "reservation.held") ledger.newReservations.add(reservation.id);
  ledger.events.push({
    sequence: version,
    type: change.type,
    time: ledger.now,
    dStock,
    dHeld,
    dSold,
    reservation,
    detail: change.detail ?? null,
  });
}

function keep(ledger: Ledger, reservation: Reservation): void {
  const before = ledger.reservations.get(reservation.id);
  const units = ledger.unitsByCustomer.get(reservation.customer);
  if (units !== undefined) {
    const moved = liveUnits(reservation, ledger.now) - (before ? liveUnits(before, ledger.now) : 0);
    ledger.unitsByCustomer.set(reservation.customer, units + moved);
  }
  ledger.reservations.set(reservation.id, reservation);
  ledger.changedReservations.add(reservation.id);
}

/** The whole SKU as it stands in this transaction; dead holds that wait for a sweep count as free. */
export function viewSku(ledger: Ledger): SkuView {
  const sku = skuOf(ledger);
  const { state, available, low } = stockLevel(sku, ledger.now, ledger.overdueUnits);
  return { ...sku, held: sku.held - ledger.overdueUnits, state, available, low };
}
