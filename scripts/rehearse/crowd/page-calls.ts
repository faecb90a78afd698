import { z } from "zod";
import { cartView } from "../../../src/contracts/cart.ts";
import { ownView, reservationView } from "../../../src/contracts/reservation.ts";
import { publicSku } from "../../../src/contracts/sku.ts";
import type { CartView, EntryView } from "./books.ts";
import { deadWithin, unitsWithin } from "./reservation-verdicts.ts";
import type { Shopper } from "./shopper.ts";
import type { Reservation } from "./sku-books.ts";

// What a page shows, and what it must not. Each call judges the answer.

/** The product page. */
export async function lookAt(shopper: Shopper, sku: string): Promise<void> {
  const answer = await shopper.fetch("read SKU", "GET", `/v1/skus/${sku}`, publicSku);
  const stock = shopper.world.sale.stock.get(sku) ?? 0;
  const isShown = answer.ok && answer.body.available <= stock && !("sold" in answer.body);
  shopper.judge("read the SKU", answer, isShown ? null : "not the public's view");
}

/** A reload of the product page, which has to find the holds again of a customer without carts. */
export async function reload(shopper: Shopper, sku: string): Promise<void> {
  const own = shopper.claims.singlesOf(sku);
  const answer = await shopper.fetch("read own", "GET", `/v1/skus/${sku}/me`, ownView);
  const span = shopper.world.sale.clock.span(answer);
  const fault = answer.ok ? ownFault(answer.body, own, shopper.name, span) : "it could be read";
  shopper.judge("read one's own", answer, fault);
}

function ownFault(
  { myUnits, reservations }: z.infer<typeof ownView>,
  own: readonly Reservation[],
  name: string,
  span: { from: number; to: number },
): string | null {
  const units = unitsWithin(own, span);
  if (myUnits < units.least || myUnits > units.most) return `it has ${units.least} to ${units.most}, not ${myUnits}`;
  const shown = new Set(reservations.map(({ id }) => id));
  const alive = own.filter((mine) => mine.status === "held" && deadWithin(mine, span) === false);
  const missing = alive.filter(({ id }) => !shown.has(id));
  if (missing.length > 0) return `${missing.map(({ id }) => id).join(", ")} is missing`;
  return reservations.every(({ customer }) => customer === name) ? null : "it shows somebody else's";
}

/** Somebody else's reservation: it must look as if there were none. */
export async function meddleWithReservation(shopper: Shopper, { id, sku }: Reservation): Promise<void> {
  const path = `/v1/skus/${sku}/reservations/${id}`;
  const read = await shopper.fetch("meddle", "GET", path, reservationView);
  const release = await shopper.post("meddle", `${path}/release`, {}, reservationView);
  for (const answer of [read, release]) shopper.expectRefusal("somebody else's reservation", answer, "not-found");
}

/** Somebody else's cart and place on a waitlist: as if they were not there. */
export async function meddleWithCart(shopper: Shopper, { id }: CartView, entry: EntryView | undefined): Promise<void> {
  const release = await shopper.post("meddle", `/v1/carts/${id}/release`, {}, cartView);
  shopper.expectRefusal("somebody else's cart", release, "not-found");
  if (entry === undefined) return;
  const path = `/v1/skus/${entry.sku}/waitlist/${entry.id}`;
  const leave = await shopper.fetch("meddle", "DELETE", path, z.unknown());
  shopper.expectRefusal("somebody else's place", leave, "not-found");
}
