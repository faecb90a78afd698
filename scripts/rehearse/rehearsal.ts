import { signToken } from "../sign-token.ts";
import type { Evidence, Probed, SkuEvidence } from "./audit/evidence.ts";
import { Api, type Tokens } from "./crowd/api.ts";
import { Books } from "./crowd/books.ts";
import { type Customer, gatherCustomers, runCrowd } from "./crowd/crowd.ts";
import { Gate } from "./crowd/gate.ts";
import { Journal } from "./crowd/journal.ts";
import { Random } from "./crowd/random.ts";
import { limitOf, type Sale } from "./crowd/sale.ts";
import { Shopper, type World } from "./crowd/shopper.ts";
import { Watcher } from "./crowd/watcher.ts";
import { readAnalytics } from "./events/analytics.ts";
import { readFeed } from "./events/log.ts";
import { type Following, followEvents, readDeliveries, stopFollowing, waitForEvents } from "./events/webhook.ts";
import { killOnTheWay } from "./kills.ts";
import type { Options } from "./options.ts";
import { readRecord, type ServiceRecord, waitForHolds } from "./record/record.ts";
import { replayMovements } from "./record/replay.ts";
import type { Progress } from "./report/progress.ts";
import { type Rehearsed, titleOf } from "./report/report.ts";
import type { Scenario } from "./scenarios/scenario.ts";

const leadMs = 4000;
const strangers = 10;
const probesMax = 200;
const faultsShown = 5;
const timeLimitMs = (shoppers: number) => 250_000 + shoppers * 50;

export type Target = {
  url: string;
  secret: string;
  /** Kills the service and brings it back; null for one that is not ours to kill. */
  kill: (() => Promise<void>) | null;
};

/** Rehearses a sale from its announcement to its audit. Rejects only when the service cannot be used at all. */
export async function rehearse(options: Options, target: Target, progress: Progress): Promise<Rehearsed> {
  const startedAt = Date.now();
  const { scenario, shoppers: count, stock, seed } = options;
  const { url, secret, kill } = target;
  const journal = new Journal();
  const books = new Books();
  const api = new Api(
    url,
    new Gate(scenario.callsAtOnceMax),
    journal,
    startedAt + timeLimitMs(count),
    () => books.isAway,
  );
  const tokens: Tokens = {
    admin: await signToken(secret, { role: "admin", sub: "rehearsal-admin" }),
    storefront: await signToken(secret, { role: "storefront", sub: "rehearsal-shop" }),
  };
  const customers = await gatherCustomers(secret, count, `shopper-${startedAt.toString(36)}`);
  const following = await followEvents(api, tokens, seed);
  const sale = await scenario.announce(api, tokens.admin, stock, leadMs);
  const watchers = openWatchers(url, scenario, sale, customers);
  try {
    await Promise.all(watchers.map((watcher) => watcher.opened()));
    const { feed } = scenario;
    const storefrontToken = tokens.storefront;
    const world: World = { url, api, books, journal, sale, feed, watchers, storefrontToken, probesLeft: probesMax };
    const shoppers = customers.map(
      ({ name, token }, index) => new Shopper(world, name, token, new Random(seed, index)),
    );
    progress.start("the sale", count);
    const killing = killOnTheWay(kill, scenario.kills, sale, books, new Random(seed));
    await runCrowd(shoppers, scenario.crowd, () => progress.advance(1, `${journal.calls} calls`));
    await killing;
    const saleSeconds = (sale.clock.now() - sale.opensAt) / 1000;

    progress.start("the last holds", 1);
    await waitForHolds(api, sale, tokens, (held) => progress.advance(0, `${held} held`));
    progress.start("the audit", 1);
    const probed = (await scenario.probe?.(api, sale, tokens, shoppers)) ?? null;
    const record = await readRecord(api, sale, tokens, books);
    await converge(watchers, record, scenario.convergeMs);
    progress.start("the last events", 1);
    const onLook = (missing: number) => progress.advance(0, `${missing} missing`);
    const evidence = await gatherEvidence(api, tokens, { world, record, probed, following }, onLook);
    const checks = scenario.checks.map((check) => check(evidence));
    return {
      title: titleOf(sale, record),
      journal,
      checks,
      saleSeconds,
      totalSeconds: (Date.now() - startedAt) / 1000,
    };
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

/** Some of the customers, and some passers-by, with the live feed open. */
function openWatchers(
  url: string,
  { feed, watching }: Scenario,
  sale: Sale,
  customers: readonly Customer[],
): Watcher[] {
  const owners = customers.slice(0, watching(customers.length)).map(({ name, token }) => ({ customer: name, token }));
  const all = [...owners, ...Array.from({ length: strangers }, () => null)];
  return all.map((own) => new Watcher(url, feed, [...sale.stock.keys()], own));
}

/** Gives the last frames a moment to arrive; who lacks them after that is the audit's business. */
async function converge(watchers: readonly Watcher[], { skus }: ServiceRecord, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  const isBehind = ({ hasLeft, stock }: Watcher) =>
    !hasLeft && [...skus].some(([name, { sku }]) => stock.get(name)?.version !== sku.version);
  while (Date.now() < deadline && watchers.some(isBehind)) await new Promise((resolve) => setTimeout(resolve, 50));
}

type Sources = { world: World; record: ServiceRecord; probed: Probed | null; following: Following };

/** Waits until everything has arrived wherever it goes, and puts all that is known together. */
async function gatherEvidence(
  api: Api,
  tokens: Tokens,
  { world: { sale, journal, books: all, watchers }, record, probed, following }: Sources,
  onLook: (missing: number) => void,
): Promise<Evidence> {
  const endedAt = Date.now();
  const followed = await waitForEvents(api, tokens, following, onLook);
  const skus = Array.from(record.skus, async ([name, one]): Promise<[string, SkuEvidence]> => {
    const books = all.of(name);
    const analytics = await readAnalytics(api, tokens, name, books, endedAt);
    const feed = await readFeed(api, tokens, name);
    // What a drop limits is counted over all of its SKUs.
    const limit = sale.limit.scope === "sku" ? limitOf(sale, name) : Number.POSITIVE_INFINITY;
    const replay = replayMovements(one.movements, limit, one.rows);
    return [name, { units: sale.stock.get(name) ?? 0, books, record: one, replay, feed, analytics }];
  });
  const deliveries = await readDeliveries(api, tokens, following);
  return {
    ...record,
    sale,
    journal,
    books: all,
    skus: new Map(await Promise.all(skus)),
    watchers,
    probed,
    events: { ...followed, following, deliveries },
  };
}

/** Why the service could not even be audited shows best in what went wrong first. */
function firstFaults({ failures, surprises }: Journal): string[] {
  return [...failures.slice(0, faultsShown), ...surprises.slice(0, faultsShown)];
}
