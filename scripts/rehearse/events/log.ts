import type { z } from "zod";
import type { eventView } from "../../../src/contracts/event.ts";
import { eventPage } from "../../../src/contracts/page.ts";
import { type Api, must, type Tokens } from "../crowd/api.ts";
import { readPages } from "../record/pages.ts";

export type Logged = z.infer<typeof eventView>;

/** An event with its data beside the rest, so that what differs in two of them can be named. */
export function flat({ data, ...event }: Logged): { id: string } & Record<string, unknown> {
  return { ...data, ...event };
}

const pageSize = 1000;

/** The events of all streams that the log has after a position. */
export function readLog(api: Api, { storefront }: Tokens, after: number): Promise<Logged[]> {
  return readPages(api, `/v1/events?limit=${pageSize}`, storefront, eventPage, "after", String(after));
}

/** The events of one SKU, all of them. */
export function readFeed(api: Api, { storefront }: Tokens, sku: string): Promise<Logged[]> {
  return readPages(api, `/v1/events?sku=${sku}&limit=${pageSize}`, storefront, eventPage, "after");
}

/** The position of the newest event, found by halving: a service that has run for long has a long log. */
export async function newestPosition(api: Api, { storefront: token }: Tokens): Promise<number> {
  const isBefore = async (position: number) => {
    const path = `/v1/events?after=${position}&limit=1`;
    return must(await api.call({ kind: null, method: "GET", path, token, answer: eventPage })).body.items.length > 0;
  };
  if (!(await isBefore(0))) return 0;
  let before = 0;
  let notBefore = 1;
  while (await isBefore(notBefore)) {
    before = notBefore;
    notBefore *= 2;
  }
  while (notBefore - before > 1) {
    const middle = Math.floor((before + notBefore) / 2);
    if (await isBefore(middle)) before = middle;
    else notBefore = middle;
  }
  return notBefore;
}
