import { adjustSku, trustedSku } from "../../../src/contracts/sku.ts";
import { signToken } from "../../sign-token.ts";
import { Api } from "../api.ts";
import { type Customer, gatherCustomers } from "../crowd.ts";
import { must } from "../drop.ts";
import { Gate } from "../gate.ts";
import { Journal } from "../journal.ts";
import type { Options } from "../options.ts";
import type { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { Tokens } from "../record.ts";
import type { Rehearsed } from "../report.ts";
import { wholeAudit } from "./audit.ts";
import { WholeBooks } from "./books.ts";
import { announceWholeDrop, type WholeDrop } from "./drop.ts";
import { wholePlans } from "./plans.ts";
import { readWholeRecord, type WholeRecord, waitForEnd } from "./record.ts";
import { DropShopper, type WholeWorld } from "./shopper.ts";
import { WholeWatcher } from "./watcher.ts";

const callsAtOnceMax = 64;
const leadMs = 4000;
const arrivalMeanMs = 2500;
const arrivalMaxMs = 9000;
const earlyShare = 0.1;
const watchersMax = 30;
/** When the service is killed, counted from the opening: in the rush, and while holds lapse and people wait. */
const killsAtMs = [2500, 8000];
const probesMax = 40;
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
  const { shoppers, stock, seed } = options;
  const { url, secret } = target;
  const journal = new Journal();
  const books = new WholeBooks();
  const api = new Api(url, new Gate(callsAtOnceMax), journal, startedAt + 150_000 + shoppers * 50);
  const tokens: Tokens = {
    admin: await signToken(secret, { role: "admin", sub: "rehearsal-admin" }),
    storefront: await signToken(secret, { role: "storefront", sub: "rehearsal-shop" }),
  };
  const customers = await gatherCustomers(secret, shoppers, `shopper-${startedAt.toString(36)}`);
  const drop = await announceWholeDrop(api, tokens.admin, stock, leadMs);
  const watchers = openWatchers(url, drop, customers);
  try {
    const world: WholeWorld = { api, books, journal, drop, storefrontToken: tokens.storefront };
    progress.start("the sale", customers.length);
    const killing = killOnTheWay(target, drop, books);
    await runCrowd(world, customers, seed, () => progress.advance(1, `${journal.calls} calls`));
    await killing;
    const saleSeconds = (drop.clock.now() - drop.opensAt) / 1000;
    progress.start("the last holds", 1);
    await waitForEnd(api, drop, tokens, (held) => progress.advance(0, `${held} held`));
    progress.start("the audit", 1);
    const probed = await probeAllowances(world, tokens, customers, await readWholeRecord(api, drop, tokens, books));
    const record = await readWholeRecord(api, drop, tokens, books);
    await converge(watchers, record);
    const checks = wholeAudit({ drop, journal, books, record, watchers, ...probed });
    return { title: drop.drop, journal, checks, saleSeconds, totalSeconds: (Date.now() - startedAt) / 1000 };
  } finally {
    progress.stop();
    for (const watcher of watchers) watcher.close();
  }
}

function openWatchers(url: string, drop: WholeDrop, customers: readonly Customer[]): WholeWatcher[] {
  const skus = [...drop.sizes, drop.accessory];
  const owners = customers.slice(0, watchersMax - 10).map(({ name, token }) => ({ customer: name, token }));
  return [...owners, ...Array.from({ length: 10 }, () => null)].map((own) => new WholeWatcher(url, skus, own));
}

async function killOnTheWay({ kill }: WholeTarget, { opensAt, clock }: WholeDrop, books: WholeBooks): Promise<void> {
  if (kill === null) return;
  for (const afterMs of killsAtMs) {
    await clock.until(opensAt + afterMs);
    const from = clock.now();
    await kill();
    books.outages.push({ from, to: clock.now() });
  }
}

/** Lets everybody come, each by its own plan; resolves when the last has left. */
async function runCrowd(world: WholeWorld, customers: readonly Customer[], seed: number, onLeave: () => void) {
  const { clock, opensAt } = world.drop;
  const visits = customers.map(async ({ name, token }, index) => {
    const random = new Random(seed, index);
    const shopper = new DropShopper(world, name, token, random);
    const plan = random.weighted(wholePlans);
    try {
      if (random.chance(earlyShare)) {
        await clock.until(opensAt - random.between(300, 1500));
        const early = await shopper.reserve(shopper.size);
        if (clock.span(early).to < opensAt) shopper.expectRefusal("a claim before the opening", early, "not-open");
      }
      await clock.until(opensAt + random.wait(arrivalMeanMs, arrivalMaxMs));
      await plan(shopper);
    } catch (error) {
      world.journal.failures.push(`${name} gave up: ${error instanceof Error ? error.message : error}`);
    }
    onLeave();
  });
  await Promise.all(visits);
}

/** Whoever has nothing any more may have a pair again: were an allowance lost on the way, it would show here. */
async function probeAllowances(
  world: WholeWorld,
  { admin }: Tokens,
  customers: readonly Customer[],
  record: WholeRecord,
): Promise<{ lockedOut: string[]; probes: number }> {
  const { drop, api, books } = world;
  const [size = ""] = drop.sizes;
  const buyers = new Set<string>();
  for (const name of drop.sizes) {
    for (const { customer, status } of record.skus.get(name)?.reservations.values() ?? []) {
      if (status === "confirmed" || status === "held") buyers.add(customer);
    }
  }
  const tried = new Set([...books.carts.values(), ...books.reservations.values()].map(({ customer }) => customer));
  const probed = customers.filter(({ name }) => tried.has(name) && !buyers.has(name)).slice(0, probesMax);
  if (probed.length === 0) return { lockedOut: [], probes: 0 };
  const body = adjustSku.parse({ delta: probed.length, reason: "probes" });
  const path = `/v1/skus/${size}/adjustments`;
  must(await api.call({ kind: null, method: "POST", path, token: admin, body, answer: trustedSku }));
  const lockedOut: string[] = [];
  for (const { name, token } of probed) {
    const shopper = new DropShopper(world, name, token, new Random(0));
    const answer = await shopper.reserve(size);
    if (answer.ok) await shopper.onReservation(answer.body, "release");
    else lockedOut.push(`${name} was told ${JSON.stringify(answer.problem)}`);
  }
  return { lockedOut, probes: probed.length };
}

/** A Relay asks its SKUs every half minute: whoever missed a push when the service died has the newest by then. */
async function converge(watchers: readonly WholeWatcher[], record: WholeRecord): Promise<void> {
  const deadline = Date.now() + convergeMs;
  const isBehind = (watcher: WholeWatcher) =>
    [...record.skus].some(([sku, one]) => watcher.stock.get(sku)?.version !== one.sku.version);
  while (Date.now() < deadline && watchers.some(isBehind)) await new Promise((resolve) => setTimeout(resolve, 100));
}
