import { skuOf, type UnitOfWork } from "../../domain/unit-of-work.ts";
import type { Stores } from "./stores.ts";

/** Writes what a transaction has decided. */
export function writeWork(stores: Stores, work: UnitOfWork): void {
  const sku = skuOf(work);
  stores.sku.saveSku(sku);
  writeReservations(stores, work);
  for (const event of work.events) stores.sku.addEvent(event);
  for (const key of work.removedKeys) stores.answers.remove(key);
  for (const key of work.newKeys) {
    const answer = work.answers.get(key);
    if (answer) stores.answers.save(key, answer, sku.version, work.now);
  }
  writeEntries(stores, work);
  for (const customer of work.turns.changed) {
    const abandons = work.turns.abandons.get(customer);
    if (abandons) stores.abandons.save(customer, abandons);
  }
}

/** A try that was made and cancelled within the transaction was never written. */
function writeReservations({ sku: store }: Stores, work: UnitOfWork): void {
  for (const id of work.removedReservations) if (!work.newReservations.has(id)) store.removeReservation(id);
  for (const id of work.changedReservations) {
    const reservation = work.reservations.get(id);
    if (reservation === undefined) continue;
    if (work.newReservations.has(id)) store.addReservation(reservation);
    else store.saveReservation(reservation);
  }
}

/** Ended entries are written first: a customer has one active entry at a time, and may leave and join again in one transaction. */
function writeEntries({ waitlist: store }: Stores, { waitlist: { changed, added, entries } }: UnitOfWork): void {
  const written = [...changed].flatMap((id) => entries.get(id) ?? []);
  for (const entry of written) if (!added.has(entry.id)) store.save(entry);
  for (const entry of written) if (added.has(entry.id)) store.add(entry);
}
