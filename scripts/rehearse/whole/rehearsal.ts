import { signToken } from "../../sign-token.ts";
import { Api } from "../api.ts";
import { type Customer, gatherCustomers } from "../crowd.ts";
import { gatherNews } from "../events/evidence.ts";
import { followEvents, stopFollowing } from "../events/webhook.ts";
import { Gate } from "../gate.ts";
import { Journal } from "../journal.ts";
import type { Options } from "../options.ts";
import type { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { Tokens } from "../record.ts";
import type { Rehearsed } from "../report.ts";
import { wholeAudit } from "./audit.ts";
import { WholeBooks } from "./books.ts";
import { killOnTheWay, runCrowd } from "./crowd.ts";
import { announceWholeDrop, skusOf, type WholeDrop } from "./drop.ts";
import { replaysOf } from "./evidence.ts";
import { probeAllowances } from "./probes.ts";
import { readWholeRecord, type WholeRecord, waitForEnd } from "./record.ts";
import { DropShopper, type WholeWorld } from "./shopper.ts";
import { WholeWatcher } from "./watcher.ts";

const callsAtOnceMax = 64;
const leadMs = 4000;
const ownWatchersMax = 40;
const strangers = 10;
const convergeMs = 35_000;

export type WholeTarget = {
  url: string;
  secret: string;
  /** Kills the service and brings it back; null for one that is not ours to kill. */
  kill: (() => Promise<void>) | null;
};

/** Rehearses a whole drop from its announcement to its audit. Rejects only when the service cannot be used at all. */
export async function rehearseWhole(options: Options, target: WholeTarget, progress: Progress): Promise<Rehearsed> {
  const startedAt = Date.now();
  const { shoppers: count, stock, seed } = options;
  const { url, secret } = target;
  const journal = new Journal();
  const books = new WholeBooks();
  const api = new Api(url, new Gate(callsAtOnceMax), journal, startedAt + 250_000 + count * 50);
  const tokens: Tokens = {
    admin: await signToken(secret, { role: "admin", sub: "rehearsal-admin" }),
    storefront: await signToken(secret, { role: "storefront", sub: "rehearsal-shop" }),
  };
  const customers = await gatherCustomers(secret, count, `shopper-${startedAt.toString(36)}`);
  const following = await followEvents(api, tokens, seed);
  const drop = await announceWholeDrop(api, tokens.admin, stock, leadMs);
  const watchers = openWatchers(url, drop, customers);
  try {
    const world: WholeWorld = { url, api, books, journal, drop, watchers, storefrontToken: tokens.storefront };
    const shoppers = customers.map(({ name, token }, index) => {
      return new DropShopper(world, name, token, new Random(seed, index));
    });
    progress.start("the sale", count);
    const killing = killOnTheWay(target.kill, drop, books, new Random(seed));
    await runCrowd(shoppers, () => progress.advance(1, `${journal.calls} calls`));
    await killing;
    const saleSeconds = (drop.clock.now() - drop.opensAt) / 1000;
    progress.start("the last holds", 1);
    await waitForEnd(api, drop, tokens, (held) => progress.advance(0, `${held} held`));
    progress.start("the audit", 1);
    const probed = await probeAllowances(api, drop, tokens, shoppers);
    const record = await readWholeRecord(api, drop, tokens, books);
    await converge(watchers, record);
    progress.start("the last events", 1);
    const { givenUp, outages } = books;
    const booksOf = (sku: string) => books.of(sku);
    const news = await gatherNews(
      api,
      tokens,
      { following, records: record.skus, booksOf, journal, givenUp, wasKilled: outages.length > 0 },
      (missing) => progress.advance(0, `${missing} missing`),
    );
    const checks = wholeAudit({ drop, journal, books, record, replays: replaysOf(record), watchers, probed, news });
    return { title: drop.drop, journal, checks, saleSeconds, totalSeconds: (Date.now() - startedAt) / 1000 };
  } finally {
    progress.stop();
    for (const watcher of watchers) watcher.close();
    await stopFollowing(api, tokens, following).catch(() => {});
  }
}

function openWatchers(url: string, drop: WholeDrop, customers: readonly Customer[]): WholeWatcher[] {
  const owners = customers.slice(0, ownWatchersMax).map(({ name, token }) => ({ customer: name, token }));
  const all = [...owners, ...Array.from({ length: strangers }, () => null)];
  return all.map((own) => new WholeWatcher(url, skusOf(drop), own));
}

/** A Relay asks its SKUs every half minute: whoever missed a push when the service died has the newest by then. */
async function converge(watchers: readonly WholeWatcher[], record: WholeRecord): Promise<void> {
  const deadline = Date.now() + convergeMs;
  const isBehind = ({ hasLeft, stock }: WholeWatcher) =>
    !hasLeft && [...record.skus].some(([sku, one]) => stock.get(sku)?.version !== one.sku.version);
  while (Date.now() < deadline && watchers.some(isBehind)) await new Promise((resolve) => setTimeout(resolve, 100));
}
