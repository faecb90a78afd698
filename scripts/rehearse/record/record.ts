import type { z } from "zod";
import { cartView } from "../../../src/contracts/cart.ts";
import { entryView } from "../../../src/contracts/waitlist.ts";
import type { Api, Tokens } from "../crowd/api.ts";
import type { Books, CartView, EntryView } from "../crowd/books.ts";
import type { Sale } from "../crowd/sale.ts";
import { reservationIn } from "./movements.ts";
import { readSku, readSkuRecord, readSkuRows, type SkuRecord } from "./sku-record.ts";

const holdsEndMs = 25_000;
const pollMs = 300;

/** What the service says when all is over. */
export type ServiceRecord = {
  skus: Map<string, SkuRecord>;
  carts: Map<string, CartView>;
  /** Carts that are there though nobody was told of them. */
  untoldCarts: Map<string, CartView>;
  entries: Map<string, EntryView>;
};

/** Waits until nothing is held any more; the alarms have to see to that, but get not much longer than any hold may last. */
export async function waitForHolds(
  api: Api,
  { stock }: Sale,
  tokens: Tokens,
  onLook: (held: number) => void,
): Promise<void> {
  const deadline = Date.now() + holdsEndMs;
  for (;;) {
    const skus = await Promise.all(Array.from(stock.keys(), (sku) => readSku(api, sku, tokens)));
    const held = skus.reduce((sum, sku) => sum + sku.held, 0);
    onLook(held);
    if (held === 0 || Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Reads everything that the service has on the sale, once from the objects and once from D1. */
export async function readRecord(api: Api, sale: Sale, tokens: Tokens, books: Books): Promise<ServiceRecord> {
  const read = await Promise.all(
    Array.from(
      sale.stock.keys(),
      async (sku) => [sku, await readSkuRecord(api, sale, sku, tokens, books.of(sku))] as const,
    ),
  );
  const rows = await readSkuRows(api, tokens);
  const { storefront } = tokens;
  const findCart = (id: string) => find(api, storefront, `/v1/carts/${id}`, cartView);
  const carts = Array.from(books.carts.keys(), findCart);
  const named = read.flatMap(([, { movements }]) => movements.flatMap((one) => reservationIn(one)?.cart ?? []));
  const untold = [...new Set(named)].filter((id) => !books.carts.has(id));
  const entries = Array.from(books.entries.values(), ({ id, sku }) =>
    find(api, storefront, `/v1/skus/${sku}/waitlist/${id}`, entryView),
  );
  return {
    skus: new Map(read.map(([sku, record]) => [sku, { ...record, skuRow: rows.get(sku) ?? null }])),
    carts: byId(await Promise.all(carts)),
    untoldCarts: byId(await Promise.all(untold.map(findCart))),
    entries: byId(await Promise.all(entries)),
  };
}

async function find<Schema extends z.ZodType>(
  api: Api,
  token: string,
  path: string,
  schema: Schema,
): Promise<z.infer<Schema> | null> {
  const answer = await api.call({ kind: null, method: "GET", path, token, answer: schema });
  return answer.ok ? answer.body : null;
}

function byId<View extends { id: string }>(found: readonly (View | null)[]): Map<string, View> {
  return new Map(found.filter((one) => one !== null).map((one) => [one.id, one]));
}
