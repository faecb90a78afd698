import type { Books } from "./crowd/books.ts";
import type { Random } from "./crowd/random.ts";
import type { Sale } from "./crowd/sale.ts";

/** Between which instants after the opening the service is killed, by chance. */
export type Kill = { fromMs: number; toMs: number };

/** Kills the service as often as it is meant to be, and notes for how long it was away. */
export async function killOnTheWay(
  kill: (() => Promise<void>) | null,
  kills: readonly Kill[],
  { opensAt, clock }: Sale,
  books: Books,
  random: Random,
): Promise<void> {
  if (kill === null) return;
  for (const { fromMs, toMs } of kills) {
    await clock.until(opensAt + random.between(fromMs, toMs));
    const outage = { from: clock.now(), to: Number.POSITIVE_INFINITY };
    books.outages.push(outage);
    await kill();
    outage.to = clock.now();
  }
}
