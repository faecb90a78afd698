import { signToken } from "../../sign-token.ts";
import { LostCall } from "./api.ts";
import type { Shopper } from "./shopper.ts";

const earlyMs = 1500;

export type Customer = { name: string; token: string };
/** What somebody does from coming to leaving. */
export type Plan = (shopper: Shopper) => Promise<void>;

/** Who comes, when and what for. */
export type Crowd = {
  /** What people come for, and how many of a hundred. */
  plans: readonly (readonly [weight: number, plan: Plan])[];
  /** Which part of them is there before the opening, too, and what they do then. */
  earlyShare: number;
  comeEarly: Plan;
  /** How long after the opening they come: on average, and at most. */
  arrivalMeanMs: number;
  arrivalMaxMs: number;
};

/** Customers with a token each, named so that two rehearsals never share one. */
export async function gatherCustomers(secret: string, count: number, prefix: string): Promise<Customer[]> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(5, "0")}`);
  return Promise.all(
    names.map(async (name) => ({ name, token: await signToken(secret, { role: "shopper", sub: name }) })),
  );
}

/** Lets everybody come, each by its own plan; resolves when the last has left. */
export async function runCrowd(shoppers: readonly Shopper[], crowd: Crowd, onLeave: () => void): Promise<void> {
  await Promise.all(
    shoppers.map(async (shopper) => {
      try {
        await visit(shopper, crowd);
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

async function visit(shopper: Shopper, crowd: Crowd): Promise<void> {
  const { random, world } = shopper;
  const { clock, opensAt } = world.sale;
  const plan = random.weighted(crowd.plans);
  if (random.chance(crowd.earlyShare)) {
    await clock.until(opensAt - random.between(0, earlyMs));
    await crowd.comeEarly(shopper);
  }
  await clock.until(opensAt + random.wait(crowd.arrivalMeanMs, crowd.arrivalMaxMs));
  await plan(shopper);
}

/** Waits; not at all when the time is over already. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
