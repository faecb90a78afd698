import type { z } from "zod";
import { movementPage, type movementView, reservationPage, skuPage } from "../../src/contracts/page.ts";
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

export type Sku = z.infer<typeof trustedSku>;
export type Movement = z.infer<typeof movementView>;
export type Tokens = { admin: string; storefront: string };

/** What the service says of itself when all is over. */
export type ServiceRecord = {
  /** From the object. */
  sku: Sku;
  reservations: Map<string, Reservation>;
  unitsByCustomer: Map<string, number>;
  /** From D1. */
  skuRow: Sku | null;
  rows: Reservation[];
  movements: Movement[];
  /** Whether D1 said in time that it has everything. */
  caughtUp: boolean;
};

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
  const caughtUp = await waitForD1(api, drop.sku, tokens);
  const sku = await readSku(api, drop.sku, tokens);
  const rows = await readRows(api, drop.sku, tokens);
  const movements = await readMovements(api, drop.sku, tokens);
  const skuRows = await readSkuRows(api, tokens);
  const ids = new Set([...books.reservations.keys(), ...rows.map(({ id }) => id)]);
  const customers = new Set([...books.reservations.values()].map(({ customer }) => customer));
  return {
    sku,
    reservations: await readReservations(api, drop.sku, tokens, ids),
    unitsByCustomer: await readUnits(api, drop, tokens, [...customers].slice(0, customersAskedMax)),
    skuRow: skuRows.find((row) => row.sku === drop.sku) ?? null,
    rows,
    movements,
    caughtUp,
  };
}

/** A SKU's reservations, as D1 has them. */
export function readRows(api: Api, sku: string, tokens: Tokens): Promise<Reservation[]> {
  return readPages(api, `/v1/reservations?sku=${sku}&limit=${pageSize}`, tokens.storefront, reservationPage);
}

/** The events that moved a SKU's stock, as D1 has them. */
export function readMovements(api: Api, sku: string, tokens: Tokens): Promise<Movement[]> {
  const path = `/v1/skus/${sku}/movements?limit=${movementPageSize}`;
  return readPages(api, path, tokens.admin, movementPage, "after");
}

/** All SKUs, as D1 has them. */
export function readSkuRows(api: Api, tokens: Tokens): Promise<Sku[]> {
  return readPages(api, `/v1/skus?limit=${pageSize}`, tokens.admin, skuPage);
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

async function readPages<Item>(
  api: Api,
  path: string,
  token: string,
  page: z.ZodType<{ items: Item[]; nextCursor: string | null }>,
  cursorName = "cursor",
): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null = null;
  do {
    const after: string = next === null ? "" : `&${cursorName}=${encodeURIComponent(next)}`;
    const { body } = must(await api.call({ kind: null, method: "GET", path: `${path}${after}`, token, answer: page }));
    items.push(...body.items);
    next = body.nextCursor;
  } while (next !== null);
  return items;
}

/** Reservations as their object tells them, as far as they exist. */
export async function readReservations(
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
