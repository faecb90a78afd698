import { signToken } from "../sign-token.ts";
import { Api } from "./api.ts";
import { audit } from "./audit.ts";
import { Books } from "./books.ts";
import { gatherCustomers, openWatchers, runCrowd } from "./crowd.ts";
import { announceDrop } from "./drop.ts";
import { gatherNews } from "./events/evidence.ts";
import { followEvents, stopFollowing } from "./events/webhook.ts";
import { readable } from "./evidence.ts";
import { Gate } from "./gate.ts";
import { Journal } from "./journal.ts";
import type { Options } from "./options.ts";
import type { Progress } from "./progress.ts";
import { readRecord, type Tokens, waitForHolds } from "./record.ts";
import { replayMovements } from "./replay.ts";
import type { Rehearsed } from "./report.ts";
import type { Watcher } from "./watcher.ts";

const callsAtOnceMax = 128;
const leadMs = 3500;
const convergeMs = 3000;
const probesMax = 200;
const faultsShown = 5;
const timeLimitMs = (shoppers: number) => 190_000 + shoppers * 30;

export type Target = { url: string; secret: string };

/** Rehearses one drop from its announcement to its audit. Rejects only when the service cannot be used at all. */
export async function rehearse(options: Options, { url, secret }: Target, progress: Progress): Promise<Rehearsed> {
  const startedAt = Date.now();
  const journal = new Journal();
  const books = new Books();
  const api = new Api(url, new Gate(callsAtOnceMax), journal, startedAt + timeLimitMs(options.shoppers));
  const tokens: Tokens = {
    admin: await signToken(secret, { role: "admin", sub: "rehearsal-admin" }),
    storefront: await signToken(secret, { role: "storefront", sub: "rehearsal-shop" }),
  };
  const customers = await gatherCustomers(secret, options.shoppers, `shopper-${startedAt.toString(36)}`);
  const following = await followEvents(api, tokens, options.seed);
  const drop = await announceDrop(api, tokens.admin, options.stock, leadMs);
  const watchers = await openWatchers(url, drop.sku, customers);
  try {
    const world = { api, books, journal, drop, storefrontToken: tokens.storefront, probesLeft: probesMax };
    progress.start("the sale", customers.length);
    await runCrowd(world, customers, options.seed, () => progress.advance(1, `${journal.calls} calls`));
    const saleSeconds = (drop.clock.now() - drop.opensAt) / 1000;

    progress.start("the last holds", 1);
    await waitForHolds(api, drop, tokens, (held) => progress.advance(0, `${held} held`));
    progress.start("the audit", 1);
    const record = await readRecord(api, drop, tokens, books);
    await converge(watchers, record.sku.version);
    progress.start("the last events", 1);
    const news = await gatherNews(
      api,
      tokens,
      {
        following,
        records: new Map([[drop.sku, record]]),
        booksOf: () => books,
        journal,
        givenUp: 0,
        wasKilled: false,
      },
      (missing) => progress.advance(0, `${missing} missing`),
    );
    const replay = replayMovements(record.movements, drop.terms.perCustomerLimit, record.rows);
    const checks = audit({ drop, journal, books, record, replay, watchers, news });
    const { sku } = record;
    const title = `${sku.sku}, version ${readable(sku.version)}, ${sku.state}`;
    return { title, journal, checks, saleSeconds, totalSeconds: (Date.now() - startedAt) / 1000 };
  } catch (error) {
    throw new Error([error instanceof Error ? error.message : error, ...firstFaults(journal)].join("\n  "), {
      cause: error,
    });
  } finally {
    progress.stop();
    for (const watcher of watchers) watcher.close();
    await stopFollowing(api, tokens, following).catch(() => {});
  }
}

/** Why the service could not even be audited shows best in what went wrong first. */
function firstFaults({ failures, surprises }: Journal): string[] {
  return [...failures.slice(0, faultsShown), ...surprises.slice(0, faultsShown)];
}

/** Gives the last frames a moment to arrive; who lacks them after that is the audit's business. */
async function converge(watchers: readonly Watcher[], version: number): Promise<void> {
  const deadline = Date.now() + convergeMs;
  while (Date.now() < deadline && watchers.some(({ stock }) => stock?.version !== version)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
