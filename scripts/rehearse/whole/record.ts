import type { z } from "zod";
import { cartView } from "../../../src/contracts/cart.ts";
import { entryView } from "../../../src/contracts/waitlist.ts";
import type { Api } from "../api.ts";
import { readSku, readSkuRecord, readSkuRows, type SkuRecord, type Tokens } from "../record.ts";
import { reservationIn } from "./audit-movements.ts";
import type { CartView, EntryView, WholeBooks } from "./books.ts";
import { skusOf, type WholeDrop } from "./drop.ts";

const holdsEndMs = 25_000;
const pollMs = 300;

/** What the service says of the whole drop when all is over. */
export type WholeRecord = {
  skus: Map<string, SkuRecord>;
  carts: Map<string, CartView>;
  /** Carts that are there though nobody was told of them. */
  untoldCarts: Map<string, CartView>;
  entries: Map<string, EntryView>;
};

/** Waits until nothing is held or waited for any more, but no longer than any hold may last. */
export async function waitForEnd(api: Api, drop: WholeDrop, tokens: Tokens, onLook: (held: number) => void) {
  const deadline = Date.now() + holdsEndMs;
  for (;;) {
    const skus = await Promise.all(skusOf(drop).map((sku) => readSku(api, sku, tokens)));
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
  const read = await Promise.all(
    skusOf(drop).map(async (sku) => {
      const told = books.of(sku).reservations.keys();
      return [sku, await readSkuRecord(api, sku, tokens, told)] as const;
    }),
  );
  const rows = await readSkuRows(api, tokens);
  const { storefront } = tokens;
  const findCart = (id: string) => find(api, storefront, `/v1/carts/${id}`, cartView);
  const carts = Array.from(books.carts.keys(), findCart);
  const named = read.flatMap(([, { movements }]) => movements.map((movement) => reservationIn(movement)?.cart ?? null));
  const untold = [...new Set(named)].filter((id) => id !== null && !books.carts.has(id)) as string[];
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
