import type { Timers } from "./timers.ts";

const OVER = Symbol("over");

const onThisClock: Pick<Timers, "start"> = {
  start: (act, ms) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** Stops waiting after `ms`, with an error that names what was waited for. The work itself may still happen. */
export async function withTimeout<Result>(work: PromiseLike<Result>, ms: number, what: string): Promise<Result> {
  const result = await orOver(work, ms, onThisClock);
  if (result === OVER) throw new Error(`${what} did not answer in time`);
  return result;
}

/** Resolves when the work is done, or when `ms` are over by these timers. Rejects when the work does before. */
export async function waitFor(work: PromiseLike<unknown>, ms: number, timers: Pick<Timers, "start">): Promise<void> {
  await orOver(work, ms, timers);
}

/** However it ends, no timer is left: one that runs keeps its object awake. */
async function orOver<Result>(
  work: PromiseLike<Result>,
  ms: number,
  timers: Pick<Timers, "start">,
): Promise<Result | typeof OVER> {
  let stop = () => {};
  const over = new Promise<typeof OVER>((resolve) => {
    stop = timers.start(() => resolve(OVER), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    stop();
  }
}
