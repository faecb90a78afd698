import { randomUUID } from "node:crypto";
import { reservationAnswer, reservationView } from "../../../src/contracts/reservation.ts";
import type { ApiResult } from "../api.ts";
import type { Reservation, ReservationAnswer } from "../books.ts";
import { confirmFault, extendFault, releaseFault, returnFault, withoutStock } from "../verdicts.ts";
import type { Action, DropShopper } from "./shopper.ts";
import { reserveFault } from "./verdicts.ts";

// Calls about single reservations. Each notes in the books what it was told, and judges the answer.

type Named = Pick<Reservation, "id" | "sku">;

export async function reserve(
  shopper: DropShopper,
  sku: string,
  quantity = 1,
  key: string = randomUUID(),
): Promise<ApiResult<ReservationAnswer>> {
  const { name: customer, world } = shopper;
  const { drop } = world;
  const books = world.books.of(sku);
  books.useKey(key);
  const body = { quantity, metadata: { key } };
  const path = `/v1/skus/${sku}/reservations`;
  const post = () => shopper.post("reserve", path, body, reservationAnswer, { key, ended: () => "held" });
  const [answer, claims] = await shopper.claiming([sku], post);
  shopper.judge(`reserve in ${sku}`, answer, reserveFault(answer, { drop, sku, customer, quantity, claims }));
  const span = drop.clock.span(answer);
  if (answer.ok) {
    books.keyAccepted(key, answer);
    world.books.isSureFrom(answer.body.id, span.to);
    tell(shopper, answer.body);
  } else {
    books.refuse(answer.problem);
    if (answer.problem.code === "insufficient-stock") books.stockRefusals.push({ customer, quantity, ...span });
  }
  return answer;
}

export async function onReservation(
  shopper: DropShopper,
  named: Named,
  action: Action,
  key: string = randomUUID(),
): Promise<ApiResult<ReservationAnswer>> {
  const { id, sku } = named;
  const { world } = shopper;
  const books = world.books.of(sku);
  const before = books.reservations.get(id);
  const orderId = `order-${id}`;
  const isSuperseded = books.superseded.has(id);
  const refunded = books.refunds.told(id, orderId);
  const ended = ({ rescued }: ReservationAnswer) => (action !== "confirm" ? "ok" : rescued ? "rescued" : "sold");
  books.useKey(key);
  const path = `/v1/skus/${sku}/reservations/${id}/${action}`;
  const post = () => shopper.act(action, path, action, orderId, reservationAnswer, { key, ended });
  const answer = action === "confirm" ? (await shopper.claiming([sku], post))[0] : await post();
  const span = world.drop.clock.span(answer);
  if (before !== undefined) {
    const paid = { before, isSuperseded, refunded, quantity: before.quantity, orderId, span };
    const faults = {
      confirm: () => confirmFault(answer, paid),
      extend: () => extendFault(answer, before, span),
      release: () => releaseFault(answer, before, span),
    };
    shopper.judge(`${action} ${id}`, answer, faults[action]());
  }
  if (answer.ok) {
    books.keyAccepted(key, answer);
    const end = answer.body.cart === null ? 0 : (world.books.cartEnds.get(answer.body.cart) ?? 0);
    if (answer.body.status === "expired" && span.to < end)
      shopper.surprise("a line is held until its cart ends", answer);
    tell(shopper, answer.body);
  } else if (action === "confirm") {
    books.refunds.add(id, orderId, answer.problem);
  }
  return answer;
}

/** Reads a hold that may have given way to a late payment, or have the time again that it had left. */
export async function reread(shopper: DropShopper, { id, sku }: Named): Promise<Reservation | null> {
  const path = `/v1/skus/${sku}/reservations/${id}`;
  const answer = await shopper.fetch("read own", "GET", path, reservationView);
  if (!answer.ok) return null;
  const books = shopper.world.books.of(sku);
  const { status, version } = answer.body;
  if (status === "released") books.superseded.add(id);
  if (version > (books.reservations.get(id)?.version ?? 0)) books.tell(answer.body);
  return answer.body;
}

/** Gives units that were bought back, to be sold again. */
export async function giveBack(shopper: DropShopper, { id, sku }: Named): Promise<void> {
  const { books, storefrontToken: token } = shopper.world;
  const before = books.of(sku).reservations.get(id);
  if (before === undefined) return;
  const path = `/v1/skus/${sku}/reservations/${id}/return`;
  const answer = await shopper.post("return", path, { restock: true }, reservationAnswer, { token, urgent: true });
  shopper.judge(
    `return ${id}`,
    answer,
    answer.ok && answer.replayed ? null : returnFault(answer, before, before.quantity),
  );
  if (answer.ok) tell(shopper, answer.body);
}

function tell({ world, claims }: DropShopper, answer: ReservationAnswer): void {
  // A line that had lapsed when it was to be given back may still be sold with its cart.
  if (answer.cart !== null && answer.status === "expired") return;
  const told = world.books.of(answer.sku).tell(withoutStock(answer));
  claims.single(told);
  if (told.status === "released" && !world.books.of(told.sku).superseded.has(told.id)) {
    world.books.givenBack.add(told.id);
  }
}
