import type { Books, CartView, EntryView } from "../crowd/books.ts";
import type { Journal } from "../crowd/journal.ts";
import type { Sale } from "../crowd/sale.ts";
import type { SkuBooks } from "../crowd/sku-books.ts";
import type { Seen } from "../crowd/watcher.ts";
import type { Analytics } from "../events/analytics.ts";
import type { Logged } from "../events/log.ts";
import type { Receiver } from "../events/receiver.ts";
import type { Delivery, Followed, Following } from "../events/webhook.ts";
import type { Replay } from "../record/replay.ts";
import type { SkuRecord } from "../record/sku-record.ts";

/** Everything that an audit may look at: what callers were told, and what the service says when all is over. */
export type Evidence = {
  sale: Sale;
  journal: Journal;
  books: Books;
  skus: ReadonlyMap<string, SkuEvidence>;
  carts: ReadonlyMap<string, CartView>;
  /** Carts that are there though nobody was told of them. */
  untoldCarts: ReadonlyMap<string, CartView>;
  entries: ReadonlyMap<string, EntryView>;
  watchers: readonly Seen[];
  /** Null where nobody has tried anything at the end. */
  probed: Probed | null;
  /** What left the service. */
  events: Followed & {
    following: Omit<Following, "receiver"> & { receiver: Pick<Receiver, "inbox" | "moods"> };
    deliveries: readonly Delivery[];
  };
};

/** One SKU. */
export type SkuEvidence = {
  /** Units that were put up for sale. */
  units: number;
  books: SkuBooks;
  record: SkuRecord;
  /** Its record, played. */
  replay: Replay;
  /** Its events and its figures. */
  feed: readonly Logged[];
  analytics: Analytics;
};

/** What customers were told who asked for a unit when all was over. */
export type Probed = {
  free: number;
  owners: number;
  /** Those who had none and could not have one, and those who had one and got another. */
  wronged: string[];
};

/** One promise, the figures it was checked on, and what broke it; `isChecked` is false where the service did not let it be. */
export type Check = { promise: string; figures: string; offenders: string[]; isChecked?: false };

/** What a check of one SKU finds in all of them, each with the SKU's name. */
export function offendersIn(
  { skus }: Pick<Evidence, "skus">,
  find: (one: SkuEvidence, sku: string) => string[],
): string[] {
  return [...skus].flatMap(([sku, one]) => find(one, sku).map((offender) => `${sku}: ${offender}`));
}

/** A count over all SKUs. */
export function sumOf({ skus }: Pick<Evidence, "skus">, count: (one: SkuEvidence) => number): number {
  return [...skus.values()].reduce((sum, one) => sum + count(one), 0);
}

const numbers = new Intl.NumberFormat("en-US");

/** A count as people read it. */
export function readable(count: number): string {
  return numbers.format(count);
}

/** "1 unit", "2 units". */
export function counted(count: number, noun: string): string {
  return `${readable(count)} ${noun}${count === 1 ? "" : "s"}`;
}
