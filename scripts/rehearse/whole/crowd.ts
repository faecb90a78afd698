import { LostCall } from "../api.ts";
import type { Random } from "../random.ts";
import type { WholeBooks } from "./books.ts";
import { openCart } from "./cart-calls.ts";
import type { WholeDrop } from "./drop.ts";
import { wholePlans } from "./plans.ts";
import { reserve } from "./reservation-calls.ts";
import type { DropShopper } from "./shopper.ts";
import { join } from "./waitlist-calls.ts";

const arrivalMeanMs = 2500;
const arrivalMaxMs = 9000;
const earlyShare = 0.12;
/** When the service is killed, counted from the opening: in the rush, and while holds lapse and people wait. */
const killsMs = [
  { from: 1500, to: 3500 },
  { from: 6500, to: 9500 },
];

/** Lets everybody come, each by its own plan; resolves when the last has left. */
export async function runCrowd(shoppers: readonly DropShopper[], onLeave: () => void): Promise<void> {
  await Promise.all(
    shoppers.map(async (shopper) => {
      try {
        await visit(shopper);
      } catch (error) {
        const { books, journal } = shopper.world;
        const why = error instanceof Error ? error.message : error;
        if (error instanceof LostCall) books.givenUp += 1;
        else journal.failures.push(`${shopper.name} gave up: ${why}`);
      }
      onLeave();
    }),
  );
}

async function visit(shopper: DropShopper): Promise<void> {
  const { random, world } = shopper;
  const { clock, opensAt, accessory } = world.drop;
  const plan = random.weighted(wholePlans);
  if (random.chance(earlyShare)) {
    await clock.until(opensAt - random.between(0, 1500));
    const kind = random.next();
    if (kind < 0.6) await reserve(shopper, shopper.size);
    else if (kind < 0.85) await openCart(shopper, [shopper.size, accessory]);
    else await joinEarly(shopper);
  }
  await clock.until(opensAt + random.wait(arrivalMeanMs, arrivalMaxMs));
  await plan(shopper);
}

/** There is no waiting for what is not on sale yet; who comes at the very second finds units. */
async function joinEarly(shopper: DropShopper): Promise<void> {
  const { clock, opensAt } = shopper.world.drop;
  const joined = await join(shopper, shopper.size);
  const codes = clock.span(joined).to < opensAt ? ["not-open"] : ["not-open", "stock-available"];
  shopper.expectRefusal("joining before the opening", joined, ...codes);
}

/** Kills the service now and then, and notes for how long it was away. */
export async function killOnTheWay(
  kill: (() => Promise<void>) | null,
  { opensAt, clock }: WholeDrop,
  books: WholeBooks,
  random: Random,
): Promise<void> {
  if (kill === null) return;
  for (const { from: least, to: most } of killsMs) {
    await clock.until(opensAt + random.between(least, most));
    const outage = { from: clock.now(), to: Number.POSITIVE_INFINITY };
    books.outages.push(outage);
    await kill();
    outage.to = clock.now();
  }
}
