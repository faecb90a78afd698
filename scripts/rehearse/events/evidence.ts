import type { Api } from "../api.ts";
import type { Books } from "../books.ts";
import type { Journal } from "../journal.ts";
import type { SkuRecord, Tokens } from "../record.ts";
import type { Analytics } from "./analytics.ts";
import { readAnalytics } from "./analytics.ts";
import { type Logged, readFeed } from "./log.ts";
import { type Delivery, type Followed, type Following, readDeliveries, waitForEvents } from "./webhook.ts";

/** One SKU: what it is, what its feed and its figures say of it, and what callers were told. */
export type SkuNews = { record: SkuRecord; feed: Logged[]; analytics: Analytics; books: Books };

/** What left the service, in every way in which it does. */
export type News = Followed & {
  following: Following;
  deliveries: Delivery[];
  skus: Map<string, SkuNews>;
  /** How many calls were refused at most without anybody being told. */
  untold: number;
  /** Whether the service died on the way, with what it had only in memory. */
  wasKilled: boolean;
};

type Sources = {
  following: Following;
  records: ReadonlyMap<string, SkuRecord>;
  booksOf: (sku: string) => Books;
  journal: Journal;
  givenUp: number;
  wasKilled: boolean;
};

/** Waits until everything has arrived wherever it goes, and reads what there is. */
export async function gatherNews(
  api: Api,
  tokens: Tokens,
  { following, records, booksOf, journal, givenUp, wasKilled }: Sources,
  onLook: (missing: number) => void,
): Promise<News> {
  const endedAt = Date.now();
  const followed = await waitForEvents(api, tokens, following, onLook);
  const news = Array.from(records, async ([sku, record]): Promise<[string, SkuNews]> => {
    const books = booksOf(sku);
    const analytics = await readAnalytics(api, tokens, sku, books, endedAt);
    return [sku, { record, feed: await readFeed(api, tokens, sku), analytics, books }];
  });
  return {
    following,
    ...followed,
    deliveries: await readDeliveries(api, tokens, following),
    skus: new Map(await Promise.all(news)),
    untold: journal.lost + journal.outages.length + givenUp,
    wasKilled,
  };
}
