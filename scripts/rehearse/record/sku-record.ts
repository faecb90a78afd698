import type { z } from "zod";
import type { movementView } from "../../../src/contracts/event.ts";
import { movementPage, reservationPage, skuPage } from "../../../src/contracts/page.ts";
import { ownView, reservationView } from "../../../src/contracts/reservation.ts";
import { trustedSku } from "../../../src/contracts/sku.ts";
import { type Api, must, type Tokens } from "../crowd/api.ts";
import { isLimited, type Sale } from "../crowd/sale.ts";
import type { Reservation, SkuBooks } from "../crowd/sku-books.ts";
import { readPages } from "./pages.ts";

const recordedMs = 60_000;
const pageSize = 200;
const movementPageSize = 1000;
const customersAskedMax = 500;

type Sku = z.infer<typeof trustedSku>;
export type Movement = z.infer<typeof movementView>;

/** What the service says of one SKU when all is over. */
export type SkuRecord = {
  /** From the object. */
  sku: Sku;
  reservations: Map<string, Reservation>;
  /** From D1. */
  skuRow: Sku | null;
  rows: Reservation[];
  movements: Movement[];
  /** How many units the object counts for each customer, where a limit of the SKU's own has it count. */
  unitsByCustomer: Map<string, number>;
  /** Whether D1 said in time that it has everything. */
  caughtUp: boolean;
};

/** Reads everything the service has on a SKU but its row, which is read with those of all SKUs. */
export async function readSkuRecord(
  api: Api,
  sale: Sale,
  name: string,
  tokens: Tokens,
  books: SkuBooks,
): Promise<Omit<SkuRecord, "skuRow">> {
  const caughtUp = await waitForD1(api, name, tokens);
  const sku = await readSku(api, name, tokens);
  const rows = await readRows(api, name, tokens);
  const movementsPath = `/v1/skus/${name}/movements?limit=${movementPageSize}`;
  const movements = await readPages(api, movementsPath, tokens.admin, movementPage, "after");
  const ids = new Set([...books.reservations.keys(), ...rows.map(({ id }) => id)]);
  const reservations = await readReservations(api, name, tokens, ids);
  const customers = new Set(Array.from(books.reservations.values(), ({ customer }) => customer));
  const isCounting = isLimited(sale, name) && sale.limit.scope === "sku";
  const asked = isCounting ? [...customers].slice(0, customersAskedMax) : [];
  return {
    sku,
    reservations,
    rows,
    movements,
    unitsByCustomer: await readUnits(api, name, tokens, asked),
    caughtUp,
  };
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
async function waitForD1(api: Api, sku: string, tokens: Tokens): Promise<boolean> {
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

async function readUnits(api: Api, sku: string, tokens: Tokens, customers: string[]): Promise<Map<string, number>> {
  const units = await Promise.all(
    customers.map(async (customer): Promise<[string, number]> => {
      const path = `/v1/skus/${sku}/me?customer=${encodeURIComponent(customer)}`;
      const call = { kind: null, method: "GET", path, token: tokens.storefront, answer: ownView } as const;
      return [customer, must(await api.call(call)).body.myUnits];
    }),
  );
  return new Map(units);
}
