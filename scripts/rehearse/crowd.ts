import { signToken } from "../sign-token.ts";
import { plans } from "./plans.ts";
import { Random } from "./random.ts";
import { Shopper, type World } from "./shopper.ts";
import { Watcher } from "./watcher.ts";

const anonymousWatchers = 10;
const ownWatchersMax = 60;
const ownWatchersShare = 0.05;
const earlyShare = 0.1;
const earlyMs = 1500;
const arrivalMeanMs = 900;
const arrivalMaxMs = 5000;

export type Customer = { name: string; token: string };

/** Customers with a token each, named so that two rehearsals never share one. */
export async function gatherCustomers(secret: string, count: number, prefix: string): Promise<Customer[]> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(5, "0")}`);
  return Promise.all(
    names.map(async (name) => ({ name, token: await signToken(secret, { role: "shopper", sub: name }) })),
  );
}

/** Some of the customers, and some passers-by, with the live feed open. */
export function openWatchers(url: string, sku: string, customers: readonly Customer[]): Promise<Watcher[]> {
  const count = Math.min(ownWatchersMax, Math.max(1, Math.ceil(customers.length * ownWatchersShare)));
  const owners = customers.slice(0, count).map(({ name, token }) => ({ customer: name, token }));
  const strangers = Array.from({ length: anonymousWatchers }, () => null);
  return Promise.all([...owners, ...strangers].map((own) => Watcher.open(url, sku, own)));
}

/** Lets everybody come, each by its own plan; resolves when the last has left. */
export async function runCrowd(
  world: World,
  customers: readonly Customer[],
  seed: number,
  onLeave: () => void,
): Promise<void> {
  const visits = customers.map(async ({ name, token }, index) => {
    try {
      await visit(new Shopper(world, name, token, new Random(seed, index)));
    } catch (error) {
      world.journal.failures.push(`${name} gave up: ${error instanceof Error ? error.message : error}`);
    }
    onLeave();
  });
  await Promise.all(visits);
}

async function visit(shopper: Shopper): Promise<void> {
  const { random, world } = shopper;
  const { clock, opensAt } = world.drop;
  const plan = random.weighted(plans);
  if (random.chance(earlyShare)) {
    await clock.until(opensAt - random.between(0, earlyMs));
    await shopper.reserve(1);
  }
  await clock.until(opensAt + random.wait(arrivalMeanMs, arrivalMaxMs));
  if (random.chance(0.3)) await shopper.look();
  await plan(shopper);
}
