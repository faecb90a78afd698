import { type Clock, systemClock } from "../../clock.ts";

const OVER = Symbol("over");

/** Stops waiting after `ms`, with an error that names what was waited for. The work itself may still happen. */
export async function withTimeout<Result>(
  work: PromiseLike<Result>,
  ms: number,
  what: string,
  clock: Clock = systemClock,
): Promise<Result> {
  const result = await orOver(work, ms, clock);
  if (result === OVER) throw new Error(`${what} did not answer in time`);
  return result;
}

/** Resolves when the work is done, or when `ms` are over by this clock. Rejects when the work does before. */
export async function waitFor(work: PromiseLike<unknown>, ms: number, clock: Clock): Promise<void> {
  await orOver(work, ms, clock);
}

/** However it ends, no timer is left: one that runs keeps its object awake. */
async function orOver<Result>(work: PromiseLike<Result>, ms: number, clock: Clock): Promise<Result | typeof OVER> {
  let stop = () => {};
  const over = new Promise<typeof OVER>((resolve) => {
    stop = clock.start(() => resolve(OVER), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    stop();
  }
}
