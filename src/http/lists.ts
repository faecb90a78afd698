import { reservationPage, reservationPageQuery, skuPage, skuPageQuery } from "../contracts/page.ts";
import { reservationToWire, skuToWire } from "../contracts/present.ts";
import { openUnitOfWork, viewSku } from "../domain/unit-of-work.ts";
import { readReservations, readSkus } from "../storage/d1-read.ts";
import type { App } from "./auth.ts";
import { CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { pageAnswer, readCursor, writeCursor } from "./pages.ts";
import { fail } from "./responses.ts";

/** The header that says how recent a list is. */
export const AS_OF = "`Holdfast-As-Of` is the time of the newest change that the list can know of.";

/** Lists, read from D1: they may lag, and `Holdfast-As-Of` says by how much. */
export function addLists(app: App): void {
  addSkuList(app);
  addReservationList(app);
}

function addSkuList(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/skus",
      operationId: "listSkus",
      summary: "List SKUs, by name",
      callers: ["admin"],
      query: skuPageQuery,
      answers: { 200: { description: AS_OF, schema: skuPage } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, query }) => {
      const start = readCursor("skus", query.cursor);
      if (start instanceof Response) return start;
      const page = await readSkus(context.env.DB, start.last ?? "", query.limit);
      const now = Date.now();
      return pageAnswer(
        page,
        (sku) => skuToWire(viewSku(openUnitOfWork(now, sku)), "trusted"),
        ({ sku }) => writeCursor("skus", sku),
      );
    },
  );
}

function addReservationList(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/v1/reservations",
      operationId: "listReservations",
      summary: "List reservations, newest first",
      callers: ["shopper", "storefront", "admin"],
      query: reservationPageQuery,
      answers: { 200: { description: `A shopper sees its own. ${AS_OF}`, schema: reservationPage } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, caller, query }) => {
      const { cursor, limit, sku, status } = query;
      const isShopper = caller.role === "shopper";
      if (isShopper && query.customer !== undefined && query.customer !== caller.sub) {
        return fail("forbidden", "customer: a shopper sees only its own reservations");
      }
      const filter = { customer: isShopper ? caller.sub : query.customer, sku, status };
      const start = readCursor(filter, cursor);
      if (start instanceof Response) return start;
      const page = await readReservations(context.env.DB, filter, start.last, limit);
      return pageAnswer(page, reservationToWire, ({ id }) => writeCursor(filter, id));
    },
  );
}
