import { z } from "zod";
import type { movementView } from "../../src/contracts/event.ts";
import { eventPage, movementPage, reservationPage, skuPage } from "../../src/contracts/page.ts";
import { ownView, reservationView } from "../../src/contracts/reservation.ts";
import { trustedSku } from "../../src/contracts/sku.ts";
import type { Api } from "./api.ts";
import type { Books, Reservation } from "./books.ts";
import { type Drop, must } from "./drop.ts";

const holdsEndMs = 20_000;
const recordedMs = 60_000;
const pollMs = 250;
const pageSize = 200;
const movementPageSize = 1000;
const customersAskedMax = 500;

const refundEvent = z.object({
  type: z.literal("reservation.refund_required"),
  sequence: z.int(),
  data: z.object({
    refund: z.object({ orderId: z.string().nullable() }),
    reservation: z.object({ id: z.string() }),
  }),
});
export type RefundEvent = z.infer<typeof refundEvent>;

export type Sku = z.infer<typeof trustedSku>;
export type Movement = z.infer<typeof movementView>;
export type Tokens = { admin: string; storefront: string };

/** What the service says of one SKU when all is over. */
export type SkuRecord = {
  /** From the object. */
  sku: Sku;
  reservations: Map<string, Reservation>;
  /** From D1. */
  skuRow: Sku | null;
  rows: Reservation[];
  movements: Movement[];
  /** The events of money that goes back. */
  refunds: RefundEvent[];
  /** Whether D1 said in time that it has everything. */
  caughtUp: boolean;
};

export type ServiceRecord = SkuRecord & { unitsByCustomer: Map<string, number> };

/** Waits until no hold is left; the alarm has to see to that, but gets no longer than any hold may last. */
export async function waitForHolds(
  api: Api,
  drop: Drop,
  tokens: Tokens,
  onLook: (held: number) => void,
): Promise<void> {
  const deadline = Date.now() + holdsEndMs;
  for (;;) {
    const { held } = await readSku(api, drop.sku, tokens);
    onLook(held);
    if (held === 0 || Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Reads everything the service has on the drop, once from the object and once from D1. */
export async function readRecord(api: Api, drop: Drop, tokens: Tokens, books: Books): Promise<ServiceRecord> {
  const customers = new Set([...books.reservations.values()].map(({ customer }) => customer));
  const record = await readSkuRecord(api, drop.sku, tokens, books.reservations.keys());
  const skuRows = await readSkuRows(api, tokens);
  return {
    ...record,
    skuRow: skuRows.get(drop.sku) ?? null,
    unitsByCustomer: await readUnits(api, drop, tokens, [...customers].slice(0, customersAskedMax)),
  };
}

/** All of it but the SKU's row, which is read with those of all SKUs; `told` are reservations that have to be there. */
export async function readSkuRecord(
  api: Api,
  name: string,
  tokens: Tokens,
  told: Iterable<string>,
): Promise<Omit<SkuRecord, "skuRow">> {
  const caughtUp = await waitForD1(api, name, tokens);
  const sku = await readSku(api, name, tokens);
  const rows = await readRows(api, name, tokens);
  const path = `/v1/skus/${name}/movements?limit=${movementPageSize}`;
  const movements = await readPages(api, path, tokens.admin, movementPage, "after");
  const events = await readPages(
    api,
    `/v1/events?sku=${name}&limit=${movementPageSize}`,
    tokens.storefront,
    eventPage,
    "after",
  );
  const refunds = events.flatMap((event) => refundEvent.safeParse(event).data ?? []);
  const ids = new Set([...told, ...rows.map(({ id }) => id)]);
  return { sku, reservations: await readReservations(api, name, tokens, ids), rows, movements, refunds, caughtUp };
}

/** A SKU's reservations, as D1 has them. */
export function readRows(api: Api, sku: string, tokens: Tokens): Promise<Reservation[]> {
  return readPages(api, `/v1/reservations?sku=${sku}&limit=${pageSize}`, tokens.storefront, reservationPage);
}

/** All SKUs, as D1 has them. */
export async function readSkuRows(api: Api, tokens: Tokens): Promise<Map<string, Sku>> {
  const rows = await readPages(api, `/v1/skus?limit=${pageSize}`, tokens.admin, skuPage);
  return new Map(rows.map((row) => [row.sku, row]));
}

/** An edit that changes nothing is answered when D1 has the version that it found. */
export async function waitForD1(api: Api, sku: string, tokens: Tokens): Promise<boolean> {
  const deadline = Date.now() + recordedMs;
  do {
    const answer = await api.call({
      kind: null,
      method: "PATCH",
      path: `/v1/skus/${sku}`,
      token: tokens.admin,
      body: {},
      wait: 10,
      answer: trustedSku,
    });
    if (must(answer).headers.get("Holdfast-Recorded") === "d1") return true;
  } while (Date.now() < deadline);
  return false;
}

/** A SKU as its object tells it. */
export async function readSku(api: Api, sku: string, tokens: Tokens): Promise<Sku> {
  const path = `/v1/skus/${sku}`;
  return must(await api.call({ kind: null, method: "GET", path, token: tokens.admin, answer: trustedSku })).body;
}

/** All items of a list, or those after `start`. */
export async function readPages<Item>(
  api: Api,
  path: string,
  token: string,
  page: z.ZodType<{ items: Item[]; nextCursor: string | null }>,
  cursorName = "cursor",
  start: string | null = null,
): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null = start;
  do {
    const after: string = next === null ? "" : `&${cursorName}=${encodeURIComponent(next)}`;
    const { body } = must(await api.call({ kind: null, method: "GET", path: `${path}${after}`, token, answer: page }));
    items.push(...body.items);
    next = body.nextCursor;
  } while (next !== null);
  return items;
}

/** Reservations as their object tells them, as far as they exist. */
async function readReservations(
  api: Api,
  sku: string,
  tokens: Tokens,
  ids: Iterable<string>,
): Promise<Map<string, Reservation>> {
  const found = await Promise.all(
    Array.from(ids, async (id) => {
      const path = `/v1/skus/${sku}/reservations/${id}`;
      const call = { kind: null, method: "GET", path, token: tokens.storefront, answer: reservationView } as const;
      const answer = await api.call(call);
      return answer.ok ? answer.body : null;
    }),
  );
  return new Map(
    found.filter((reservation) => reservation !== null).map((reservation) => [reservation.id, reservation]),
  );
}

async function readUnits(api: Api, drop: Drop, tokens: Tokens, customers: string[]): Promise<Map<string, number>> {
  const units = await Promise.all(
    customers.map(async (customer): Promise<[string, number]> => {
      const path = `/v1/skus/${drop.sku}/me?customer=${encodeURIComponent(customer)}`;
      const call = { kind: null, method: "GET", path, token: tokens.storefront, answer: ownView } as const;
      return [customer, must(await api.call(call)).body.myUnits];
    }),
  );
  return new Map(units);
}
