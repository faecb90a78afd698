import { z } from "zod";
import { skuName } from "../contracts/names.ts";
import { eventPage, eventPageQuery, movementPage, movementPageQuery } from "../contracts/page.ts";
import { problem } from "../contracts/present.ts";
import { eventToWire, movementToWire } from "../contracts/present-event.ts";
import type { LoggedEvent } from "../domain/log.ts";
import { type FeedPage, readLog, readSkuEvents } from "../storage/d1-log.ts";
import type { App, Callers } from "./auth.ts";
import { notFound } from "./auth.ts";
import { CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { AS_OF } from "./lists.ts";
import { pageAnswer } from "./pages.ts";
import { problemResponse } from "./responses.ts";
import type { Call } from "./route.ts";

/** The feeds of events: all of them, or those that moved stock. */
export function addEvents(app: App): void {
  addFeed(app);
  addMovements(app);
}

function addFeed(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/events",
      operationId: "listEvents",
      summary: "Read events, in order and without gaps",
      callers: ["storefront", "admin"],
      query: eventPageQuery,
      answers: {
        200: {
          description:
            "With `sku`, the events of that SKU, and `after` is the sequence of the last one that was read. Without, those " +
            `of all SKUs, carts and drops in the order in which they were recorded, and \`after\` is a position. ${AS_OF}`,
          schema: eventPage,
        },
      },
      problems: [...CALL_PROBLEMS, "gone"],
    },
    async (call) => {
      const { sku, after, limit } = call.query;
      const { DB } = call.context.env;
      if (sku !== undefined) return ofSku(call, sku, await readSkuEvents(DB, "event", sku, after, limit), eventToWire);
      return answer(after, await readLog(DB, after, limit), eventToWire, ({ position }) => position);
    },
  );
}

function addMovements(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/skus/{sku}/movements",
      operationId: "listMovements",
      summary: "List the events that moved stock, in order",
      callers: ["admin"],
      params: z.object({ sku: skuName }),
      query: movementPageQuery,
      answers: { 200: { description: `\`nextCursor\` is the next \`after\`. ${AS_OF}`, schema: movementPage } },
      problems: [...CALL_PROBLEMS, "gone"],
    },
    async (call) => {
      const { sku } = call.params;
      const { after, limit } = call.query;
      return ofSku(call, sku, await readSkuEvents(call.context.env.DB, "movement", sku, after, limit), movementToWire);
    },
  );
}

async function ofSku(
  {
    context,
    audience,
    query,
  }: Pick<Call<Callers, unknown, { after: number }, unknown>, "context" | "audience" | "query">,
  sku: string,
  page: FeedPage,
  toWire: (event: LoggedEvent) => unknown,
): Promise<Response> {
  const isUnknown = page.asOf === null && (await context.env.SKU.getByName(sku).look()) === null;
  return isUnknown ? notFound(context, audience) : answer(query.after, page, toWire, ({ sequence }) => sequence);
}

/** A page of a feed, or `gone` if events between `after` and the page were removed. */
function answer(
  after: number,
  page: FeedPage,
  toWire: (event: LoggedEvent) => unknown,
  numberOf: (event: LoggedEvent) => number,
): Response {
  const { oldest } = page;
  if (after < oldest - 1) return problemResponse(problem("gone", undefined, { oldest }));
  return pageAnswer(page, toWire, (event) => String(numberOf(event)));
}
