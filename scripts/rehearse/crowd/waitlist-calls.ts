import { z } from "zod";
import { entryView } from "../../../src/contracts/waitlist.ts";
import type { ApiResult } from "./api.ts";
import type { EntryView } from "./books.ts";
import type { Shopper } from "./shopper.ts";

// Calls about places on the waitlist. Each notes in the books what it was told, and judges the answer.

export async function join(shopper: Shopper, sku: string, quantity = 1): Promise<ApiResult<EntryView>> {
  const { books, sale } = shopper.world;
  const ended = () => "waiting";
  const answer = await shopper.post("join", `/v1/skus/${sku}/waitlist`, { quantity }, entryView, { ended });
  if (!answer.ok) return answer;
  const { status, position, customer, id } = answer.body;
  const isFine = answer.replayed || (status === "waiting" && position !== null && customer === shopper.name);
  shopper.judge(`join ${sku}`, answer, isFine ? null : "not a place in the line");
  books.entries.set(id, answer.body);
  books.stoodUntil.set(id, sale.clock.span(answer).from);
  shopper.claims.entry(answer.body);
  return answer;
}

export async function readEntry(shopper: Shopper, { sku, id }: EntryView): Promise<EntryView | null> {
  const { books, sale } = shopper.world;
  const answer = await shopper.fetch("read entry", "GET", `/v1/skus/${sku}/waitlist/${id}`, entryView);
  const before = books.entries.get(id);
  if (!answer.ok || before === undefined) {
    shopper.surprise(`entry ${id} is there`, answer);
    return null;
  }
  const { status, position, reservation } = answer.body;
  const hasGoneBack = before.status !== "waiting" ? status === "waiting" : (position ?? 0) > (before.position ?? 0);
  shopper.judge(`read entry ${id}`, answer, hasGoneBack ? `it was ${before.status} ${before.position}` : null);
  const span = sale.clock.span(answer);
  books.entries.set(id, answer.body);
  if (status === "waiting") books.stoodUntil.set(id, span.from);
  if (status === "offered" && reservation !== null) books.isSureFrom(reservation, span.to);
  return answer.body;
}

/** Leaves the line; declines what is offered. */
export async function leave(shopper: Shopper, entry: EntryView): Promise<void> {
  const { books, sale } = shopper.world;
  const { sku, id } = entry;
  if (books.entries.get(id)?.status === "waiting") {
    books.stoodUntil.set(id, sale.clock.now() - sale.clock.toleranceMs);
  }
  const answer = await shopper.fetch("leave", "DELETE", `/v1/skus/${sku}/waitlist/${id}`, z.unknown());
  shopper.judge(`leave ${id}`, answer, answer.ok ? null : "whoever waits may leave");
  const left = await readEntry(shopper, entry);
  if (left?.status === "waiting" || left?.status === "offered") shopper.surprise(`entry ${id} has left`, answer);
}
