import type z from "zod";
import { analyticsView } from "../../../src/contracts/analytics.ts";
import { type Api, must, type Tokens } from "../crowd/api.ts";
import type { SkuBooks } from "../crowd/sku-books.ts";

export type Analytics = z.infer<typeof analyticsView>;

/** Counts of refusals leave every ten seconds, and then D1 has to take them. */
const refusalsMs = 15_000;
const pollMs = 500;
const spanMs = 60 * 60_000;
const bucketSeconds = 60;

/** A SKU's figures, read again until all refusals are counted or time has been enough since `endedAt`. */
export async function readAnalytics(
  api: Api,
  tokens: Tokens,
  sku: string,
  books: SkuBooks,
  endedAt: number,
): Promise<Analytics> {
  const expected = [...books.refused.values()].reduce((sum, { least }) => sum + least, 0);
  for (;;) {
    // The service's clock may be ahead of this machine's.
    const [from, to] = [-spanMs, bucketSeconds * 1000].map((ms) => new Date(Date.now() + ms).toISOString());
    const path = `/v1/skus/${sku}/analytics?from=${from}&to=${to}&bucketSeconds=${bucketSeconds}`;
    const call = { kind: null, method: "GET", path, token: tokens.storefront, answer: analyticsView } as const;
    const { body } = must(await api.call(call));
    const counted = Object.values(body.totals.refusals).reduce((sum, count) => sum + count, 0);
    if (counted >= expected || Date.now() > endedAt + refusalsMs) return body;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
