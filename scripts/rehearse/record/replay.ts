import { reservationView } from "../../../src/contracts/reservation.ts";
import type { Reservation } from "../crowd/sku-books.ts";
import type { Movement } from "./sku-record.ts";

export type Counts = { stock: number; held: number; sold: number };
/** How many units were free from an instant on. */
export type Step = { sequence: number; time: number; available: number; held: number };
export type Expiry = { id: string; dueAt: number; lateMs: number };

/** The record of a sale, played from its first event to its last. */
export type Replay = {
  counts: Counts;
  steps: Step[];
  /** Every reservation as the record last shows it moved. */
  reservations: Map<string, Reservation>;
  /** The reservations that each key made; a try that came to nothing is none. */
  heldByKey: Map<string, Set<string>>;
  expiries: Expiry[];
  /** Customers who had more units than the limit allows, and when. */
  overLimit: string[];
  /** Events that cannot be: out of order, below zero, about nothing. */
  impossible: string[];
};

/** Movements that are about stock alone. */
const ofStock = new Set(["sku.created", "stock.adjusted"]);

/** Metadata is told by one event only. */
const movedReservation = reservationView.partial({ metadata: true });

/**
 * Plays the movements; what cannot be is noted, never thrown. `limit`: units a customer may have of this SKU. Of a try that
 * came to nothing there is no row.
 */
export function replayMovements(movements: readonly Movement[], limit: number, rows: readonly Reservation[]): Replay {
  const metadata = new Map(rows.map((row) => [row.id, row.metadata]));
  const replay: Replay = {
    counts: { stock: 0, held: 0, sold: 0 },
    steps: [],
    reservations: new Map(),
    heldByKey: new Map(),
    expiries: [],
    overLimit: [],
    impossible: [],
  };
  const byCustomer = new Map<string, Set<string>>();
  for (const movement of movements) {
    move(replay, movement);
    const parsed = movedReservation.safeParse(movement.data.reservation);
    if (parsed.success) {
      const moved = { ...parsed.data, metadata: metadata.get(parsed.data.id) ?? {} };
      follow(replay, movement, moved, byCustomer, limit);
    } else if (!ofStock.has(movement.type)) replay.impossible.push(`${movement.id} is about no reservation`);
  }
  return replay;
}

function move(replay: Replay, { id, sequence, time, dStock, dHeld, dSold }: Movement): void {
  const { counts, steps } = replay;
  counts.stock += dStock;
  counts.held += dHeld;
  counts.sold += dSold;
  const available = counts.stock - counts.held - counts.sold;
  if (Math.min(counts.stock, counts.held, counts.sold, available) < 0) {
    replay.impossible.push(`${id} leaves ${JSON.stringify({ ...counts, available })}`);
  }
  const last = steps.at(-1);
  if (last && (sequence <= last.sequence || Date.parse(time) < last.time))
    replay.impossible.push(`${id} is out of order`);
  steps.push({ sequence, time: Date.parse(time), available, held: counts.held });
}

function follow(
  replay: Replay,
  { id, sequence, type, time }: Movement,
  reservation: Reservation,
  byCustomer: Map<string, Set<string>>,
  limit: number,
): void {
  const { reservations, heldByKey } = replay;
  if (reservation.version !== sequence) replay.impossible.push(`${id} shows version ${reservation.version}`);
  reservations.set(reservation.id, reservation);
  const own = byCustomer.get(reservation.customer) ?? new Set<string>();
  byCustomer.set(reservation.customer, own.add(reservation.id));

  const now = Date.parse(time);
  // Lines of carts and offers of the waitlist are made under no caller's key.
  const { key } = reservation.metadata;
  if (key !== undefined && (type === "reservation.held" || type === "reservation.tried")) {
    heldByKey.set(key, (heldByKey.get(key) ?? new Set()).add(reservation.id));
  }
  if (type === "reservation.expired") {
    const dueAt = Date.parse(reservation.expiresAt);
    replay.expiries.push({ id: reservation.id, dueAt, lateMs: now - dueAt });
  }
  // A cart's line is locked while its cart is paid for, and then its end does not matter.
  const isTimed = reservation.cart === null && !reservation.rescued;
  if (type === "reservation.confirmed" && isTimed && now >= Date.parse(reservation.expiresAt)) {
    replay.impossible.push(`${id} sells a dead hold as a live one`);
  }
  const units = [...own].reduce((sum, each) => sum + liveUnits(reservations.get(each), now), 0);
  if (units > limit) replay.overLimit.push(`${reservation.customer} had ${units} units at ${time}`);
}

/** Units that count against a limit: those of a dead hold that is not swept yet do not. */
export function liveUnits(reservation: Reservation | undefined, now: number): number {
  if (reservation === undefined) return 0;
  const { status, quantity, expiresAt, confirmedQuantity, returnedQuantity } = reservation;
  if (status === "held") return now < Date.parse(expiresAt) ? quantity : 0;
  return confirmedQuantity - returnedQuantity;
}
