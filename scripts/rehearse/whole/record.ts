import { cartView } from "../../../src/contracts/cart.ts";
import { entryView } from "../../../src/contracts/waitlist.ts";
import type { Api } from "../api.ts";
import {
  type Movement,
  readMovements,
  readReservations,
  readRows,
  readSku,
  readSkuRows,
  type Sku,
  type Tokens,
  waitForD1,
} from "../record.ts";
import type { CartView, EntryView, ReservationView, WholeBooks } from "./books.ts";
import type { WholeDrop } from "./drop.ts";

const holdsEndMs = 25_000;
const pollMs = 300;

/** What the service says of one SKU when all is over. */
export type SkuRecord = {
  sku: Sku;
  row: Sku | null;
  rows: ReservationView[];
  reservations: Map<string, ReservationView>;
  movements: Movement[];
  caughtUp: boolean;
};

/** What it says of the whole drop. */
export type WholeRecord = {
  skus: Map<string, SkuRecord>;
  carts: Map<string, CartView>;
  entries: Map<string, EntryView>;
};

/** Waits until nothing is held or waited for any more, but no longer than any hold may last. */
export async function waitForEnd(api: Api, drop: WholeDrop, tokens: Tokens, onLook: (held: number) => void) {
  const deadline = Date.now() + holdsEndMs;
  for (;;) {
    const skus = await Promise.all([...drop.sizes, drop.accessory].map((sku) => readSku(api, sku, tokens)));
    const held = skus.reduce((sum, sku) => sum + sku.held, 0);
    onLook(held);
    if (held === 0 || Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Reads everything the service has on the drop. */
export async function readWholeRecord(
  api: Api,
  drop: WholeDrop,
  tokens: Tokens,
  books: WholeBooks,
): Promise<WholeRecord> {
  const skuRows = new Map<string, Sku>();
  const skus = new Map<string, SkuRecord>();
  for (const sku of [...drop.sizes, drop.accessory]) {
    const caughtUp = await waitForD1(api, sku, tokens);
    const rows = await readRows(api, sku, tokens);
    const movements = await readMovements(api, sku, tokens);
    const told = [...books.reservations.values()].filter((reservation) => reservation.sku === sku);
    const ids = new Set([...told, ...rows].map(({ id }) => id));
    const reservations = await readReservations(api, sku, tokens, ids);
    skus.set(sku, { sku: await readSku(api, sku, tokens), row: null, rows, reservations, movements, caughtUp });
  }
  for (const row of await readSkuRows(api, tokens)) skuRows.set(row.sku, row);
  for (const [sku, record] of skus) record.row = skuRows.get(sku) ?? null;
  return { skus, carts: await readCarts(api, tokens, books), entries: await readEntries(api, tokens, books) };
}

async function readCarts(api: Api, { storefront: token }: Tokens, books: WholeBooks): Promise<Map<string, CartView>> {
  const found = new Map<string, CartView>();
  for (const id of books.carts.keys()) {
    const path = `/v1/carts/${id}`;
    const answer = await api.call({ kind: null, method: "GET", path, token, answer: cartView });
    if (answer.ok) found.set(id, answer.body);
  }
  return found;
}

async function readEntries(
  api: Api,
  { storefront: token }: Tokens,
  books: WholeBooks,
): Promise<Map<string, EntryView>> {
  const found = new Map<string, EntryView>();
  for (const { id, sku } of books.entries.values()) {
    const path = `/v1/skus/${sku}/waitlist/${id}`;
    const answer = await api.call({ kind: null, method: "GET", path, token, answer: entryView });
    if (answer.ok) found.set(id, answer.body);
  }
  return found;
}
